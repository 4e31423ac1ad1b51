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
] as const satisfies readonly OptionDefinition[];
