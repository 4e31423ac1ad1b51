import type { WorkloadStatus } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { joinFlags, readJoinFlags } from './join-flags.ts';
import { freePort, keepLease, LEASE_MS, portWords } from './lease.ts';
import { programEnvironment } from './program-environment.ts';
import { unreached } from './unreached.ts';

export const meshRun: Command = {
  path: 'mesh run',
  summary: 'Start a program as a workload of the mesh',
  text: 'Takes the program into the mesh, starts it with its listeners, and takes it out when it ends. Its requests go into the mesh by HTTP_PROXY, or by a local address for each service, which stands in the variables that Kubernetes gives a pod (HTTP_LB_SERVICE_HOST, HTTP_LB_SERVICE_PORT); requests to it come as soon as it listens where PORT says (PORT_9180 for the service’s port 9180 where there are several). A program that has a port of its own is named with it: --port 9180:19180. Signals go on to it; the exit code is its own. When cloverctl is killed, the workload goes out by itself within 15 seconds.',
  examples: [
    {
      says: 'one version of a service',
      line: 'mesh run --service http-lb --label version=v1 --port 9180 -- node server.js',
    },
    {
      says: 'a program that does not heed PORT and listens on 19180',
      line: 'mesh run --service http-lb --label version=v2 --port 9180:19180 -- node server.js',
    },
    {
      says: 'a program that only calls',
      line: 'mesh run --service curl -- curl http://http-lb:9180/',
    },
  ],
  arguments: [{ name: 'COMMAND', many: true, says: 'the program and its arguments, after --' }],
  flags: joinFlags,
  async run(context) {
    if (context.args.length === 0)
      throw usageError('name the program after --', 'for example: … -- node server.js');
    const flags = readJoinFlags(context, 'free');
    const ports = await Promise.all(
      flags.ports.map(async (one) => ({
        ...one,
        targetPort: one.targetPort === 0 ? await freePort() : one.targetPort,
      })),
    );
    const join = { ...flags, ports, ready: ports.length === 0, leaseMs: LEASE_MS };
    const { workload } = await context.client.workloadJoin(join, context.call);
    if (workload.listeners === null)
      context.note('no data plane runs: the program is started without the mesh’s listeners');
    if (ports.length > 0) await noteUnreached(context, workload);
    const over = new AbortController();
    const keeping = keepLease(context, join, workload, over.signal);
    try {
      return await context.io.runProgram(context.args, {
        ...programEnvironment(workload),
        // For programs that tell the controller something, as the sample's IDS does.
        CLOVER_SERVER: context.settings.server.value!,
      }).ended;
    } finally {
      over.abort();
      const listened = await keeping;
      if (!listened)
        context.note(`it never listened on ${portWords(ports)}, so no request could come to it`);
      await leave(context, workload);
    }
  },
};

/** The program starts anyway: rules for it may follow. */
async function noteUnreached(context: Context, workload: WorkloadStatus): Promise<void> {
  const { client, call, errorStyle } = context;
  const effective = await client.trafficEffective({}, call).catch(() => undefined);
  const why = effective && unreached(effective, workload);
  if (why !== undefined) context.note(`${errorStyle.yellow('note')}: ${why}`);
}

/** Not with the user's signal: that has ended the program, and this is what comes after. */
async function leave(context: Context, workload: { namespace: string; name: string }) {
  await context.client.workloadRemove(workload, { timeoutMs: 5000 }).catch((error: Error) => {
    context.note(`${workload.name} could not be taken out of the mesh: ${error.message}`);
  });
}
