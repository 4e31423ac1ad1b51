// set proxy, set lb, set server: the sample services while they run, with the original's files.
import type { ServiceChanged } from '@clover/model';
import type { z } from 'zod';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { fileFlag, outputFlag } from '../../flags.ts';
import { showObject } from '../../output/show.ts';

export const setProxy: Command = {
  path: 'set proxy',
  summary: 'Change where a proxy sends requests and their copies',
  text: 'proxy_path is where requests go, mirror_path where a copy of each goes after the answer (`off` ends the copies), location_path what is passed on at all. server_name says whom to change (default proxy-access-control). The next request meets the new settings; a refused change changes nothing.',
  examples: [
    { says: 'with a file', line: 'set proxy -f proxy.yaml' },
    {
      says: 'everything to version 2',
      line: 'echo \'{proxy_path: "http-lb-v2:9180"}\' | cloverctl set proxy -f -',
    },
  ],
  flags: [fileFlag, outputFlag],
  run: async (context) => {
    const { ProxySet } = await import('@clover/model');
    await change(context, ProxySet, (body) => context.client.setProxy(body, context.call));
  },
};

export const setLoadBalancer: Command = {
  path: 'set lb',
  summary: 'Change the servers of a load balancer',
  text: 'lb_list names the servers that take turns. lb_name (or server_name) says whom to change: http-lb-v1, http-lb-v2. The next request meets the new list; a refused change changes nothing.',
  examples: [
    { says: 'with the original’s file', line: 'set lb -f lbv1.yaml' },
    {
      says: 'two servers for version 1',
      line: 'echo \'{lb_name: http-lb-v1, lb_list: [{url: "clover-server1:9180"}, {url: "clover-server2:9180"}]}\' | cloverctl set lb -f -',
    },
  ],
  flags: [fileFlag, outputFlag],
  run: async (context) => {
    const { LoadBalancerSet } = await import('@clover/model');
    await change(context, LoadBalancerSet, (body) =>
      context.client.setLoadBalancer(body, context.call),
    );
  },
};

export const setServer: Command = {
  path: 'set server',
  summary: 'Change what a server serves',
  text: 'site_root and site_index, locations (uri_match with root, alias or try_files), where uploads are kept (upload_path_config) or thrown away (upload_path_test), and files: kept uploads that the site shows from now on. server_name says whom to change.',
  examples: [
    { says: 'with the original’s file', line: 'set server -f server.yaml' },
    {
      says: 'another path for uploads',
      line: "echo '{server_name: clover-server1, upload_path_config: /files}' | cloverctl set server -f -",
    },
  ],
  flags: [fileFlag, outputFlag],
  run: async (context) => {
    const { ServerSet } = await import('@clover/model');
    await change(context, ServerSet, (body) => context.client.setServer(body, context.call));
  },
};

/** Each file is a change of its own. */
async function change<Schema extends z.ZodType<object>>(
  context: Context,
  schema: Schema,
  send: (body: z.output<Schema>) => Promise<ServiceChanged>,
): Promise<void> {
  const { readYamlFile } = await import('../../yaml/read-file.ts');
  const files = context.list('file');
  if (files.length === 0)
    throw usageError('name the file with -f', 'the help shows what may stand in it');
  const bodies = [];
  for (const file of files) bodies.push((await readYamlFile(schema, file, context.io)).value);
  for (const body of bodies) await showChanged(context, await send(body));
}

export async function showChanged(context: Context, changed: ServiceChanged): Promise<void> {
  if (context.output === 'json' || context.output === 'yaml') return showObject(context, changed);
  const { harmless } = await import('../../output/text.ts');
  const line =
    context.output === 'name' ? changed.service : `${changed.service}: ${changed.message}`;
  context.io.stdout.write(`${harmless(line)}\n`);
}
