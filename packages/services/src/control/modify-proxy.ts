import type { ProxyConfig } from '../config.ts';
import { knownHost } from './known-host.ts';
import type { Fields } from './service-definition.ts';
import { createSettings, upstreamUrl, type Settings } from './settings.ts';

/** The proxy's configuration with what `ModifyProxy` names. Throws CloverError `services.bad_setting`. */
export async function modifyProxy(current: ProxyConfig, fields: Fields): Promise<ProxyConfig> {
  const settings = createSettings(fields);
  const serverPort = settings.port('server_port') ?? current.serverPort;
  const serverName = settings.hostName('server_name') ?? current.serverName;
  const locationPath = settings.path('location_path') ?? current.locationPath;
  const proxyPath = (await upstream(settings, 'proxy_path', current)) ?? current.proxyPath;
  const mirrorPath =
    settings.text('mirror_path') === 'off'
      ? undefined
      : ((await upstream(settings, 'mirror_path', current)) ?? current.mirrorPath);
  settings.check();
  return { ...current, serverPort, serverName, locationPath, proxyPath, mirrorPath };
}

async function upstream(
  settings: Settings,
  name: string,
  { endpoints }: ProxyConfig,
): Promise<string | undefined> {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  const read = upstreamUrl(text);
  if ('fault' in read) settings.fail(name, read.fault);
  else if (await knownHost(read.url, endpoints)) return read.url;
  else settings.fail(name, `there is no host ${new URL(read.url).hostname}`);
  return undefined;
}
