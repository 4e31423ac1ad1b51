// The sample system: whether it runs, and start and end of it.

import { SampleSystem, SampleSystemChanged, SampleSystemDelete } from '@clover/model';
import type { Endpoint } from './endpoint.ts';

const tag = 'sample services';

export const sampleSystemEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/system/state',
    summary: 'Whether the sample system runs',
    tag,
    answer: SampleSystem,
    run: async (_, { deps }) => deps.demo.state(),
  },
  {
    method: 'POST',
    path: '/system',
    summary: 'Start the sample system; its Istio resources that are missing are applied',
    tag,
    role: 'operator',
    answer: SampleSystemChanged,
    run: (_, { deps, author }) => deps.demo.start(author, 'apply'),
  },
  {
    method: 'DELETE',
    path: '/system',
    summary: 'End the sample system and remove its Istio resources that nobody changed',
    tag,
    role: 'operator',
    query: SampleSystemDelete,
    answer: SampleSystemChanged,
    run: ({ query }, { deps, author }) =>
      deps.demo.stop(author, (query as SampleSystemDelete).resources),
  },
];
