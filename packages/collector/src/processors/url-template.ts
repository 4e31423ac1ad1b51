// From a URL's path to its template: variable parts become {id}, {uuid}, …, so that a service has as
// many URLs as it has endpoints. What no rule knows is learned: a place in the path with more than
// `maxChildren` different words is variable too and becomes {*}. Bounded: see `maxNodes`.

export interface UrlTemplaterStats {
  /** Places of paths that turned out to be variable. */
  readonly collapsedPlaces: number;
  /** Paths whose rest came out as {**} because the table of known words was full. */
  readonly overflowed: number;
  readonly nodes: number;
}

export interface UrlTemplater {
  /** The template of a path (no query) as seen in a service; `/` for an empty path. */
  template(service: string, path: string): string;
  stats(): UrlTemplaterStats;
}

/** Longer names and paths are not remembered whole. */
const MAX_LEARNED_LENGTH = 512;

interface Node {
  children: Map<string, Node> | undefined;
  collapsed: boolean;
}

/** One learner for the life of the process: what it learned in one batch holds in the next. */
export function createUrlTemplater(
  options: {
    maxChildren?: number;
    maxNodes?: number;
    maxSegments?: number;
    maxCached?: number;
  } = {},
): UrlTemplater {
  const { maxChildren = 100, maxNodes = 50_000, maxSegments = 12 } = options;
  const roots = new Map<string, Node>();
  let nodes = 0;
  let collapsedPlaces = 0;
  let overflowed = 0;

  /** Answers by service and path, until a place collapses: then they may have changed. */
  const cache = new Map<string, Map<string, string>>();
  const maxCached = options.maxCached ?? 50_000;
  let cached = 0;

  function forget(): void {
    cache.clear();
    cached = 0;
  }

  const create = (): Node => {
    nodes++;
    return { children: undefined, collapsed: false };
  };

  /** Undefined when the table of known words is full and this one is not in it. */
  function step(node: Node, word: string): { word: string; next: Node } | undefined {
    const isLiteral = !word.includes('{');
    let name = node.collapsed && isLiteral ? '{*}' : word;
    let next = node.children?.get(name);
    if (next) return { word: name, next };
    if (isLiteral && !node.collapsed && (node.children?.size ?? 0) >= maxChildren) {
      collapse(node);
      name = '{*}';
    }
    next = node.children?.get(name);
    if (!next) {
      if (nodes >= maxNodes) return undefined;
      next = create();
      (node.children ??= new Map()).set(name, next);
    }
    return { word: name, next };
  }

  /** Forgets the literal children; templated ones ({id} and the like) stay apart. */
  function collapse(node: Node): void {
    collapsedPlaces++;
    forget();
    node.collapsed = true;
    const kept = new Map<string, Node>();
    for (const [word, child] of node.children ?? []) {
      if (word.includes('{')) kept.set(word, child);
      else nodes -= size(child);
    }
    node.children = kept;
  }

  function size(node: Node): number {
    let sum = 1;
    for (const child of node.children?.values() ?? []) sum += size(child);
    return sum;
  }

  function learn(service: string, path: string): string {
    const words = path.split('/').filter((word) => word !== '');
    let node = roots.get(service);
    if (!node) {
      if (nodes >= maxNodes) {
        overflowed++;
        return words.length === 0 ? '/' : '/{**}';
      }
      node = create();
      roots.set(service, node);
    }
    let template = '';
    for (let i = 0; i < words.length; i++) {
      if (i === maxSegments) return `${template}/{**}`;
      const taken = step(node, templateWord(words[i]!));
      if (!taken) {
        overflowed++;
        return `${template}/{**}`;
      }
      template += `/${taken.word}`;
      node = taken.next;
    }
    return template || '/';
  }

  return {
    template(service, path) {
      if (path.length > MAX_LEARNED_LENGTH || service.length > MAX_LEARNED_LENGTH)
        return learn(service.slice(0, MAX_LEARNED_LENGTH), path.slice(0, MAX_LEARNED_LENGTH * 4));
      let paths = cache.get(service);
      if (!paths) cache.set(service, (paths = new Map()));
      const known = paths.get(path);
      if (known !== undefined) return known;
      const template = learn(service, path);
      // Not `paths`: learning may have emptied the cache.
      if (cached++ >= maxCached) forget();
      else cache.get(service)?.set(path, template);
      return template;
    },
    stats: () => ({ collapsedPlaces, overflowed, nodes }),
  };
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DATE =
  /^\d{4}-\d{2}(?:-\d{2})?(?:[T_ ]\d{2}:?\d{2}(?::?\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** One word of a path, by its own look alone. */
export function templateWord(raw: string): string {
  let word = raw;
  const semicolon = word.indexOf(';'); // matrix parameters: ;jsessionid=…
  if (semicolon > 0) word = word.slice(0, semicolon);
  if (word.includes('%')) word = decoded(word);
  const length = word.length;
  if (/[{}<>:*]/.test(word) && /^(?:\{.*\}|<.*>|:\w+|\*+)$/.test(word)) return '{*}';
  if (length > 1 && /^[0-9]+$/.test(word)) return UUID.test(word) ? '{uuid}' : '{id}';
  if (/^[0-9]$/.test(word)) return '{id}';
  if (word.includes('@') && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(word)) return '{email}';
  if (/^[A-Za-z.~!$&'()+,=_-]*$/.test(word) && length < 32) return literal(word);
  if (UUID.test(word)) return '{uuid}';
  if (DATE.test(word)) return '{date}';
  if (IPV4.test(word)) return '{ip}';
  if (/^[+-]?\d+[.,]\d+$/.test(word)) return '{number}';
  if (/^(?:0x)?[0-9a-f]{8,}$/i.test(word)) return '{hex}';
  if (isToken(word)) return '{token}';
  if (length > 64) return '{text}';
  return literal(
    word
      .replace(/(^|[._-])[0-9a-f]{8,}(?=$|[._-])/gi, (part, before: string) =>
        /\d/.test(part) ? `${before}{hex}` : part,
      )
      .replace(/^([A-Za-z]+[-_.:])\d{2,}$/, '$1{id}')
      .replace(/^([A-Za-z]+)\d{4,}$/, '$1{id}')
      .replace(/^\d{3,}([-_.:])/, '{id}$1'),
  );
}

/** Base64 and the like: long, and digits among letters of both cases, or of one case when very long. */
function isToken(word: string): boolean {
  if (word.length < 16 || !/^[A-Za-z0-9_+=.~-]+$/.test(word) || !/\d/.test(word)) return false;
  const digits = word.replace(/\D/g, '').length;
  const mixed = /[a-z]/.test(word) && /[A-Z]/.test(word);
  return (mixed && !/[._-][a-z]{2,4}$/.test(word)) || (word.length >= 20 && digits >= 5);
}

/** Spaces, control characters and slashes that were written as %2F do not belong in a template. */
function literal(word: string): string {
  return /[\s/\p{Cc}]/u.test(word) ? '{text}' : word;
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
