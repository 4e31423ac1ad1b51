// The sample services changed from the command line: cloverctl, controller, gRPC, a running demo.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startController } from './support/cloverctl.ts';

let clover: Awaited<ReturnType<typeof startController>>;
beforeAll(async () => {
  clover = await startController(['--demo', '--demo-rate=100']);
});
afterAll(() => clover?.stop());

const file = (name: string) =>
  fileURLToPath(new URL(`../../../examples/sdc/control/${name}`, import.meta.url));

it('set lb, proxy and server take the original’s files', async () => {
  expect(await clover.run(['set', 'lb', '-f', file('lbv1.yaml')])).toMatchObject({
    exit: 0,
    stdout: 'http-lb-v1-0: modified http-lb-v1\n',
  });
  expect(await clover.run(['set', 'proxy', '-f', file('proxy.yaml')])).toMatchObject({
    exit: 0,
    stdout: 'proxy-access-control-v1-0: modified proxy-access-control\n',
  });
  expect(
    await clover.run(['set', 'server', '-f', file('server.yaml'), '-o', 'json']),
  ).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('"service": "clover-server1-v1-0"'),
  });
});

it('says what was wrong with a file, at its place or by the service', async () => {
  expect(
    await clover.run(['set', 'lb', '-f', '-'], { stdin: 'lb_name: http-lb-v1\nlb_lst: []\n' }),
  ).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('<stdin>:2:1: unknown key "lb_lst"; did you mean "lb_list"?'),
  });
  expect(
    await clover.run(['set', 'lb', '-f', '-'], {
      stdin: 'lb_name: http-lb-v1\nlb_list: [{url: "nowhere.invalid:1"}]\n',
    }),
  ).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('slb_list[0]: there is no host nowhere.invalid'),
  });
});

it('create idsrules, stop and start ids, get alerts', async () => {
  expect(await clover.run(['create', 'idsrules', '-f', file('idsrule_scan.yaml')])).toMatchObject({
    exit: 0,
    stdout: 'snort-ids-v1-0: added 1, refused 0, in force 1\n',
  });
  expect(
    await clover.run(['create', 'idsrules', '-f', file('web.rules'), '-f', '-'], {
      stdin:
        '# ours\nalert tcp any any -> any any (msg:"tea"; content:"q=tea"; http_uri; sid:7;)\nalert udp any any -> any any (sid:8;)\n',
    }),
  ).toMatchObject({
    exit: 3,
    stdout:
      'snort-ids-v1-0: added 4, refused 0, in force 5\nsnort-ids-v1-0: added 1, refused 1, in force 6\n',
    stderr: expect.stringContaining('rules:3:7: sid 8: udp: this sensor sees HTTP requests only'),
  });
  expect((await clover.run(['stop', 'ids'])).stdout).toMatch(/^snort-ids-v1-0: stopped/);
  expect((await clover.run(['start', 'ids'])).stdout).toMatch(/^snort-ids-v1-0: started with 6/);
  // One in a hundred of the demo's clients is the scanner of the original's rule.
  const alerts = async () => (await clover.run(['get', 'alerts', '--sid', '10000003'])).stdout;
  await expect
    .poll(alerts, { timeout: 20_000 })
    .toMatch(/ 10000003 +MALWARE-CNC User-Agent ASafaWeb Scan +127\.0\.0\.1 +(GET|POST|PUT) /);
});

it('get uploads shows what the servers took', async () => {
  const uploads = [
    {
      time: new Date().toISOString(),
      server: 'clover-server1-v1-0',
      name: 'tea.txt',
      contentType: 'text/plain',
      path: '/uploads/tea.txt',
      md5: 'd41d8cd98f00b204e9800998ecf8427e',
      sizeBytes: 2048,
    },
  ];
  const reported = await fetch(`${clover.url}/api/v1/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uploads }),
  });
  expect(reported.status).toBe(200);
  await expect
    .poll(async () => (await clover.run(['get', 'uploads'])).stdout, { timeout: 10_000 })
    .toMatch(/ clover-server1-v1-0 +tea\.txt +2\.00 KiB +text\/plain +\/uploads\/tea\.txt\n/);
  const { stdout } = await clover.run(['get', 'upload', '-o', 'json']);
  const { items } = JSON.parse(stdout) as { items: { md5: string }[] };
  expect(items.find(({ md5 }) => md5 === uploads[0]!.md5)).toMatchObject(uploads[0]!);
});
