// What is tracked and pulled, where data comes from, and how this process is set up.

import {
  ConfigAnswer,
  SourcesAnswer,
  VisibilityClear,
  VisibilitySet,
  VisibilityStart,
  VisibilityStatus,
} from '@clover/model';
import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

const verb = (
  name: string,
  summary: string,
  body: z.ZodType,
  run: Endpoint['run'],
  role: Endpoint['role'] = 'operator',
): Endpoint => ({
  method: 'POST',
  path: `/visibility/${name}`,
  summary,
  tag: 'visibility',
  role: role!,
  body,
  answer: VisibilityStatus,
  run,
});
const Nothing = z.strictObject({});

export const controlEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/sources',
    summary: 'Where data comes from, and what was refused',
    tag: 'sources',
    answer: SourcesAnswer,
    run: async (_, { deps }) => deps.sources(),
  },
  {
    method: 'GET',
    path: '/config',
    summary: 'Settings in force and where they came from',
    tag: 'system',
    role: 'admin',
    answer: ConfigAnswer,
    run: async (_, { deps }) => deps.config(),
  },
  {
    method: 'GET',
    path: '/visibility',
    summary: 'What is tracked and pulled',
    tag: 'visibility',
    answer: VisibilityStatus,
    run: async (_, { deps }) => deps.visibility.status(),
  },
  verb('init', 'Prepare the store', Nothing, (_, { deps }) => deps.visibility.init()),
  verb('start', 'Start pulling', VisibilityStart, ({ body }, { deps }) =>
    deps.visibility.start(body as VisibilityStart),
  ),
  verb('stop', 'Stop pulling', Nothing, (_, { deps }) => deps.visibility.stop()),
  verb('set', 'Choose what is tracked', VisibilitySet, ({ body }, { deps }) =>
    deps.visibility.set(body as VisibilitySet),
  ),
  verb(
    'clear',
    'Remove all spans or metrics',
    VisibilityClear,
    ({ body }, { deps }) => deps.visibility.clear(body as VisibilityClear),
    'admin',
  ),
];
