// `explain --trace`: each request of a recorded trace, as the rules say and as it went.

import type { Decider } from './decider.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../errors.ts';
import { showObject } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { destinationText, ruleText } from './decision-words.ts';

/** Exit code 3 when a request went elsewhere than the rules allow. */
export async function explainTrace(
  context: Context,
  { table, finder, absent }: Decider,
  traceId: string,
): Promise<number> {
  const traffic = await import('@clover/traffic');
  const trace = await context.client.trace(traceId, context.call);
  const rows = trace.spans.flatMap((span) => {
    const asked = traffic.requestOfSpan({
      traceId: trace.traceId,
      service: span.service,
      kind: span.kind,
      attributes: span.attributes,
    });
    return asked
      ? [{ span, asked, explained: traffic.explainRequest(table, finder, asked, absent) }]
      : [];
  });
  if (context.output !== 'table' && context.output !== 'wide') {
    const items = rows.map(({ span, asked, explained }) => ({
      spanId: span.spanId,
      service: span.service,
      request: { method: asked.method, path: asked.path, headers: asked.headers },
      ...explained.line,
      undecided: explained.undecided,
      agrees: explained.agrees ?? null,
      ...(explained.difference === undefined ? {} : { difference: explained.difference }),
    }));
    if (context.output === 'jsonl')
      for (const item of items) context.io.stdout.write(`${JSON.stringify(item)}\n`);
    else await showObject(context, { traceId: trace.traceId, items });
  } else {
    const { style, io } = context;
    for (const { span, asked, explained } of rows) {
      const { line, undecided, agrees, difference } = explained;
      const verdict =
        undecided.length > 0 && agrees === undefined
          ? style.yellow(`undecided: ${undecided.join(', ')} was not recorded`)
          : agrees === true
            ? style.green('as the rules say')
            : style.red(`not as the rules say: ${difference}`);
      io.stdout.write(
        `${style.service(span.service)(harmless(span.service))}  ${style.bold(harmless(`${asked.method} http://${asked.headers['host']}${asked.path}`))}\n` +
          `  ${harmless(ruleText(line))}: ${harmless(destinationText(line))}\n  ${verdict}\n`,
      );
    }
  }
  if (rows.length === 0)
    context.note('no span of this trace is a decision of a proxy about an HTTP request');
  return rows.some(({ explained }) => explained.agrees === false) ? EXIT.negative : EXIT.ok;
}
