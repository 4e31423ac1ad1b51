// Names as they come off the wire to one lower-case string each, and the few that frame a message.

export const FRAMING = {
  none: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  /** Means something to the next hop only. */
  hop: 5,
  upgrade: 6,
  expect: 7,
  te: 8,
} as const;

export interface HeaderName {
  readonly text: string;
  readonly framing: number;
}

const KNOWN: Readonly<Record<string, number>> = {
  host: FRAMING.host,
  'content-length': FRAMING.contentLength,
  'transfer-encoding': FRAMING.transferEncoding,
  connection: FRAMING.connection,
  'keep-alive': FRAMING.hop,
  'proxy-connection': FRAMING.hop,
  'http2-settings': FRAMING.hop,
  upgrade: FRAMING.upgrade,
  expect: FRAMING.expect,
  te: FRAMING.te,
};

/** Strangers must not fill the memory with names of their own. */
const MAX_KEPT = 4096;
const MAX_KEPT_LENGTH = 64;
const kept = new Map<string, HeaderName>();

/** The name as sent (any case) as the one that stands for it. */
export function headerName(raw: string): HeaderName {
  const known = kept.get(raw);
  if (known !== undefined) return known;
  const text = raw.toLowerCase();
  const name = { text, framing: Object.hasOwn(KNOWN, text) ? KNOWN[text]! : FRAMING.none };
  if (kept.size < MAX_KEPT && raw.length <= MAX_KEPT_LENGTH) kept.set(flat(raw), name);
  return name;
}

/** A copy that does not hold on to the message it was cut from. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
