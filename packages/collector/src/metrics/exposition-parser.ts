// Prometheus' text format 0.0.4 and OpenMetrics 1.0, line by line and strict about syntax: a line
// that is not of the format is an error with its number, and then nothing of the exposition counts.
// https://prometheus.io/docs/instrumenting/exposition_formats/
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md

import { CloverError, type MetricSeries } from '@clover/model';
import { familyOf, metricType, type MetricFamily } from './family.ts';
import type { MetricBatchBuilder } from './metric-batch-builder.ts';

export interface ExpositionOptions {
  readonly format: 'text' | 'openmetrics';
  /** Time of samples that carry none. */
  readonly timeUnixMs: number;
  /** Takes a series' own labels, gives those to store: a scrape adds job and instance. */
  readonly relabel?: (labels: Record<string, string>) => Record<string, string>;
  /** More samples than this are an error. Default no limit. */
  readonly maxSamples?: number;
  /** false: times in the exposition are not used. Default true. */
  readonly honorTimestamps?: boolean;
}

export interface ExpositionParser {
  /** Whole lines or parts of them, in order. */
  push(text: string): void;
  /** Ends it: a last line without a line feed counts, in OpenMetrics `# EOF` must have come. */
  end(): void;
  readonly samples: number;
}

/**
 * Parses into `builder` as text comes. Throws CloverError `metrics.bad_exposition` with the line's
 * number; what the builder holds by then is the caller's to throw away.
 */
export function createExpositionParser(
  builder: MetricBatchBuilder,
  options: ExpositionOptions,
): ExpositionParser {
  const openMetrics = options.format === 'openmetrics';
  const families = new Map<string, MetricFamily>();
  const honorTimestamps = options.honorTimestamps ?? true;
  const maxSamples = options.maxSamples ?? Number.POSITIVE_INFINITY;
  let lineNumber = 0;
  let rest = '';
  let ended = false; // saw # EOF
  let samples = 0;

  function push(text: string) {
    const all = rest === '' ? text : rest + text;
    let from = 0;
    for (;;) {
      const feed = all.indexOf('\n', from);
      if (feed === -1) break;
      line(all, from, feed);
      from = feed + 1;
    }
    rest = all.slice(from);
    if (rest.length > MAX_LINE) {
      lineNumber++;
      fail(`longer than ${MAX_LINE} characters`);
    }
  }

  function end() {
    if (rest !== '') {
      const last = rest;
      rest = '';
      line(last, 0, last.length);
    }
    if (openMetrics && !ended) fail('the exposition ends without # EOF: it may be cut short');
  }

  function fail(what: string): never {
    const at = `line ${lineNumber}`;
    throw new CloverError('metrics.bad_exposition', `${at}: ${what}`, {
      hint: 'the target does not speak the Prometheus text format or OpenMetrics as it says',
      status: 400,
      issues: [{ at, message: what }],
    });
  }

  function line(text: string, start: number, feed: number) {
    lineNumber++;
    let stop = feed;
    if (!openMetrics && stop > start && text.charCodeAt(stop - 1) === 13) stop--;
    if (ended) fail('nothing may follow # EOF');
    let at = start;
    if (!openMetrics) at = skipBlank(text, at, stop);
    if (at === stop) {
      if (openMetrics) fail('an empty line');
      return;
    }
    if (text.charCodeAt(at) === 35) comment(text.slice(at, stop));
    else sample(text, at, stop);
  }

  function comment(text: string) {
    if (openMetrics && text === '# EOF') {
      ended = true;
      return;
    }
    const match = META.exec(text);
    if (match === null) {
      if (openMetrics) fail('only # HELP, # TYPE, # UNIT and # EOF may start with #');
      if (/^#[ \t]+(HELP|TYPE)([ \t]|$)/.test(text)) fail(`"${shorten(text)}" names no metric`);
      return;
    }
    const [, word, name, value] = match as unknown as [string, string, string, string | undefined];
    let family = families.get(name);
    if (family === undefined) {
      family = { type: 'unknown', unit: '', help: '' };
      families.set(name, family);
    }
    if (word === 'HELP') family.help = unescape(value ?? '', openMetrics);
    else if (word === 'UNIT') family.unit = value ?? '';
    else {
      const type = metricType((value ?? '').trim());
      if (type === undefined) fail(`"${shorten(value ?? '')}" is not a metric type`);
      family.type = type;
    }
  }

  function sample(text: string, start: number, stop: number) {
    const nameEnd = nameStop(text, start, stop);
    if (nameEnd === start)
      fail(`"${shorten(text.slice(start, stop))}" does not start with a metric name`);
    const labelStart = openMetrics ? nameEnd : skipBlank(text, nameEnd, stop);
    const labelled = labelStart < stop && text.charCodeAt(labelStart) === 123;
    const keyEnd = labelled ? labelsStop(text, labelStart, stop) : nameEnd;
    const index = builder.series(text.slice(start, keyEnd), () =>
      makeSeries(text.slice(start, nameEnd), labelled ? parseLabels(text, labelStart, keyEnd) : {}),
    );
    const valueStart = openMetrics ? oneSpace(text, keyEnd, stop) : skipBlank(text, keyEnd, stop);
    if (valueStart === keyEnd && !labelled) fail('a value was expected after the name');
    const valueEnd = wordStop(text, valueStart, stop);
    if (valueEnd === valueStart) fail('the value is missing');
    const value = parseValue(text.slice(valueStart, valueEnd));
    if (value === undefined) fail(`"${shorten(text.slice(valueStart, valueEnd))}" is not a number`);
    let timeUnixMs = options.timeUnixMs;
    let next = openMetrics ? valueEnd : skipBlank(text, valueEnd, stop);
    if (next < stop) {
      if (openMetrics) next = oneSpace(text, next, stop);
      if (text.charCodeAt(next) !== 35) {
        const timeEnd = wordStop(text, next, stop);
        const time = parseTime(text.slice(next, timeEnd));
        if (honorTimestamps) timeUnixMs = time;
        next = openMetrics ? timeEnd : skipBlank(text, timeEnd, stop);
        if (openMetrics && next < stop) next = oneSpace(text, next, stop);
      }
      if (next < stop) {
        if (openMetrics && text.charCodeAt(next) === 35) checkExemplar(text.slice(next, stop));
        else fail(`"${shorten(text.slice(next, stop))}" stands after the sample`);
      }
    }
    if (++samples > maxSamples) fail(`more than ${maxSamples} samples`);
    builder.point(index, timeUnixMs, value);
  }

  function makeSeries(name: string, own: Record<string, string>): MetricSeries {
    const family = familyOf(name, families);
    return {
      name,
      labels: options.relabel === undefined ? own : options.relabel(own),
      type: family?.type ?? 'unknown',
      unit: family?.unit ?? '',
      help: family?.help ?? '',
    };
  }

  /** The index behind the closing brace; braces inside quoted values do not count. */
  function labelsStop(text: string, start: number, stop: number): number {
    let quoted = false;
    for (let at = start + 1; at < stop; at++) {
      const code = text.charCodeAt(at);
      if (quoted) {
        if (code === 92) at++;
        else if (code === 34) quoted = false;
      } else if (code === 34) quoted = true;
      else if (code === 125) return at + 1;
    }
    return fail('the labels do not end: } is missing');
  }

  function parseLabels(text: string, start: number, stop: number): Record<string, string> {
    const entries: [string, string][] = [];
    const seen = new Set<string>();
    const last = stop - 1; // the closing brace
    let at = blank(text, start + 1, last);
    while (at < last) {
      const nameEnd = labelNameStop(text, at, last);
      if (nameEnd === at) {
        if (text.charCodeAt(at) === 34) fail('names in quotes (UTF-8 names) are not supported');
        fail(`"${shorten(text.slice(at, last))}" is not a label name`);
      }
      const name = text.slice(at, nameEnd);
      at = blank(text, nameEnd, last);
      if (text.charCodeAt(at) !== 61) fail(`= was expected after the label name ${name}`);
      at = blank(text, at + 1, last);
      if (text.charCodeAt(at) !== 34) fail(`the value of label ${name} is not in quotes`);
      const valueStart = ++at;
      let escaped = false;
      while (at < last && text.charCodeAt(at) !== 34) {
        if (text.charCodeAt(at) === 92) {
          escaped = true;
          at++;
        }
        at++;
      }
      if (at >= last) fail(`the value of label ${name} does not end`);
      const raw = text.slice(valueStart, at);
      if (seen.has(name)) fail(`the label ${name} stands twice`);
      seen.add(name);
      entries.push([name, escaped ? unescape(raw, true) : raw]);
      at = blank(text, at + 1, last);
      if (at === last) break;
      if (text.charCodeAt(at) !== 44) fail('a comma was expected between labels');
      at = blank(text, at + 1, last);
      if (openMetrics && at === last) fail('a comma after the last label');
    }
    return Object.fromEntries(entries);
  }

  function blank(text: string, at: number, stop: number): number {
    return openMetrics ? at : skipBlank(text, at, stop);
  }

  function oneSpace(text: string, at: number, stop: number): number {
    if (at >= stop || text.charCodeAt(at) !== 32) fail('exactly one space was expected');
    return at + 1;
  }

  function parseTime(text: string): number {
    const time = openMetrics
      ? DECIMAL.test(text)
        ? Number(text) * 1000
        : Number.NaN
      : /^-?\d{1,16}$/.test(text)
        ? Number(text)
        : Number.NaN;
    if (!Number.isFinite(time) || Math.abs(time) > MAX_TIME_MS) {
      fail(`"${shorten(text)}" is not a time in ${openMetrics ? 'seconds' : 'milliseconds'}`);
    }
    return time;
  }

  // Exemplars are checked and left out: Clover has the traces themselves.
  function checkExemplar(text: string) {
    const match = /^# (\{.*\}) (\S+)(?: (\S+))?$/s.exec(text);
    if (match === null) fail('the exemplar is not of the form # {labels} value [time]');
    parseLabels(match[1]!, 0, match[1]!.length);
    if (parseValue(match[2]!) === undefined) fail('the exemplar has no number');
    if (match[3] !== undefined) parseTime(match[3]);
  }

  return {
    push,
    end,
    get samples() {
      return samples;
    },
  };
}

const META = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t](.*))?$/s;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_LINE = 1_048_576;
const MAX_TIME_MS = 8_640_000_000_000_000;

/** A number as Prometheus writes it; undefined when it is none. */
export function parseValue(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case '+inf':
    case 'inf':
    case '+infinity':
    case 'infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    case 'nan':
    case '+nan':
    case '-nan':
      return Number.NaN;
    default:
      return undefined;
  }
}

function unescape(text: string, quotes: boolean): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([\\n"])/g, (whole, code: string) =>
    code === 'n' ? '\n' : code === '"' && !quotes ? whole : code,
  );
}

function skipBlank(text: string, start: number, stop: number): number {
  let at = start;
  while (at < stop && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at;
}

function wordStop(text: string, start: number, stop: number): number {
  let at = start;
  while (at < stop && text.charCodeAt(at) !== 32 && text.charCodeAt(at) !== 9) at++;
  return at;
}

function nameStop(text: string, start: number, stop: number): number {
  let at = start;
  while (at < stop && isNameCode(text.charCodeAt(at), at > start)) at++;
  return at;
}

function labelNameStop(text: string, start: number, stop: number): number {
  let at = start;
  while (at < stop && text.charCodeAt(at) !== 58 && isNameCode(text.charCodeAt(at), at > start))
    at++;
  return at;
}

function isNameCode(code: number, digits: boolean): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code === 58 ||
    (digits && code >= 48 && code <= 57)
  );
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
