import type { LoadBalancerConfig } from '../config.ts';
import { knownHost } from './known-host.ts';
import type { Fields } from './service-definition.ts';
import { createSettings, upstreamUrl } from './settings.ts';
import { textList } from './text-list.ts';

/**
 * The load balancer's configuration with what `ModifyLB` names; `slb_list` is a list of `host:port` or of
 * `{url}`. Throws CloverError `services.bad_setting`.
 */
export async function modifyLoadBalancer(
  current: LoadBalancerConfig,
  fields: Fields,
): Promise<LoadBalancerConfig> {
  const settings = createSettings(fields);
  const serverPort = settings.port('server_port') ?? current.serverPort;
  const serverName = settings.hostName('server_name') ?? current.serverName;
  const lbPath = settings.path('lb_path') ?? current.lbPath;
  const slbGroup = settings.hostName('slb_group') ?? current.slbGroup;
  let slbList = current.slbList;
  const text = settings.text('slb_list');
  if (text !== undefined) {
    const list = textList(text);
    if (list === undefined) settings.fail('slb_list', `${JSON.stringify(text)} is no list`);
    else if (list.length === 0) settings.fail('slb_list', 'the list is empty');
    else slbList = await Promise.all(list.map(server));
  }
  settings.check();
  return { ...current, serverPort, serverName, lbPath, slbGroup, slbList };

  async function server(item: unknown, index: number): Promise<string> {
    const at = `slb_list[${index}]`;
    const url = typeof item === 'object' && item !== null && 'url' in item ? item.url : item;
    const read = typeof url === 'string' ? upstreamUrl(url) : { fault: 'a url is wanted' };
    if ('fault' in read) settings.fail(at, read.fault);
    else if (await knownHost(read.url, current.endpoints)) return read.url;
    else settings.fail(at, `there is no host ${new URL(read.url).hostname}`);
    return '';
  }
}
