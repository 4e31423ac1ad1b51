import { parseFilter } from '@clover/model/filter';
import { usageError } from '../../errors.ts';

export interface Sides {
  readonly aStart: string | undefined;
  readonly aEnd: string | undefined;
  readonly aVersion: undefined;
  readonly aFilter: string[] | undefined;
  readonly bStart: string | undefined;
  readonly bEnd: string | undefined;
  readonly bVersion: undefined;
  readonly bFilter: string[] | undefined;
}

/** The parameters of two sides, each a list of filters and at most one window. Throws CloverError `cloverctl.usage` and `filter.*`. */
export function parseSides(a: readonly string[], b: readonly string[]): Sides {
  const sideA = parseSide('a', a);
  const sideB = parseSide('b', b);
  return {
    aStart: sideA.start,
    aEnd: sideA.end,
    aVersion: undefined,
    aFilter: sideA.filters,
    bStart: sideB.start,
    bEnd: sideB.end,
    bVersion: undefined,
    bFilter: sideB.filters,
  };
}

function parseSide(name: string, specs: readonly string[]) {
  let window: readonly string[] | undefined;
  const filters: string[] = [];
  for (const spec of specs) {
    const parts = /[=<>~]/.test(spec) ? [] : spec.split('..');
    if (parts.length === 2) {
      if (window) throw usageError(`--${name} has two windows`);
      window = parts;
    } else {
      if (!/[=<>~]/.test(spec))
        throw usageError(
          `--${name} ${spec}: neither a filter nor a window`,
          'write version=v2, or now-2h..now-1h',
        );
      parseFilter(spec);
      filters.push(spec);
    }
  }
  return {
    start: window?.[0] || undefined,
    end: window?.[1] || undefined,
    filters: filters.length > 0 ? filters : undefined,
  };
}
