// What a command is: words about it, and what it does. The program, the help, the completion and the
// reference in docs/ are all made from these. A command's file must be cheap to load: what is heavy
// (zod, yaml) is imported inside `run`.
import type { Context } from './context.ts';

/** What completion offers for a value. */
export type Completes =
  | 'service'
  | 'operation'
  | 'trace'
  | 'filter'
  | 'attribute'
  | 'metric'
  | 'file';

export interface Argument {
  readonly name: string;
  readonly says: string;
  readonly optional?: boolean;
  readonly many?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

export interface Flag {
  /** Without dashes: `since`. */
  readonly name: string;
  readonly short?: string;
  /** The name of the value (`DURATION`); a flag without one is a switch. */
  readonly value?: string;
  readonly says: string;
  readonly choices?: readonly string[];
  /** May be given several times; the value is then a list. */
  readonly many?: boolean;
  readonly type?: 'whole' | 'duration';
  readonly completes?: Completes;
}

export interface Example {
  readonly says: string;
  /** Without the program's name. */
  readonly line: string;
}

export interface Command {
  /** The words that call it: `get services`. */
  readonly path: string;
  /** Other last words: `service`, `svc`. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly text: string;
  readonly examples: readonly Example[];
  readonly arguments?: readonly Argument[];
  readonly flags?: readonly Flag[];
  /** The exit code; nothing means 0. */
  readonly run: (context: Context) => Promise<number | void>;
}

/** A word that has commands under it (`get`), for help. */
export interface Group {
  readonly word: string;
  readonly summary: string;
}
