// Who is in the mesh, and how its data plane does.

import {
  MeshAnswer,
  MeshStatisticsAnswer,
  WorkloadHeartbeat,
  WorkloadJoin,
  WorkloadJoined,
  WorkloadsAnswer,
  WorkloadStatus,
} from '@clover/model';
import { joinedAnswer, meshAnswer, workloadAnswer } from '../mesh/mesh-answers.ts';
import type { Endpoint } from './endpoint.ts';

const tag = 'mesh';
const nameOf = (params: Readonly<Record<string, string>>) => ({
  namespace: params['namespace']!,
  name: params['name']!,
});

export const meshEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/mesh',
    summary: 'The data plane, its gateways and what it enforces',
    tag,
    answer: MeshAnswer,
    run: async (_, { deps }) => meshAnswer(deps.mesh),
  },
  {
    method: 'GET',
    path: '/mesh/statistics',
    summary: 'Figures of the data plane',
    tag,
    answer: MeshStatisticsAnswer,
    run: async (_, { deps, nowMs }) => ({
      timeMs: nowMs,
      statistics: await deps.mesh.dataPlane.statistics(),
    }),
  },
  {
    method: 'GET',
    path: '/mesh/workloads',
    summary: 'Programs in the mesh',
    tag,
    answer: WorkloadsAnswer,
    run: async (_, { deps: { mesh } }) => ({
      items: [...mesh.registry.workloads.values()].map((one) => workloadAnswer(mesh, one)),
    }),
  },
  {
    method: 'POST',
    path: '/mesh/workloads',
    summary: 'Take a program into the mesh',
    tag,
    role: 'operator',
    body: WorkloadJoin,
    answer: WorkloadJoined,
    run: async ({ body }, { deps: { mesh }, author }) =>
      joinedAnswer(mesh, await mesh.registry.join(body as WorkloadJoin, author)),
  },
  {
    method: 'POST',
    path: '/mesh/workloads/:namespace/:name/heartbeat',
    summary: 'The program is still there; 404 when it is to join again',
    tag,
    role: 'operator',
    body: WorkloadHeartbeat,
    answer: WorkloadStatus,
    run: async ({ params, body }, { deps: { mesh } }) => {
      const { ready } = body as WorkloadHeartbeat;
      return workloadAnswer(mesh, await mesh.registry.heartbeat(nameOf(params), ready));
    },
  },
  {
    method: 'DELETE',
    path: '/mesh/workloads/:namespace/:name',
    summary: 'Take a program out of the mesh',
    tag,
    role: 'operator',
    answer: WorkloadJoined,
    run: async ({ params }, { deps: { mesh } }) => {
      const removed = await mesh.registry.remove(nameOf(params));
      // Whoever asks next what it did is told all of it.
      await mesh.dataPlane.flush();
      return joinedAnswer(mesh, removed);
    },
  },
];
