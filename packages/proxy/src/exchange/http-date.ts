let second = -1;
let text = '';

/** `Date` as HTTP writes it, worked out once a second. */
export function httpDate(nowMs = Date.now()): string {
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
