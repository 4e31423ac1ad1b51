// Imports go the way of all spans: through the pipeline, in pieces.

import { importStream } from '@clover/collector';
import { createSpanWriter } from '@clover/collector';
import type { Importer } from '../deps.ts';
import type { Collection } from './collect.ts';

export function createImporter({ pipeline, metrics, meters }: Collection): Importer {
  const write = createSpanWriter(pipeline, 'import');
  return {
    run: (body, query, { signal, onProgress }) =>
      importStream(body, {
        format: query.format,
        signal,
        ...(onProgress && { onProgress }),
        async writeSpans(spans) {
          const refused = await write(spans);
          const lost = refused.reduce((sum, { count }) => sum + count, 0);
          meters.import.accept({ spans: spans.length - lost });
          for (const { reason, count } of refused) meters.import.refuse(reason, count, reason);
          return refused;
        },
        async writeMetrics(batch) {
          await metrics.submit(batch);
          meters.import.accept({ points: batch.values.length });
        },
      }),
  };
}
