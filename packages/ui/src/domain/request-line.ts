import type { TraceSpan, TraceSummary } from '@clover/model';

/** What was asked for, as `GET /catalog`; undefined when the method or the path is not known. */
export function requestLine(method: string, path: string): string | undefined {
  return method === '' || path === '' ? undefined : `${method} ${path}`;
}

/** The request that began a trace, else the root's name. */
export function traceWords(trace: Pick<TraceSummary, 'rootMethod' | 'rootPath' | 'rootName'>) {
  return requestLine(trace.rootMethod, trace.rootPath) ?? trace.rootName;
}

/** The request of a span, else its name. */
export function spanWords({ attributes, name }: Pick<TraceSpan, 'attributes' | 'name'>): string {
  const text = (key: string) => {
    const value = attributes[key];
    return typeof value === 'string' ? value : '';
  };
  const path = text('url.path') || pathOf(text('url.full'));
  return requestLine(text('http.request.method'), path) ?? name;
}

function pathOf(url: string): string {
  try {
    return new URL(url).pathname;
  } catch {
    return '';
  }
}
