/** The anchor of a chart: its title in small letters. */
export function chartId(label: string): string {
  return `chart-${label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')}`;
}

/** A link to a chart that shows the same window (unix ms) whenever it is opened; without a window, the page's own. */
export function chartLink(
  href: string,
  id: string,
  startMs: number | undefined,
  endMs: number | undefined,
): string {
  const url = new URL(href);
  if (startMs !== undefined && endMs !== undefined) {
    url.searchParams.delete('since');
    url.searchParams.set('start', String(startMs));
    url.searchParams.set('end', String(endMs));
  }
  url.hash = id;
  return url.href;
}
