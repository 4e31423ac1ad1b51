// What a command is given when it runs: its words, the client, and where to write.
import { createClient, type CallOptions, type Client, type ScopeInput } from '@clover/client';
import { parseDurationMs } from '@clover/model/time';
import type { Settings } from './config/settings.ts';
import { usageError } from './errors.ts';
import type { Io } from './io.ts';
import { createFigures, type Figures } from './output/figures.ts';
import { OUTPUTS, outputNamed, type Output } from './output/outputs.ts';
import { createStyle, wantsColour, wantsUnicode, type Style } from './output/style.ts';

/** The values of a command's flags: text, true for a switch, a list for a flag that may be repeated. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface Context {
  readonly io: Io;
  readonly args: readonly string[];
  readonly settings: Settings;
  readonly client: Client;
  /** For every call of the client: ends it when the user interrupts. */
  readonly call: CallOptions;
  readonly output: Output;
  /** The form was asked for with -o: a table then has its header in a pipe too. */
  readonly outputNamed: boolean;
  /** stdout is a terminal: header, colours, drawings, local times. */
  readonly terminal: boolean;
  readonly style: Style;
  /** Colours of stderr. */
  readonly errorStyle: Style;
  readonly figures: Figures;
  /** Cells of the terminal, from COLUMNS or the terminal itself; 80 when nobody knows. */
  readonly width: number;
  text(flag: string): string | undefined;
  list(flag: string): readonly string[];
  whole(flag: string): number | undefined;
  durationMs(flag: string): number | undefined;
  on(flag: string): boolean;
  /** The time range and filters of the flags. */
  scope(): ScopeInput;
  /** A line on stderr. */
  note(text: string): void;
  /** The same with another outside; sizes and times are read anew. */
  withIo(io: Io): Context;
}

/** Throws CloverError `cloverctl.usage` for an output that does not exist. */
export function createContext(
  io: Io,
  input: { args: readonly string[]; flags: FlagValues; settings: Settings },
): Context {
  const { args, flags, settings } = input;
  const terminal = io.stdout.isTerminal;
  const errorStyle = createStyle(wantsColour(io.env, io.stderr.isTerminal));
  const text = (flag: string): string | undefined => {
    const value = flags[flag];
    return typeof value === 'string' ? value : undefined;
  };
  const durationMs = (flag: string): number | undefined => {
    const value = text(flag);
    return value === undefined ? undefined : parseDurationMs(value);
  };
  const list = (flag: string): readonly string[] => (flags[flag] as string[] | undefined) ?? [];
  let client: Client | undefined;
  return {
    io,
    args,
    settings,
    get client() {
      return (client ??= createClient({
        baseUrl: settings.server.value!,
        token: settings.token.value,
        timeoutMs: durationMs('timeout'),
      }));
    },
    call: { signal: io.signal },
    get output() {
      return outputOf(settings.output.value, flags['output'] !== undefined);
    },
    outputNamed: flags['output'] !== undefined,
    terminal,
    style: createStyle(wantsColour(io.env, terminal)),
    errorStyle,
    figures: createFigures({
      machine: !terminal,
      unicode: wantsUnicode(io.env),
      nowMs: io.nowMs(),
    }),
    width: widthOf(io),
    text,
    list,
    durationMs,
    whole(flag) {
      const value = text(flag);
      if (value === undefined) return undefined;
      if (!/^\d{1,9}$/.test(value) || Number(value) === 0)
        throw usageError(`--${flag} takes a whole number above 0, not "${value}"`);
      return Number(value);
    },
    on: (flag) => flags[flag] === true,
    scope: () => ({
      start: text('start'),
      end: text('end'),
      since: text('start') === undefined ? settings.since.value : undefined,
      service: text('service'),
      version: undefined,
      filter: list('filter').length > 0 ? [...list('filter')] : undefined,
    }),
    note: (line) => io.stderr.write(`${line}\n`),
    withIo: (other) => createContext(other, input),
  };
}

function outputOf(value: string | undefined, fromFlag: boolean): Output {
  const known = outputNamed(value ?? 'table', fromFlag);
  if (known) return known;
  throw usageError(`there is no output "${value}"`, `known: ${OUTPUTS.join(', ')}`);
}

function widthOf(io: Io): number {
  const columns = Number(io.env['COLUMNS']);
  const width = Number.isInteger(columns) && columns > 0 ? columns : io.stdout.columns;
  return Math.max(40, width ?? 80);
}
