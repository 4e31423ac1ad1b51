import { CloverError } from '@clover/model/errors';
import type { MeshAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import { CLOVERCTL_ERRORS } from '../../errors.ts';

export const meshGateway: Command = {
  path: 'mesh gateway',
  summary: 'The local address of a gateway, for curl',
  text: 'Writes where a port of a gateway listens on this machine, as HOST:PORT. Without words it is that of port 80, or of the first port that a gateway has.',
  examples: [
    { says: 'in at the front door', line: 'mesh gateway' },
    { says: 'port 443 of the egress gateway', line: 'mesh gateway egressgateway --port 443' },
  ],
  arguments: [
    { name: 'NAME', optional: true, says: 'of the gateway, as `get mesh` has it (default: any)' },
  ],
  flags: [
    { name: 'port', value: 'PORT', type: 'whole', says: 'of the Gateway’s server (default 80)' },
  ],
  async run(context) {
    const { client, call, args, io } = context;
    const { gateways, dataPlane } = await client.mesh({}, call);
    const port = context.whole('port');
    const found = listenerOf(gateways, args[0], port);
    if (!found)
      throw new CloverError(
        CLOVERCTL_ERRORS.noGateway,
        dataPlane.state === 'off'
          ? 'no data plane runs, so no gateway listens'
          : `no gateway ${args[0] === undefined ? '' : `${args[0]} `}listens${port === undefined ? '' : ` for port ${port}`}`,
        {
          status: 404,
          hint:
            dataPlane.state === 'off'
              ? 'start Clover with --mesh'
              : 'a Gateway resource opens it; `get mesh` lists those that listen',
        },
      );
    io.stdout.write(`${found}\n`);
  },
};

function listenerOf(
  gateways: MeshAnswer['gateways'],
  name: string | undefined,
  port: number | undefined,
): string | undefined {
  const all = gateways
    .filter((one) => name === undefined || one.name === name)
    .flatMap((one) => one.listeners);
  const wanted = all.find((one) => one.port === (port ?? 80));
  return (wanted ?? (port === undefined ? all[0] : undefined))?.address;
}
