// What choosing an endpoint costs, for each way of balancing: 10 endpoints, requests with 64 values of the hashed header.
// Usage: ./clover bench pick

import { compile, readResources } from '@clover/traffic';
import { createClusters } from '@clover/proxy';
import { machineLine, median } from './machine.ts';

const PICKS = 2_000_000;
const ROUNDS = 5;
const HOST = 'a.default.svc.cluster.local';
// As they come from a socket: in one piece, not as the parts of a template.
const users = Array.from({ length: 64 }, (_, index) =>
  Buffer.from(`user-${index}-abcdef`).toString('latin1'),
);
let turn = 0;
const input = { header: () => users[turn++ & 63], sourceIp: '10.1.2.3', path: '/a?b=1' };

console.log(machineLine());
for (const [name, policy, weights] of [
  ['least request', '{simple: LEAST_REQUEST}', 1],
  ['least request, weights differ', '{simple: LEAST_REQUEST}', 3],
  ['round robin', '{simple: ROUND_ROBIN}', 1],
  ['random', '{simple: RANDOM}', 1],
  ['ring hash by header', '{consistentHash: {httpHeaderName: x-user}}', 1],
  ['Maglev by header', '{consistentHash: {httpHeaderName: x-user, maglev: {}}}', 1],
] as const) {
  const set = createClusters({ table: tableOf(policy, weights) });
  const cluster = set.get(HOST, '', 80, 'default')!;
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let n = 0; n < PICKS; n++) {
      const endpoint = cluster.pick(input, undefined)!;
      endpoint.active++;
      endpoint.active--;
      cluster.report(endpoint, 200);
    }
    figures.push(((performance.now() - start) * 1e6) / PICKS);
  }
  set.close();
  console.log(`${name.padEnd(30)} ${median(figures).toFixed(0).padStart(5)} ns`);
}

function tableOf(policy: string, weights: number) {
  const endpoints = Array.from(
    { length: 10 },
    (_, index) => `{address: 10.0.0.${index}, weight: ${1 + (index % weights)}}`,
  );
  const text = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [${HOST}]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [${endpoints.join(', ')}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec: {host: ${HOST}, trafficPolicy: {loadBalancer: ${policy}}}
`;
  return compile(readResources([{ name: 'pick.yaml', text }]).resources);
}
