import { describe, expect, it } from 'vitest';
import { analyze } from './analyze/analyze.ts';
import { peerModes } from './peer-authentication.ts';
import { readResources } from './read/read-resources.ts';

const policy = (name: string, namespace: string, spec: string) => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;

function modes(...documents: string[]) {
  const read = readResources([{ name: 'a.yaml', text: documents.join('---\n') }]);
  expect(read.findings).toEqual([]);
  return peerModes(read.resources);
}

describe('peerModes', () => {
  const web = { namespace: 'sdc', labels: { app: 'web' } };

  it('is PERMISSIVE without a policy', () => {
    expect(modes().of(web, 80)).toBe('PERMISSIVE');
  });

  it('takes the narrowest policy that says something', () => {
    const all = [
      policy('mesh', 'istio-system', '{mtls: {mode: STRICT}}'),
      policy('ns', 'sdc', '{mtls: {mode: PERMISSIVE}}'),
      policy(
        'web',
        'sdc',
        '{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}, 8081: {mode: UNSET}}}',
      ),
    ];
    const found = modes(...all);
    expect(found.of(web, 8080)).toBe('DISABLE');
    expect(found.of(web, 8081)).toBe('STRICT');
    expect(found.of({ ...web, labels: {} }, 8080)).toBe('PERMISSIVE');
    expect(found.of({ ...web, namespace: 'other' }, 8080)).toBe('STRICT');
  });

  it('looks past UNSET', () => {
    const found = modes(
      policy('mesh', 'istio-system', '{mtls: {mode: STRICT}}'),
      policy('web', 'sdc', '{selector: {matchLabels: {app: web}}, mtls: {mode: UNSET}}'),
    );
    expect(found.of(web, 80)).toBe('STRICT');
  });

  it('is told when its port settings can do nothing', () => {
    const read = readResources([
      { name: 'a.yaml', text: policy('a', 'b', '{portLevelMtls: {80: {mode: DISABLE}}}') },
    ]);
    expect(analyze(read).map((one) => one.code)).toEqual(['CLV410']);
    expect(peerModes(read.resources).of({ namespace: 'b', labels: {} }, 80)).toBe('PERMISSIVE');
  });

  it('is read with its fields checked', () => {
    const { findings } = readResources([
      { name: 'a.yaml', text: policy('a', 'b', '{mtls: {mode: STRIKT}}') },
    ]);
    expect(findings).toMatchObject([{ code: 'CLV116', hint: 'did you mean STRICT?' }]);
  });
});
