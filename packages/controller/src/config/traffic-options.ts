// Settings of traffic control and of the mesh.

import type { OptionDefinition } from './option-definition.ts';

export const TRAFFIC_OPTIONS = [
  {
    key: 'traffic',
    type: 'string',
    group: 'Traffic',
    description: 'folder of Istio resources (YAML) that is in force as it stands, and watched',
  },
  {
    key: 'mesh',
    type: 'boolean',
    follows: 'demo',
    group: 'Traffic',
    description:
      'start the data plane: the resources are enforced for the programs in the mesh (default: on with the demo)',
  },
  {
    key: 'meshGateways',
    type: 'list',
    default: [],
    group: 'Traffic',
    aliases: ['mesh-gateway'],
    description:
      'local port of a gateway, as SERVER_PORT=LOCAL_PORT (80=8080); any free one without; repeatable',
  },
  {
    key: 'meshSampling',
    type: 'integer',
    default: 100,
    group: 'Traffic',
    description: 'percent of the requests in the mesh that are traced',
  },
  {
    key: 'meshConfig',
    type: 'string',
    group: 'Traffic',
    description:
      'file in the form of Istio’s MeshConfig: extensionProviders, outboundTrafficPolicy, accessLogFile and its format; what is not enforced is logged',
  },
  {
    key: 'meshOutbound',
    type: 'string',
    choices: ['ALLOW_ANY', 'REGISTRY_ONLY'],
    group: 'Traffic',
    description:
      'requests of the mesh to hosts that nobody declared: sent on, or refused (default ALLOW_ANY, or what --mesh-config says)',
  },
  {
    key: 'meshGatewayHost',
    type: 'string',
    default: '127.0.0.1',
    group: 'Traffic',
    description: 'address that gateways listen on; off loopback everybody who reaches it is served',
  },
  {
    key: 'meshCredentials',
    type: 'string',
    group: 'Traffic',
    description:
      'folder of what credentialName means where no Secret does: NAME/tls.crt, NAME/tls.key and NAME/ca.crt, read again when they change',
  },
  {
    key: 'meshAccessLog',
    type: 'string',
    group: 'Traffic',
    description:
      'file for a line about each request and TCP connection in the mesh; - is standard output',
  },
  {
    key: 'meshAccessLogFormat',
    type: 'string',
    choices: ['text', 'json'],
    group: 'Traffic',
    description: 'Istio’s text line or its JSON (default text, or what --mesh-config says)',
  },
  {
    key: 'meshAccessLogSize',
    type: 'bytes',
    default: '64MiB',
    group: 'Traffic',
    description: 'size at which a new access log file is begun; five old ones are kept beside it',
  },
  {
    key: 'meshShadowHosts',
    type: 'boolean',
    default: false,
    group: 'Traffic',
    description: 'add -shadow to the host of mirrored requests, as Istio did before 1.28',
  },
  {
    key: 'meshMaxConnections',
    type: 'integer',
    default: 10_000,
    group: 'Traffic',
    description: 'client connections of all listeners in the mesh; more are closed at once',
  },
  {
    key: 'meshMaxBuffer',
    type: 'bytes',
    default: '1MiB',
    group: 'Traffic',
    description: 'request body that is kept for retries and mirrors; a longer one has neither',
  },
] as const satisfies readonly OptionDefinition[];
