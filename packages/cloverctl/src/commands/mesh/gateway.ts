import { CloverError } from '@clover/model/errors';
import type { Command } from '../../command.ts';
import { CLOVERCTL_ERRORS } from '../../errors.ts';
import { chooseGateway } from './choose-gateway.ts';

export const meshGateway: Command = {
  path: 'mesh gateway',
  summary: 'The local address of a gateway, for curl',
  text: 'Writes where a port of a gateway listens on this machine, as HOST:PORT. Without a name it is the ingress gateway, or the only one that listens; where several do, it asks for a name. Without --port it is that of port 80, or of the first port that the gateway has.',
  examples: [
    { says: 'in at the front door', line: 'mesh gateway' },
    { says: 'port 443 of the egress gateway', line: 'mesh gateway istio-egressgateway --port 443' },
  ],
  arguments: [
    {
      name: 'NAME',
      optional: true,
      says: 'of the gateway, as `get mesh` has it, or NAMESPACE/NAME (default: istio-ingressgateway, or the only one)',
    },
  ],
  flags: [
    {
      name: 'port',
      value: 'PORT',
      type: 'whole',
      says: 'of the Gateway’s server (default 80, or its first)',
    },
  ],
  async run(context) {
    const { client, call, args, io } = context;
    const { gateways, dataPlane } = await client.mesh({}, call);
    if (dataPlane.state === 'off')
      throw new CloverError(
        CLOVERCTL_ERRORS.noGateway,
        'no data plane runs, so no gateway listens',
        { status: 404, hint: 'start Clover with --mesh' },
      );
    const found = chooseGateway(gateways, { name: args[0], port: context.whole('port') });
    io.stdout.write(`${found}\n`);
  },
};
