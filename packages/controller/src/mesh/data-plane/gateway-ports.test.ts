import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@clover/test-support';
import { expect, it } from 'vitest';
import { openGatewayPorts } from './gateway-ports.ts';

const owner = 'istio-system/istio-ingressgateway';

it('remembers where gateways listened, those that are away now too', async () => {
  const dir = await tempDir('clover-gateway-ports-');
  try {
    const file = join(dir.path, 'traffic', 'gateway-ports.json');
    const ports = await openGatewayPorts(file);
    expect(ports.of(owner, 80)).toBeUndefined();
    await ports.remember([{ owner, servicePort: 80, port: 35689 }]);
    await ports.remember([{ owner, servicePort: 443, port: 40637 }]);
    const again = await openGatewayPorts(file);
    expect([again.of(owner, 80), again.of(owner, 443)]).toEqual([35689, 40637]);
    await writeFile(file, '{"a 80": 99999, "b 80": ');
    expect((await openGatewayPorts(file)).of(owner, 80)).toBeUndefined();
  } finally {
    await dir.remove();
  }
});
