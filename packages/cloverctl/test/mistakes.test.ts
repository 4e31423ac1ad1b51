// What commands of the mesh and of traffic say to mistakes: the real program, with a controller and without one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCloverctl, startController } from './support/cloverctl.ts';

let clover: Awaited<ReturnType<typeof startController>>;
beforeAll(async () => {
  clover = await startController(['--no-demo']);
});
afterAll(() => clover?.stop());

const said = (what: string, hint: string) => `cloverctl: ${what}\n  ${hint}\n`;

describe('a mistake is said, with what to do instead', () => {
  it.each([
    ['mesh frob', 2, "unknown command 'frob'", '`cloverctl help mesh` lists what there is'],
    ['mesh gatway', 2, "unknown command 'gatway'", 'did you mean gateway?'],
    [
      'mesh run --service A_b -- true',
      2,
      '--service takes lower-case letters, digits and -, not "A_b"',
      'for example: --service http-lb',
    ],
    [
      'mesh add --service a --port 80 --label v1',
      2,
      '--label takes KEY=VALUE, not "v1"',
      'for example: --label version=v1',
    ],
    [
      'mesh add --service a --port 80 --port 80:8080',
      2,
      '--port names port 80 twice',
      'a port of the service has one port of the program',
    ],
    [
      'mesh add --service a --port 80 --address nowhere',
      2,
      '--address takes an IP address, not "nowhere"',
      'for example: 192.0.2.7',
    ],
    [
      'mesh add --service a --port 80 --protocol gprc',
      2,
      'there is no protocol gprc',
      'did you mean GRPC?',
    ],
    ['mesh remove a-0', 1, 'there is no workload default/a-0', '`get workloads` lists them'],
    [
      'delete vs lb',
      1,
      'there is no VirtualService default/lb',
      '`get resources -A` lists those that there are',
    ],
    ['undo', 1, 'there is no change to take back', 'nothing has been applied yet'],
    ['undo 7', 1, 'there is no change to take back', 'nothing has been applied yet'],
    ['undo --to 7', 1, 'there is no revision 7', 'nothing has been applied yet'],
    ['undo x', 2, 'x is no revision', 'it is a number: `history` has them'],
    ['history 7', 1, 'there is no revision 7', 'nothing has been applied yet'],
    ['fault inject', 2, 'name the service with --service', 'for example: --service http-lb'],
    [
      'fault end --service lb',
      1,
      'no fault is on for default/lb',
      '`get faults` lists those that are on',
    ],
    ['explain GET', 2, 'name the URL behind GET', 'for example: GET http://www.sdc.com/test'],
  ] as const)('%s', async (line, exit, what, hint) => {
    expect(await clover.run(line.split(' '))).toEqual({
      exit,
      stdout: '',
      stderr: said(what, hint),
    });
  });
});

it('a controller that is not there, or that is asked in another protocol, is said to be so', async () => {
  const at = (server: string) => runCloverctl(['get', 'mesh'], { env: { CLOVER_SERVER: server } });
  const hint =
    'is Clover running there? `./clover up` starts it on this machine; --server URL or CLOVER_SERVER asks another';
  const secure = clover.url.replace('http:', 'https:');
  expect((await at(secure)).stderr).toBe(
    said(`cannot reach ${secure} (it does not speak TLS: http:// instead of https://?)`, hint),
  );
  await clover.stop();
  expect(await at(clover.url)).toMatchObject({
    exit: 1,
    stderr: said(`cannot reach ${clover.url} (connection refused)`, hint),
  });
});
