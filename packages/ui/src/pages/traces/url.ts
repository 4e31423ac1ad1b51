// What the URL of the traces page says, and what it means to the API and to cloverctl.

export interface TracesUrl {
  readonly service: string;
  readonly operation: string;
  readonly status: 'any' | 'ok' | 'error';
  readonly min: string;
  readonly max: string;
  readonly text: string;
  readonly sort: 'newest' | 'slowest';
}

export function readTracesUrl(search: URLSearchParams): TracesUrl {
  const status = search.get('status');
  return {
    service: search.get('service') ?? '',
    operation: search.get('operation') ?? '',
    status: status === 'ok' || status === 'error' ? status : 'any',
    min: search.get('min') ?? '',
    max: search.get('max') ?? '',
    text: search.get('text') ?? '',
    sort: search.get('sort') === 'slowest' ? 'slowest' : 'newest',
  };
}

/** Only what differs from the defaults. */
export function tracesQuery(url: TracesUrl) {
  return {
    ...(url.service && { service: url.service }),
    ...(url.operation && { operation: url.operation }),
    ...(url.status !== 'any' && { status: url.status }),
    ...(url.min && { minDuration: url.min }),
    ...(url.max && { maxDuration: url.max }),
    ...(url.text && { text: url.text }),
    ...(url.sort !== 'newest' && { sort: url.sort }),
  };
}

export function tracesCommand(url: TracesUrl): string {
  const flags = Object.entries(tracesQuery(url)).map(
    ([name, value]) =>
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} '${String(value).replaceAll("'", "'\\''")}'`,
  );
  return ['cloverctl get traces', ...flags].join(' ');
}
