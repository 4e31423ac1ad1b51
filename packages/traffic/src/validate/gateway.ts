// Gateways: hosts, ports and TLS of their servers.

import type { FieldPath } from '../read/check-fields.ts';
import type { Gateway, GatewayServer } from '../resource.ts';
import { isHttp, isTls } from '../services.ts';
import { ip, isIp, unixPath } from './ip.ts';
import { dnsLabel, host, isDnsLabel, port as portNumber } from './names.ts';
import { protocol } from './protocols.ts';
import type { Said, Say } from './say.ts';
import { checkServerTls } from './server-tls.ts';

export function checkGateway({ metadata, spec }: Gateway, say: Say): void {
  say(['metadata', 'name'], dnsLabel('a Gateway', metadata.name));
  const servers = spec.servers ?? [];
  if (servers.length === 0)
    say(['spec'], {
      code: 'noServers',
      message: 'this Gateway has no servers, so nothing listens',
      hint: 'add servers',
    });
  const seen = new Set<string>();
  for (const [index, server] of servers.entries()) {
    const path: FieldPath = ['spec', 'servers', index];
    checkServer(server, path, say);
    const { name } = server.port;
    if (name && seen.has(name))
      say([...path, 'port', 'name'], {
        code: 'portNameTwice',
        message: `port name ${name} stands twice`,
        hint: 'give each server a name of its own',
      });
    seen.add(name);
  }
}

function checkServer(
  { hosts, port, bind = '', tls }: GatewayServer,
  path: FieldPath,
  say: Say,
): void {
  if (hosts.length === 0)
    say([...path, 'hosts'], {
      code: 'missing',
      message: 'this server has no host',
      hint: "write hosts: ['*'] for all",
    });
  for (const [index, one] of hosts.entries()) say([...path, 'hosts', index], serverHost(one));
  const socket = bind.startsWith('unix://');
  say([...path, 'port', 'protocol'], protocol(port.protocol ?? ''));
  if (!socket || port.number > 0) say([...path, 'port', 'number'], portNumber(port.number ?? 0));
  if (!port.name)
    say([...path, 'port'], { code: 'missing', message: 'the port has no name', hint: 'add name:' });
  if ('targetPort' in port && port.targetPort)
    say([...path, 'port', 'targetPort'], {
      code: 'place',
      message: 'targetPort does nothing in a Gateway',
      hint: 'leave it out',
    });
  if (socket) {
    say([...path, 'bind'], unixPath(bind.slice('unix://'.length)));
    if (port.number)
      say([...path, 'port', 'number'], {
        code: 'place',
        message: 'a socket has no port',
        hint: 'write number: 0',
      });
  } else if (bind !== '') say([...path, 'bind'], ip(bind));
  checkServerTls(tls, [...path, 'tls'], say);
  say([...path, 'tls'], fits(port.protocol ?? '', tls));
}

/** Whether TLS goes with the protocol. */
function fits(name: string, tls: GatewayServer['tls']): Said | undefined {
  if (protocol(name)) return undefined;
  if (isTls(name))
    return tls
      ? undefined
      : {
          code: 'missing',
          message: `a server of protocol ${name} needs tls`,
          hint: 'add tls: {mode: SIMPLE, credentialName: …}',
        };
  if (!tls) return undefined;
  // Plain HTTP may redirect to https, and nothing else.
  const plain = !tls.mode || tls.mode === 'PASSTHROUGH' || tls.mode === 'AUTO_PASSTHROUGH';
  const bare = !tls.caCertificates && !tls.privateKey && !tls.serverCertificate;
  if (isHttp(name) && plain && bare) return undefined;
  return {
    code: 'place',
    message: `a server of protocol ${name} speaks no TLS`,
    hint: isHttp(name)
      ? 'write protocol HTTPS, or leave out all but httpsRedirect'
      : 'write protocol TLS',
  };
}

/** A host, perhaps after a namespace, a dot or a star and a slash; no short names. */
export function serverHost(text: string, inSidecar = false): Said | undefined {
  const slash = text.indexOf('/');
  if (slash === -1 && inSidecar)
    return {
      code: 'name',
      message: `${JSON.stringify(text)} names no namespace`,
      hint: "write './host' or '*/host'",
    };
  const namespace = slash === -1 ? '*' : text.slice(0, slash);
  const name = text.slice(slash + 1);
  const bare = inSidecar ? namespace.replace(/^~/, '') : namespace;
  if (bare !== '*' && bare !== '.' && !isDnsLabel(bare) && !(inSidecar && namespace === '~'))
    return {
      code: 'name',
      message: `${JSON.stringify(namespace)} is no namespace`,
      hint: 'write a name, . or *',
    };
  if (name !== '*' && !name.includes('.'))
    return {
      code: 'name',
      message: `${JSON.stringify(name)} is a short name, which cannot stand here`,
      hint: 'write it whole, such as www.example.com',
    };
  if (name.includes('*') && name.length > 1 && !name.startsWith('*.'))
    return {
      code: 'name',
      message: `the star of ${name} stands for a part of a label`,
      hint: 'write *.example.com',
    };
  return !inSidecar && isIp(name) ? undefined : host(name);
}
