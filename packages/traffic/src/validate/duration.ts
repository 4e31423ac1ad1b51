// Durations that Istio's schemas leave open, as 0 may stand there.

import { parseDurationMs } from '@clover/model';
import type { FieldPath } from '../read/check-fields.ts';
import type { Say } from './say.ts';

export function checkDuration(text: string | undefined, path: FieldPath, say: Say): void {
  if (text === undefined || isDuration(text)) return;
  say(path, {
    code: 'duration',
    message: `${String(path.at(-1))} is ${JSON.stringify(text)}, which is not a duration`,
    hint: 'write 0s, 30s or 1m',
  });
}

function isDuration(text: string): boolean {
  try {
    return !/[dw]/.test(text) && parseDurationMs(text) >= 0;
  } catch {
    return false;
  }
}
