// The commands that ask one question and show rows differ only in the question and the columns.
import type { ScopeInput } from '@clover/client';
import type { Command, Flag } from './command.ts';
import type { Context } from './context.ts';
import { limitFlag, outputFlag, scopeFlags, watchFlags } from './flags.ts';
import { hintService } from './hint-service.ts';
import { cutAt } from './cut-at.ts';
import { show, type View } from './output/show.ts';
import { repeat } from './watch.ts';

interface Listed {
  readonly items: readonly unknown[];
}
type RowOf<Answer> = Answer extends { readonly items: readonly (infer Row)[] } ? Row : never;
type ListView<Answer extends object> = Omit<View<Answer, RowOf<Answer>>, 'rows'>;

export interface ListCommand<Answer extends Listed> extends Omit<Command, 'run' | 'flags'> {
  readonly flags?: readonly Flag[];
  /** The server's usual number of rows when it takes a limit itself; else all rows come and are cut here. */
  readonly serverLimit?: number;
  readonly ask: (context: Context, scope: ScopeInput) => Promise<Answer>;
  readonly view: ListView<Answer> | ((context: Context, answer: Answer) => ListView<Answer>);
  /** The exit code that an answer means; nothing means 0. */
  readonly judge?: (answer: Answer, context: Context) => number;
}

export function listCommand<Answer extends Listed>(spec: ListCommand<Answer>): Command {
  const { ask, view, judge, serverLimit, flags = [], ...words } = spec;
  return {
    ...words,
    flags: [
      outputFlag,
      ...flags,
      ...scopeFlags,
      limitFlag(serverLimit === undefined ? 'all' : String(serverLimit)),
      ...watchFlags,
    ],
    run: (context) =>
      repeat(context, async (round) => {
        const answer = await ask(round, round.scope());
        const shown = serverLimit === undefined ? cutAt(answer, round.whole('limit')) : answer;
        const chosen = typeof view === 'function' ? view(round, shown) : view;
        const rows = ({ items }: Answer) => items as readonly RowOf<Answer>[];
        await show(round, shown, { ...chosen, rows });
        if (answer.items.length === 0) await hintService(round);
        return judge?.(answer, round) ?? 0;
      }),
  };
}
