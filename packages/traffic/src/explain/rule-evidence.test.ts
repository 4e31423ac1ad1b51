import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import { decideSeen } from './decide-seen.ts';
import { isPrivateHeader, ruleEvidence } from './rule-evidence.ts';

const CALLER = { via: 'sidecar', namespace: 'default', labels: {} } as const;

function tableOf(rules: string) {
  const text = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
${rules}  - directResponse: {status: 299}
`;
  const read = readResources([{ name: 'a.yaml', text }]);
  expect(read.findings).toEqual([]);
  return compile(read.resources);
}
const rule = (match: string, status: number) =>
  `  - match: [{${match}}]\n    directResponse: {status: ${status}}\n`;

/** What a proxy records of a request, and what is decided by that alone. */
function again(
  rules: string,
  headers: Readonly<Record<string, string>>,
  byRules = rules,
): { recorded: string; statuses: unknown[]; unseen: readonly string[] } {
  const host = tableOf(rules).view(CALLER, 80).hosts.lookup('web')!;
  const evidence = ruleEvidence(host, (name) => headers[name]);
  const request = {
    method: 'GET',
    path: '/',
    port: 80,
    headers: { host: 'web', ...Object.fromEntries(evidence?.headers ?? []) },
  };
  const seen = decideSeen(tableOf(byRules), CALLER, request, { evidence });
  const statuses = seen.possible.map(
    ({ outcome }) => outcome.kind === 'directResponse' && outcome.status,
  );
  return { recorded: JSON.stringify(evidence), statuses, unseen: seen.unseen };
}

describe('the evidence of a decision', () => {
  const RULES =
    rule('headers: {x-canary: {exact: yes}}', 201) +
    rule("headers: {cookie: {regex: '.*user=jason.*'}}", 202) +
    rule('withoutHeaders: {x-plain: {}}, uri: {prefix: /p}', 203);

  it('decides again what rules look at, with values and with absence', () => {
    expect(again(RULES, { 'x-canary': 'yes' }).statuses).toEqual([201]);
    expect(again(RULES, { 'x-canary': 'no' }).statuses).toEqual([299]);
    expect(again(RULES, {}).statuses).toEqual([299]);
  });

  it('holds nothing of a private header but which conditions held', () => {
    const jason = again(RULES, { cookie: 'user=jason' });
    expect(jason.statuses).toEqual([202]);
    expect(jason.recorded).not.toContain('jason');
    expect(again(RULES, { cookie: 'user=mary' }).statuses).toEqual([299]);
  });

  it('leaves undecided what other rules ask of a private header', () => {
    const other = rule("headers: {cookie: {regex: '.*user=mary.*'}}", 204);
    expect(again(RULES, { cookie: 'user=mary' }, other)).toMatchObject({
      statuses: [204, 299],
      unseen: ['cookie'],
    });
    expect(again(RULES, {}, other).statuses).toEqual([299]);
    const stranger = rule('headers: {x-other: {exact: a}}', 205);
    expect(again(RULES, {}, stranger).unseen).toEqual(['x-other']);
  });

  it('tells long values and names with an underscore by their conditions too', () => {
    const rules =
      rule('headers: {x-long: {prefix: aaa}}', 206) + rule('headers: {x_user: {exact: b}}', 207);
    const long = again(rules, { 'x-long': 'a'.repeat(5000) });
    expect(long.statuses).toEqual([206]);
    expect(long.recorded.length).toBeLessThan(200);
    expect(again(rules, { x_user: 'b' }).statuses).toEqual([207]);
  });

  it('is none where no rule looks at a header, and bounded where many do', () => {
    expect(again(rule('uri: {prefix: /a}', 208), { a: 'b' }).recorded).toBeUndefined();
    const many = Array.from({ length: 40 }, (_, n) =>
      rule(`headers: {x-${n}: {exact: a}}`, 209),
    ).join('');
    expect(again(many, {}).unseen).toHaveLength(8);
  });

  it('knows credentials, sessions and tokens by their names', () => {
    const secret =
      'authorization proxy-authorization cookie set-cookie x-api-key x-auth-token x-csrf-token x-session-id x-amz-security-token x-goog-iap-jwt-assertion x-forwarded-client-cert x-client-secret';
    expect(secret.split(' ').filter((name) => !isPrivateHeader(name))).toEqual([]);
    const open = 'x-canary user-agent end-user x-user x-tenant accept-language origin x-version';
    expect(open.split(' ').filter(isPrivateHeader)).toEqual([]);
  });
});
