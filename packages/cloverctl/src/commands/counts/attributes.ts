import type { AttributeKeysAnswer, AttributeValuesAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import { limitFlag, outputFlag, scopeFlags } from '../../flags.ts';
import { countColumn, textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';

export const getAttributes: Command = {
  path: 'get attributes',
  aliases: ['attribute', 'attr'],
  summary: 'Attribute keys that came, or the values of one',
  text: 'Keys of span and resource attributes for --filter and `get counts --by`; with a key its most frequent values.',
  examples: [
    { says: 'all keys', line: 'get attributes' },
    {
      says: 'the values of one that begin with "de"',
      line: 'get attributes deployment.environment --prefix de',
    },
  ],
  arguments: [{ name: 'KEY', optional: true, says: 'an attribute', completes: 'attribute' }],
  flags: [
    outputFlag,
    { name: 'prefix', value: 'TEXT', says: 'of a key: only values that begin with this' },
    ...scopeFlags,
    limitFlag('20 values'),
  ],
  run: async (context) => {
    const { client, call, args } = context;
    if (args[0] === undefined) {
      const answer = await client.attributes(context.scope(), call);
      await show<AttributeKeysAnswer, AttributeKeysAnswer['items'][number]>(context, answer, {
        rows: ({ items }) => items,
        name: (row) => row.key,
        empty: 'no attributes in this time range',
        columns: [
          textColumn('KEY', (row) => row.key, { shrinkTo: 24 }),
          { title: 'OF', text: (row) => row.scope },
          textColumn('TYPE', (row) => row.type),
          { title: 'LAST SEEN', text: (row, figures) => figures.time(row.lastSeen) },
        ],
      });
      return;
    }
    const answer = await client.attributeValues(
      {
        ...context.scope(),
        key: args[0],
        prefix: context.text('prefix'),
        limit: context.whole('limit'),
      },
      call,
    );
    await show<AttributeValuesAnswer, AttributeValuesAnswer['items'][number]>(context, answer, {
      rows: ({ items }) => items,
      name: (row) => row.value,
      empty: `no values of ${args[0]} in this time range; \`get attributes\` lists the keys`,
      columns: [
        countColumn('SPANS', (row) => row.count),
        textColumn('VALUE', (row) => row.value || '(empty)', { shrinkTo: 24 }),
      ],
    });
  },
};
