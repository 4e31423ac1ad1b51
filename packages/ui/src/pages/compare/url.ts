// What the URL of the compare page says.

export interface CompareUrl {
  readonly service: string;
  /** window: B is the page's range, A the one before it; version: two versions; filter: two filters. */
  readonly by: 'window' | 'version' | 'filter';
  readonly a: string;
  readonly b: string;
}

export function readCompareUrl(search: URLSearchParams): CompareUrl {
  const by = search.get('by');
  return {
    service: search.get('service') ?? '',
    by: by === 'version' || by === 'filter' ? by : 'window',
    a: search.get('a') ?? '',
    b: search.get('b') ?? '',
  };
}

export function compareQuery(url: CompareUrl) {
  return {
    ...(url.service && { service: url.service }),
    ...(url.by === 'version' && {
      ...(url.a && { aVersion: url.a }),
      ...(url.b && { bVersion: url.b }),
    }),
    ...(url.by === 'filter' && {
      ...(url.a && { aFilter: [url.a] }),
      ...(url.b && { bFilter: [url.b] }),
    }),
    // For two windows A is given by a time before: 1h means the same window an hour earlier.
    ...(url.by === 'window' &&
      url.a && {
        aStart: url.a.split('..')[0]!,
        ...(url.a.includes('..') && { aEnd: url.a.split('..')[1]! }),
      }),
  };
}
