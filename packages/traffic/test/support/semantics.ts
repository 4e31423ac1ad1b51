// A request put to a small mesh: what the tests of Istio's semantics are written with. Services `a` and `b` at port 80.

import { expect } from 'vitest';
import { compile, type MeshOptions } from '../../src/compile.ts';
import { decide } from '../../src/decide.ts';
import { readResources } from '../../src/read/read-resources.ts';
import type { Caller, TrafficRequest } from '../../src/request.ts';

const SERVICES = ['a', 'b']
  .map(
    (name) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80, name: http}]}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec: {host: ${name}, subsets: [{name: v1, labels: {v: "1"}}]}\n---\n`,
  )
  .join('');
export const sidecar: Caller = { via: 'sidecar', namespace: 'default', labels: { app: 'x' } };
export const gateway: Caller = { via: 'gateway', namespace: 'default', labels: { istio: 'gw' } };
export const GATEWAY =
  'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw}\nspec: {selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n---\n';

export const vs = (http: string, head = 'hosts: [a]', name = 'vs') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec:\n  ${head}\n  http:\n${http.replace(/^/gm, '  ')}\n---\n`;

export interface Ask extends Partial<Omit<TrafficRequest, 'headers'>> {
  headers?: Record<string, string>;
  caller?: Caller;
  mesh?: MeshOptions;
  /** Takes what the reader refuses. */
  unchecked?: boolean;
}
export function ask(
  text: string,
  path = '/',
  { headers = {}, caller = sidecar, mesh = {}, unchecked = false, ...rest }: Ask = {},
) {
  const read = readResources([{ name: 'a.yaml', text: SERVICES + text }]);
  if (!unchecked) expect(read.findings.filter((one) => one.severity === 'error')).toEqual([]);
  const { resources, refused = [] } = read;
  const table = compile(unchecked ? [...resources, ...refused] : resources, mesh);
  return decide(table, caller, {
    method: 'GET',
    path,
    port: 80,
    headers: { host: 'a', ...headers },
    ...rest,
  });
}
export const A = 'route: [{destination: {host: a}}]';
export const B = 'route: [{destination: {host: b}}]';

/** Whether one block takes a request; everything else goes to the last rule. */
export const takes = (match: string, path = '/', options: Ask = {}) =>
  ask(vs(`- match: [${match}]\n  ${B}\n- ${A}`), path, options).rule?.ruleIndex === 0;
export function forward(rule: string, path = '/', options: Ask = {}) {
  const { outcome } = ask(vs(rule), path, options);
  if (outcome.kind !== 'forward') throw new Error(outcome.kind);
  return { ...outcome, to: outcome.action.destinations };
}
