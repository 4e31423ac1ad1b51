// PeerAuthentications: for whom they are.

import type { PeerAuthentication } from '../resource.ts';
import { port } from './names.ts';
import type { Say } from './say.ts';
import { checkSelector } from './selector.ts';

export function checkPeerAuthentication({ spec }: PeerAuthentication, say: Say): void {
  const { selector, portLevelMtls } = spec;
  checkSelector(selector?.matchLabels, ['spec', 'selector', 'matchLabels'], say);
  if (!portLevelMtls) return;
  const path = ['spec', 'portLevelMtls'];
  const ports = Object.keys(portLevelMtls);
  if (ports.length === 0)
    say(path, { code: 'missing', message: 'portLevelMtls names no port', hint: 'leave it out' });
  else if (Object.keys(selector?.matchLabels ?? {}).length === 0)
    say(path, {
      code: 'portsWithoutSelector',
      message: 'portLevelMtls does nothing without a selector',
      hint: 'add selector: {matchLabels: …}, or use mtls',
    });
  for (const one of ports) say([...path, one], port(Number(one)));
}
