// Workloads and the data plane, as the API answers them.

import type { MeshAnswer, WorkloadJoined, WorkloadStatus } from '@clover/model';
import type { Mesh } from './mesh.ts';
import { workloadKey, type RegisteredWorkload } from './workloads/workload.ts';

export function workloadAnswer(mesh: Mesh, one: RegisteredWorkload): WorkloadStatus {
  const endsAtMs = mesh.registry.leaseEndsAtMs(one);
  const { ports, labels, ...rest } = one;
  return {
    ...rest,
    labels: { ...labels },
    ports: ports.map((port) => ({ ...port })),
    leaseEndsAt: endsAtMs === null ? null : new Date(endsAtMs).toISOString(),
    listeners: mesh.dataPlane.listeners(workloadKey(one)),
  };
}

export const joinedAnswer = (mesh: Mesh, one: RegisteredWorkload): WorkloadJoined => ({
  workload: workloadAnswer(mesh, one),
  dataPlane: mesh.dataPlane.lastApply,
});

export function meshAnswer(mesh: Mesh): MeshAnswer {
  const { health, gateways, metricsUrl, lastApply } = mesh.dataPlane;
  const state = health();
  return {
    enabled: state.state !== 'off',
    dataPlane: { ...state, lastApply },
    workloads: mesh.registry.workloads.size,
    gateways: gateways(),
    metrics: metricsUrl,
  };
}
