// Fields of security.istio.io's resources that are read, as their CRDs have them.

import type { FieldSchema } from './field-schema.ts';

const MTLS: FieldSchema = {
  type: 'object',
  properties: {
    mode: { type: 'string', enum: ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'] },
  },
};

const TEXTS: FieldSchema = { type: 'array', items: { type: 'string' } };
const both = (...names: readonly string[]) =>
  Object.fromEntries(
    names.flatMap((one) => [
      [one, TEXTS],
      [`not${one[0]!.toUpperCase()}${one.slice(1)}`, TEXTS],
    ]),
  );
const SELECTOR: FieldSchema = {
  type: 'object',
  properties: {
    matchLabels: { type: 'object', additionalProperties: { type: 'string', maxLength: 63 } },
  },
};
const TARGET: FieldSchema = {
  type: 'object',
  properties: {
    group: { type: 'string' },
    kind: { type: 'string' },
    name: { type: 'string' },
    namespace: { type: 'string' },
  },
};
const SOURCE: FieldSchema = {
  type: 'object',
  properties: both(
    'principals',
    'requestPrincipals',
    'namespaces',
    'ipBlocks',
    'remoteIpBlocks',
    'serviceAccounts',
  ),
};
const OPERATION: FieldSchema = {
  type: 'object',
  properties: both('hosts', 'ports', 'methods', 'paths'),
};
const CONDITION: FieldSchema = {
  type: 'object',
  required: ['key'],
  properties: { key: { type: 'string' }, values: TEXTS, notValues: TEXTS },
};
const listOf = (name: string, schema: FieldSchema): FieldSchema => ({
  type: 'array',
  items: { type: 'object', properties: { [name]: schema } },
});

export const SECURITY_SCHEMAS: Readonly<Record<string, FieldSchema>> = {
  PeerAuthentication: {
    type: 'object',
    properties: {
      selector: SELECTOR,
      mtls: MTLS,
      portLevelMtls: { type: 'object', additionalProperties: MTLS },
    },
  },
  AuthorizationPolicy: {
    type: 'object',
    properties: {
      selector: SELECTOR,
      targetRef: TARGET,
      targetRefs: { type: 'array', items: TARGET },
      action: { type: 'string', enum: ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM'] },
      provider: { type: 'object', properties: { name: { type: 'string' } } },
      rules: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            from: listOf('source', SOURCE),
            to: listOf('operation', OPERATION),
            when: { type: 'array', items: CONDITION },
          },
        },
      },
    },
  },
};
