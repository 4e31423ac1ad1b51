import { describe, expect, it } from 'vitest';
import { readResources } from '../read/read-resources.ts';
import { analyze } from './analyze.ts';

const rule = (name: string, spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec: {host: a, ${spec}}\n---\n`;
const found = (...rules: readonly string[]) =>
  analyze(readResources([{ name: 'a.yaml', text: rules.join('') }]))
    .filter((one) => one.code === 'CLV213')
    .map((one) => `${one.resource} ${one.field}`);

describe('two DestinationRules for one host', () => {
  it('are told where they contradict each other', () => {
    expect(
      found(
        rule(
          'one',
          'trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: v1, labels: {v: "1"}}]',
        ),
        rule(
          'two',
          'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}, subsets: [{name: v1, labels: {v: "2"}}, {name: v2}]',
        ),
      ),
    ).toEqual([
      'DestinationRule default/two spec.trafficPolicy',
      'DestinationRule default/two spec.subsets[0]',
    ]);
  });

  it('may add to each other', () => {
    expect(
      found(
        rule('one', 'trafficPolicy: {outlierDetection: {interval: 1s, baseEjectionTime: 2s}}'),
        rule(
          'two',
          'subsets: [{name: v1}], trafficPolicy: {outlierDetection: {baseEjectionTime: 2s, interval: 1s}}',
        ),
      ),
    ).toEqual([]);
  });
});
