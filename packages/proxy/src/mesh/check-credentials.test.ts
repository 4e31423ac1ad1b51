import { compile, readResources, secretCredentials } from '@clover/traffic';
import { describe, expect, it } from 'vitest';
import { openAuthority } from '../identity/authority.ts';
import type { GatewayWorkload } from '../workload.ts';
import { checkCredentials } from './check-credentials.ts';
import type { Compiled } from './compiled.ts';
import { planListeners } from './listener-plan.ts';

const GATEWAY: GatewayWorkload = {
  name: 'gateway',
  namespace: 'default',
  labels: { istio: 'ingressgateway' },
  ports: { 443: 0 },
};
const { certificatePem, keyPem } = openAuthority().issue('spiffe://test/site', 1e8);
const SITE = `---
apiVersion: v1
kind: Secret
metadata: { name: site }
stringData: ${JSON.stringify({ 'tls.crt': certificatePem, 'tls.key': keyPem })}
`;
const EDGE = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 443, name: https, protocol: HTTPS }, hosts: ["*"], tls: { mode: SIMPLE, credentialName: site } }] }
`;

function compiled(yaml: string) {
  const { resources } = readResources([{ name: 'a.yaml', text: yaml }]);
  const table = compile(resources);
  const config = { workloads: [], gateways: [GATEWAY] };
  const plans = planListeners(config, table, {
    addressesOf: () => ({ outbound: '', inbound: '' }),
    mtls: false,
  });
  const made: Compiled = { table, plans, authorizations: new Map() };
  return { made, resources, secrets: secretCredentials(resources) };
}

describe('credentials in use', () => {
  const { made, resources, secrets } = compiled(EDGE + SITE);
  const options = { identities: undefined, folder: undefined, resources };
  const first = checkCredentials(made, undefined, { ...options, secrets });

  it('are known by what names them, and by no copy of their keys', () => {
    expect(first.isNamed('default/site')).toBe(true);
    expect(first.isNamed('other/site')).toBe(false);
    expect([...first.uses.values()]).toEqual([secrets.get('default/site')]);
    for (const use of first.uses.keys()) expect(use).not.toContain('PRIVATE KEY');
  });

  it('are looked at again when their Secret is another', () => {
    const bad = { cert: certificatePem, key: 'none', ca: undefined };
    const next = { ...options, secrets: new Map([['default/site', bad]]) };
    expect(() => checkCredentials(made, first, next)).toThrow('site');
    const known = checkCredentials(made, undefined, next);
    expect(() => checkCredentials(made, known, next)).not.toThrow();
    expect(() => checkCredentials(made, first, { ...options, secrets: new Map() })).not.toThrow();
  });
});
