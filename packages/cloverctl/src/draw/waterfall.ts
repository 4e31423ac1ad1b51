// A trace as a waterfall: the tree of its spans at the left, their time at the right, the critical
// path drawn heavy.
import type { TraceDetail, TraceSpan } from '@clover/model';
import type { z } from 'zod';
import type { Figures } from '../output/figures.ts';
import type { Style } from '../output/style.ts';
import { harmless, padTo, shorten, textWidth } from '../output/text.ts';
import { treeLines } from './tree.ts';

type Span = z.infer<typeof TraceSpan>;

export interface WaterfallOptions {
  readonly style: Style;
  readonly figures: Figures;
  readonly width: number;
}

const GAP = 2;

/** A line per span under a line with the time axis. */
export function waterfallLines(trace: TraceDetail, options: WaterfallOptions): string[] {
  const { style, figures, width } = options;
  const rows = treeLines(trace.spans, (span) => span.depth, figures.unicode).map(
    ({ item, branch }) => ({
      span: item,
      branch,
      service: harmless(item.service),
      name: harmless(item.name),
      duration: figures.duration(item.durationNs),
      mark: markOf(item),
    }),
  );
  const longest = Math.max(
    0,
    ...rows.map((row) => textWidth(row.branch) + textWidth(row.service) + 1 + textWidth(row.name)),
  );
  const durations = Math.max(8, ...rows.map((row) => row.duration.length));
  const marks = Math.max(0, ...rows.map((row) => textWidth(row.mark)));
  const fixed = durations + GAP + (marks > 0 ? marks + GAP : 0);
  const label = Math.min(longest, Math.max(20, Math.floor((width - fixed) * 0.45)));
  const bars = Math.max(10, width - label - GAP - fixed - GAP);
  const critical = criticalBySpan(trace);
  const lines = rows.map((each) => {
    const row = { ...each, branch: fitBranch(each.branch, label) };
    const service = shorten(
      row.service,
      label - textWidth(row.branch),
      figures.unicode ? '…' : '~',
    );
    const nameWidth = label - textWidth(row.branch) - textWidth(service) - 1;
    const name = nameWidth > 0 ? padTo(shorten(row.name, nameWidth), nameWidth) : '';
    const left =
      style.dim(row.branch) +
      style.service(row.span.service)(service) +
      (nameWidth > 0 ? ` ${name}` : padTo('', label - textWidth(row.branch) - textWidth(service)));
    const bar = barOf(
      row.span,
      trace.durationNs,
      bars,
      critical.get(row.span.spanId) ?? [],
      options,
    );
    const duration = padTo(row.duration, durations, 'right');
    const mark =
      row.mark === '' ? '' : `  ${row.span.failed ? style.red(row.mark) : style.yellow(row.mark)}`;
    return `${left}  ${bar}  ${duration}${mark}`.trimEnd();
  });
  return [
    style.dim(`${' '.repeat(label + GAP)}${axis(trace.durationNs, bars, figures)}`.trimEnd()),
    ...lines,
  ];
}

/** A very deep tree must leave room for names: the near end of the branch stays. */
function fitBranch(branch: string, label: number): string {
  const room = label - 4;
  return branch.length <= room ? branch : branch.slice(branch.length - room);
}

/** What is wrong with a span, in few letters: status code, response flags, broken parent. */
function markOf(span: Span): string {
  const code = span.httpStatusCode;
  return [
    ...(code >= 400 ? [String(code)] : []),
    ...(span.failed && code < 400 ? ['error'] : []),
    ...(span.responseFlags && span.responseFlags !== '-' ? [harmless(span.responseFlags)] : []),
    ...(span.orphan ? ['parent missing'] : []),
  ].join(' ');
}

function criticalBySpan(trace: TraceDetail): Map<string, { fromNs: number; toNs: number }[]> {
  const found = new Map<string, { fromNs: number; toNs: number }[]>();
  for (const { spanId, fromNs, toNs } of trace.criticalPath) {
    const list = found.get(spanId);
    if (list) list.push({ fromNs, toNs });
    else found.set(spanId, [{ fromNs, toNs }]);
  }
  return found;
}

/** Light where the span only waited for others, heavy where it was on the critical path. */
function barOf(
  span: Span,
  wholeNs: number,
  cells: number,
  critical: readonly { fromNs: number; toNs: number }[],
  { style, figures }: WaterfallOptions,
): string {
  const [heavy, light] = figures.unicode ? ['━', '─'] : ['=', '-'];
  const scale = wholeNs > 0 ? cells / wholeNs : 0;
  const from = Math.min(cells - 1, Math.max(0, Math.floor(span.offsetNs * scale)));
  const to = Math.min(
    cells,
    Math.max(from + 1, Math.round((span.offsetNs + span.durationNs) * scale)),
  );
  const isHeavy = Array.from({ length: to - from }, () => false);
  for (const part of critical) {
    const first = Math.max(from, Math.min(to - 1, Math.floor(part.fromNs * scale)));
    const last = Math.min(to, Math.max(first + 1, Math.round(part.toNs * scale)));
    isHeavy.fill(true, first - from, last - from);
  }
  const paint = style.service(span.service);
  let drawn = '';
  for (let cell = 0; cell < isHeavy.length;) {
    const start = cell;
    while (cell < isHeavy.length && isHeavy[cell] === isHeavy[start]) cell++;
    const run = (isHeavy[start] ? heavy! : light!).repeat(cell - start);
    drawn += isHeavy[start] ? style.bold(paint(run)) : paint(run);
  }
  return `${' '.repeat(from)}${drawn}${' '.repeat(cells - to)}`;
}

/** Times at the start, the thirds (where there is room) and the end. */
function axis(wholeNs: number, cells: number, figures: Figures): string {
  const parts = cells >= 60 ? 4 : cells >= 30 ? 2 : 1;
  let line = '';
  for (let part = 0; part <= parts; part++) {
    const text = part === 0 ? '0' : figures.duration((wholeNs * part) / parts);
    const at = Math.round((cells * part) / parts);
    const start =
      part === 0 ? 0 : part === parts ? cells - text.length : at - Math.floor(text.length / 2);
    line = padTo(line, Math.max(line.length, start)) + text;
  }
  return line;
}
