// A synthetic system as OTLP JSON lines: many services in namespaces, each calling a few of the tiers below.

const TIERS = 6;
const LINE_SPANS = 500;

export interface LargeGraph {
  readonly lines: string;
  readonly services: readonly string[];
  readonly edges: number;
}

/** One call per edge: a client-side span of the caller and a server-side span of the callee; every 40th fails. */
export function largeGraph(options: {
  readonly services: number;
  readonly edges: number;
  readonly endMs: number;
}): LargeGraph {
  const { endMs } = options;
  const services = Array.from({ length: options.services }, (_, index) => ({
    name: `svc-${String(index).padStart(4, '0')}`,
    namespace: `team-${index % 24}`,
    tier: Math.floor((index / options.services) * TIERS),
  }));
  const below = (tier: number) => services.filter((one) => one.tier > tier);
  const callees = Array.from({ length: TIERS }, (_, tier) => below(tier));
  const random = lcg(7);
  const pairs = new Set<string>();
  const spansOf = new Map<string, object[]>();
  const push = (service: string, span: object) =>
    (spansOf.get(service) ?? spansOf.set(service, []).get(service)!).push(span);
  for (let index = 0; pairs.size < options.edges; index++) {
    const from = services[index % services.length]!;
    const choice = callees[from.tier]!;
    // What nothing stands below calls nobody.
    if (choice.length === 0) continue;
    const to = choice[Math.floor(random() * choice.length)]!;
    const pair = `${from.name} ${to.name}`;
    if (pairs.has(pair)) continue;
    pairs.add(pair);
    const [traceId, root, call, answer] = [
      hex(32, random),
      hex(16, random),
      hex(16, random),
      hex(16, random),
    ];
    const startMs = endMs - Math.floor(random() * 240_000) - 30_000;
    const failed = pairs.size % 40 === 0;
    const durationMs = 5 + Math.floor(random() * 60);
    const common = { traceId, name: 'GET /', attributes: status(failed ? 503 : 200) };
    const error = failed ? { status: { code: 2, message: 'unavailable' } } : {};
    push(from.name, {
      ...common,
      spanId: root,
      kind: 2,
      ...times(startMs, durationMs + 4),
    });
    push(from.name, {
      ...common,
      spanId: call,
      parentSpanId: root,
      kind: 3,
      ...times(startMs + 1, durationMs + 2),
      ...error,
    });
    push(to.name, {
      ...common,
      spanId: answer,
      parentSpanId: call,
      kind: 2,
      ...times(startMs + 2, durationMs),
      ...error,
    });
  }
  const resources = services.flatMap(({ name, namespace }) =>
    chunks(spansOf.get(name) ?? [], LINE_SPANS).map((spans) => ({
      resource: {
        attributes: [text('service.name', name), text('service.namespace', namespace)],
      },
      scopeSpans: [{ spans }],
    })),
  );
  return {
    lines: resources.map((one) => JSON.stringify({ resourceSpans: [one] })).join('\n'),
    services: [...spansOf.keys()],
    edges: pairs.size,
  };
}

/** The same numbers each time. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function hex(length: number, random: () => number): string {
  let digits = '';
  while (digits.length < length) digits += Math.floor(random() * 16).toString(16);
  return digits;
}

function times(startMs: number, durationMs: number) {
  return {
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + durationMs}000000`,
  };
}

function text(key: string, value: string) {
  return { key, value: { stringValue: value } };
}

function status(code: number) {
  return [
    text('http.request.method', 'GET'),
    { key: 'http.response.status_code', value: { intValue: String(code) } },
  ];
}

function chunks<One>(list: readonly One[], size: number): One[][] {
  const parts: One[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}
