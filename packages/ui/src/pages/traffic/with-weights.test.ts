import { describe, expect, it } from 'vitest';
import { withWeights } from './with-weights.ts';

const YAML = `# the balancer
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: lb }
spec:
  hosts: [http-lb] # ours
  http:
    - name: split
      route:
        - destination: { host: http-lb, subset: v1 }
          weight: 70 # most
        - destination: { host: http-lb, subset: v2 }
          weight: 30
`;

describe('withWeights', () => {
  it('changes the numbers and nothing else', () => {
    expect(withWeights(YAML, 0, [55, 45])).toBe(
      YAML.replace('weight: 70', 'weight: 55').replace('weight: 30', 'weight: 45'),
    );
    expect(withWeights(YAML, 0, [70, 30])).toBe(YAML);
  });

  it('writes a weight where there was none', () => {
    const bare = YAML.replace('          weight: 30\n', '');
    expect(withWeights(bare, 0, [70, 30])).toContain(
      '        - weight: 30\n          destination: { host: http-lb, subset: v2 }\n',
    );
    const flow = 'spec: {http: [{route: [{destination: {host: a}}, {destination: {host: b}}]}]}\n';
    expect(withWeights(flow, 0, [5, 95])).toBe(
      'spec: {http: [{route: [{weight: 5, destination: {host: a}}, {weight: 95, destination: {host: b}}]}]}\n',
    );
  });

  it('leaves alone what has no such rule', () => {
    expect(withWeights(YAML, 3, [1, 99])).toBe(YAML);
  });
});
