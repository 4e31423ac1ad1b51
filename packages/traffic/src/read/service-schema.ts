// Kubernetes' own Service, as its API has it (core/v1, ServiceSpec).

import type { FieldSchema } from './field-schema.ts';

const TEXT: FieldSchema = { type: 'string' };
const TEXTS: FieldSchema = { type: 'array', items: TEXT };
const oneOf = (...values: readonly string[]): FieldSchema => ({ type: 'string', enum: values });
const PORT: FieldSchema = { type: 'integer', minimum: 1, maximum: 65535 };

export const SERVICE_SCHEMA: FieldSchema = {
  type: 'object',
  properties: {
    ports: {
      type: 'array',
      items: {
        type: 'object',
        required: ['port'],
        properties: {
          name: TEXT,
          port: PORT,
          protocol: oneOf('TCP', 'UDP', 'SCTP'),
          appProtocol: TEXT,
          targetPort: { 'x-kubernetes-int-or-string': true },
          nodePort: { type: 'integer', minimum: 0, maximum: 65535 },
        },
      },
    },
    selector: { type: 'object', additionalProperties: TEXT },
    type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
    clusterIP: TEXT,
    clusterIPs: TEXTS,
    externalIPs: TEXTS,
    externalName: TEXT,
    sessionAffinity: oneOf('None', 'ClientIP'),
    sessionAffinityConfig: {
      type: 'object',
      properties: {
        clientIP: { type: 'object', properties: { timeoutSeconds: { type: 'integer' } } },
      },
    },
    loadBalancerIP: TEXT,
    loadBalancerClass: TEXT,
    loadBalancerSourceRanges: TEXTS,
    allocateLoadBalancerNodePorts: { type: 'boolean' },
    externalTrafficPolicy: oneOf('Cluster', 'Local'),
    internalTrafficPolicy: oneOf('Cluster', 'Local'),
    trafficDistribution: TEXT,
    healthCheckNodePort: { type: 'integer' },
    publishNotReadyAddresses: { type: 'boolean' },
    ipFamilies: TEXTS,
    ipFamilyPolicy: TEXT,
  },
};
