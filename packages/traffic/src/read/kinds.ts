// Which resources are read, by group and kind, and what is said about the others.

import { nearest } from '@clover/model';
import type { Severity } from '../finding.ts';
import { CRD_SCHEMAS, GATEWAY_API_SCHEMAS } from '../gen/crd-schemas.ts';
import { GATEWAY_API_GROUP } from '../gateway-api/with-gateway-api.ts';
import { withExperimental } from './experimental-schemas.ts';
import { withNewerValues } from './newer-values.ts';
import type { FieldSchema } from './field-schema.ts';
import { SECURITY_SCHEMAS } from './security-schemas.ts';
import { SERVICE_SCHEMA } from './service-schema.ts';

export interface KnownKind {
  readonly kind: string;
  readonly schema: FieldSchema;
}
export interface PassedOver {
  readonly code: string;
  readonly severity: Severity;
  readonly field: 'kind' | 'apiVersion';
  readonly message: string;
  readonly hint: string;
}

interface Group {
  readonly schemas: Readonly<Record<string, FieldSchema>>;
  readonly versions: readonly string[];
  /** Kinds that the group has too and that nothing here looks at, with what goes undone. */
  readonly others: Readonly<Record<string, string | undefined>>;
}

const GROUPS: Readonly<Record<string, Group>> = {
  '': {
    schemas: { Service: SERVICE_SCHEMA, Secret: { type: 'object' } },
    versions: ['v1'],
    others: {},
  },
  'networking.istio.io': {
    schemas: withNewerValues(CRD_SCHEMAS),
    versions: ['v1', 'v1beta1', 'v1alpha3'],
    others: {
      EnvoyFilter: 'its patches are not made',
      ProxyConfig: 'its settings do not hold',
      // A template of WorkloadEntries.
      WorkloadGroup: undefined,
    },
  },
  [GATEWAY_API_GROUP]: {
    schemas: withExperimental(GATEWAY_API_SCHEMAS),
    versions: ['v1', 'v1beta1'],
    others: {
      GatewayClass: undefined,
      TCPRoute: 'its connections are not routed',
      TLSRoute: 'its connections are not routed',
      UDPRoute: 'its datagrams are not routed',
      BackendTLSPolicy: 'backends are called as DestinationRules say',
      ListenerSet: 'its listeners are left out',
    },
  },
  'security.istio.io': {
    schemas: SECURITY_SCHEMAS,
    versions: ['v1', 'v1beta1'],
    others: { RequestAuthentication: 'tokens are not checked' },
  },
  'extensions.istio.io': {
    schemas: {},
    versions: [],
    others: { WasmPlugin: 'it is not run', TrafficExtension: 'it is not run' },
  },
  'telemetry.istio.io': { schemas: {}, versions: [], others: { Telemetry: undefined } },
};

/** The schema of a kind, or what to say about a document that has none. */
export function kindOf(apiVersion: string, kind: string): KnownKind | PassedOver {
  const slash = apiVersion.indexOf('/');
  const name = slash === -1 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined;
  if (!group) return misspeltGroup(name, kind) ?? passedOver(apiVersion, kind);
  if (!Object.hasOwn(group.schemas, kind)) return otherKind(name, group, apiVersion, kind);
  if (!group.versions.includes(version))
    return {
      code: 'CLV103',
      severity: 'error',
      field: 'apiVersion',
      message: `apiVersion ${apiVersion} is not known`,
      hint: `write ${name ? `${name}/` : ''}v1`,
    };
  // Istio's Gateway bears the same name as Gateway API's.
  const kubernetes = name === GATEWAY_API_GROUP && kind === 'Gateway';
  return { kind: kubernetes ? 'KubernetesGateway' : kind, schema: group.schemas[kind]! };
}

function otherKind(
  name: string,
  { schemas, others }: Group,
  apiVersion: string,
  kind: string,
): PassedOver {
  if (Object.hasOwn(others, kind)) {
    const undone = others[kind];
    return undone === undefined
      ? passedOver(apiVersion, kind)
      : {
          code: 'CLV420',
          severity: 'warning',
          field: 'kind',
          message: `${kind} is not enforced by the built-in data plane: ${undone}`,
          hint: '',
        };
  }
  const close = nearest(kind, [...Object.keys(schemas), ...Object.keys(others)]);
  return close
    ? misspelt('kind', `there is no kind ${kind} in ${name || 'v1'}`, close)
    : passedOver(apiVersion, kind);
}

/** A kind that is known elsewhere, in a group whose name is nearly that. */
function misspeltGroup(name: string, kind: string): PassedOver | undefined {
  const owners = Object.keys(GROUPS).filter(
    (one) => one && Object.hasOwn(GROUPS[one]!.schemas, kind),
  );
  const close = nearest(name, owners);
  return close ? misspelt('apiVersion', `there is no group ${name}`, close) : undefined;
}

const misspelt = (field: 'kind' | 'apiVersion', message: string, close: string): PassedOver => ({
  code: 'CLV106',
  severity: 'error',
  field,
  message,
  hint: `did you mean ${close}?`,
});

const passedOver = (apiVersion: string, kind: string): PassedOver => ({
  code: 'CLV102',
  severity: 'info',
  field: 'kind',
  message: `${kind || 'a document'} (${apiVersion || 'no apiVersion'}) does not decide about traffic here and was passed over`,
  hint: '',
});
