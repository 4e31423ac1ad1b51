// Flags that several commands have.
import type { Flag } from './command.ts';
import { OUTPUTS } from './output/outputs.ts';

/** Every command has these. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  {
    name: 'server',
    value: 'URL',
    says: 'the controller to ask (CLOVER_SERVER; default http://127.0.0.1:9400)',
  },
  { name: 'token', value: 'TOKEN', says: 'token, when the controller demands one (CLOVER_TOKEN)' },
  {
    name: 'timeout',
    value: 'DURATION',
    type: 'duration',
    says: 'give up when there is no answer after so long (default 60s)',
  },
];

export const outputFlag: Flag = {
  name: 'output',
  short: 'o',
  value: 'FORM',
  choices: OUTPUTS,
  says: `form of the output: ${OUTPUTS.join(', ')}`,
};

/** For commands that know fewer forms, or others than the usual ones. */
export const outputFlagOf = (...forms: readonly string[]): Flag => ({
  ...outputFlag,
  choices: forms,
  says: `form of the output: ${forms.join(', ')}`,
});

/** Time range and filters. */
export const scopeFlags: readonly Flag[] = [
  {
    name: 'since',
    value: 'DURATION',
    says: 'how far back from the end: 30s, 15m, 2h, 7d (default 15m)',
  },
  { name: 'start', value: 'TIME', says: 'start: RFC 3339, unix milliseconds or now-2h' },
  { name: 'end', value: 'TIME', says: 'end, not included (default now)' },
  { name: 'service', value: 'NAME', says: 'only this service', completes: 'service' },
  {
    name: 'filter',
    value: 'K=V',
    many: true,
    says: 'only where it holds, may be repeated: k=v, k!=v, k=~regex, k!~regex, k>n, k<n',
    completes: 'filter',
  },
];

export const limitFlag = (usual: string): Flag => ({
  name: 'limit',
  value: 'N',
  type: 'whole',
  says: `at most so many rows (default ${usual})`,
});

export const watchFlags: readonly Flag[] = [
  { name: 'watch', short: 'w', says: 'ask again and again until interrupted' },
  {
    name: 'interval',
    value: 'DURATION',
    type: 'duration',
    says: 'pause of --watch (default 2s)',
  },
];

export const fileFlag: Flag = {
  name: 'file',
  short: 'f',
  value: 'FILE',
  many: true,
  says: 'YAML file, - for stdin; may be repeated, later files win',
  completes: 'file',
};
