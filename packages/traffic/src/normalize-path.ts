// Paths as Envoy's `normalize_path` leaves them, which is Istio's default (BASE): what it does is what
// Chromium's URL canonicalizer does to paths (url/url_canon_path.cc), after parameters of dot segments.

/** What none of this is in stays as it is. */
const TO_DO = /[%\\"<>^`{|}]|\/\./;
/** `/..;x/` is `/../`: some servers see it so. */
const DOT_PARAMETERS = /(^|\/)(\.\.?);[^/]*/g;

/**
 * Dot segments resolved, `%2e` among them; escapes of letters, digits and `-._~` undone; backslashes turned;
 * characters that no path has escaped. Double slashes stay, and so do `%2F` and `%5C`. Doing it again changes
 * nothing, which Envoy's does for `/%2e%2e;x/` only: it leaves `/..;x/` there, which is above here as well.
 * `%00`, which Envoy refuses, stays.
 */
export function normalizePath(path: string): string {
  let normal = path;
  while (TO_DO.test(normal)) {
    const before = normal;
    normal = canonical(before.replaceAll(DOT_PARAMETERS, '$1$2'));
    if (normal === before) break;
  }
  return normal;
}

function canonical(path: string): string {
  const end = path.length;
  let output = '';
  /** Of the last % that began no escape: an escape that is undone after it must not make one. */
  let looseAt = -10;
  for (let i = 0; i < end; i++) {
    const dot = dotLength(path, i);
    if (dot > 0) {
      const above = output.endsWith('/') ? segmentAfterDot(path, i + dot) : undefined;
      if (above === undefined) {
        output += '.';
        i += dot - 1;
        continue;
      }
      if (above.up) output = output.slice(0, output.lastIndexOf('/', output.length - 2) + 1) || '/';
      if (looseAt >= output.length) looseAt = -10;
      i = above.next - 1;
      continue;
    }
    const char = path[i]!;
    if (char === '\\') output += '/';
    else if (char === '%') {
      const escape = path.slice(i, i + 3);
      if (!ESCAPE.test(escape)) {
        looseAt = output.length;
        output += '%';
        continue;
      }
      i += 2;
      const code = Number.parseInt(escape.slice(1), 16);
      const plain = String.fromCharCode(code);
      if (code < 0x80 && UNRESERVED.test(plain)) {
        output += plain;
        if (looseAt >= output.length - 3) output = guarded(output, looseAt, path[i + 1]);
      } else output += escape;
    } else if (ESCAPED.test(char)) {
      output += `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    } else output += char;
  }
  return output;
}

const ESCAPE = /^%[0-9A-Fa-f]{2}$/;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const ESCAPED = /["<>^`{|}]/;

/** Of a dot, plain or escaped, at `at`; 0 when there is none. */
function dotLength(path: string, at: number): number {
  if (path[at] === '.') return 1;
  return path[at] === '%' && path[at + 1] === '2' && (path[at + 2] === 'e' || path[at + 2] === 'E')
    ? 3
    : 0;
}

/** What a segment that begins with a dot is: this one or the one above, and where the next begins; undefined for a name. */
function segmentAfterDot(path: string, at: number): { up: boolean; next: number } | undefined {
  if (at === path.length) return { up: false, next: at };
  if (isSlash(path, at)) return { up: false, next: at + 1 };
  const second = dotLength(path, at);
  if (second === 0) return undefined;
  const after = at + second;
  if (after === path.length) return { up: true, next: after };
  return isSlash(path, after) ? { up: true, next: after + 1 } : undefined;
}

const isSlash = (path: string, at: number) => path[at] === '/' || path[at] === '\\';

/** Of `%4` and `%31` must not come `%41`: the loose % is escaped when what follows it now would make one. */
function guarded(output: string, looseAt: number, next: string | undefined): string {
  const text = output.length - looseAt === 2 ? output + (next ?? '') : output;
  if (!ESCAPE.test(text.slice(looseAt, looseAt + 3))) return output;
  return `${output.slice(0, looseAt)}%25${output.slice(looseAt + 1)}`;
}
