// 12,000 answers of a real Istio: every one must come out of `decide`.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  analyze,
  applyHeaders,
  compile,
  decide,
  findSubset,
  type Caller,
  type Resource,
  type RoutingTable,
} from '../src/index.ts';

const file = join(process.env['CLOVER_TEST_DATA'] ?? '/nonexistent', 'istio-cases/cases.json.gz');

interface Case {
  via: 'gateway' | 'sidecar';
  method: string;
  path: string;
  headers: Record<string, string>;
  answer: {
    status: number;
    headers: Record<string, string>;
    body?: string;
    up?: { port: number; path: string; headers: Record<string, string> };
  };
}

const CALLERS: Record<Case['via'], { caller: Caller; port: number }> = {
  gateway: {
    caller: { via: 'gateway', namespace: 'default', labels: { istio: 'ingressgateway' } },
    port: 18085,
  },
  sidecar: {
    caller: { via: 'sidecar', namespace: 'default', labels: { app: 'sleep', version: 'v1' } },
    port: 9180,
  },
};

describe.skipIf(!existsSync(file))(
  'the recorded answers of a real Istio (CLOVER_TEST_DATA)',
  () => {
    it('are all decided alike', () => {
      const recorded = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
        resources: Resource[];
        cases: Case[];
      };
      const table = compile(recorded.resources);
      const wrong: string[] = [];
      for (const one of recorded.cases) {
        const difference = compare(table, one);
        if (difference) wrong.push(`${difference}\n  ${JSON.stringify(one)}`);
      }
      expect(wrong.slice(0, 12)).toEqual([]);
    });

    it('never reach a rule that analyze calls unreachable', () => {
      const recorded = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
        resources: Resource[];
        cases: Case[];
      };
      const read = { resources: recorded.resources, findings: [], positionOf: () => undefined };
      const unreachable = new Set(
        analyze(read)
          .filter((one) => one.code === 'CLV301')
          .map((one) => `${one.resource} ${one.field}`),
      );
      const table = compile(recorded.resources);
      const reached = recorded.cases.flatMap((one) => {
        const { caller, port } = CALLERS[one.via];
        const { rule } = decide(table, caller, {
          method: one.method,
          path: one.path,
          headers: one.headers,
          port,
        });
        if (!rule?.virtualService) return [];
        const block = rule.matchIndex === -1 ? '' : `.match[${rule.matchIndex}]`;
        return [`VirtualService ${rule.virtualService} spec.http[${rule.ruleIndex}]${block}`];
      });
      expect(unreachable.size).toBeGreaterThan(100);
      expect(reached.filter((one) => unreachable.has(one))).toEqual([]);
    });
  },
);

function compare(table: RoutingTable, one: Case): string | undefined {
  const { caller, port } = CALLERS[one.via];
  const decision = decide(table, caller, {
    method: one.method,
    path: one.path,
    headers: one.headers,
    port,
  });
  const { answer } = one;
  const said = (text: string) => `${text} by ${JSON.stringify(decision.rule)}`;
  const abort = decision.fault?.abort;
  if (abort?.probability === 1) {
    return answer.status === abort.httpStatus && !answer.up
      ? undefined
      : said(`fault ${abort.httpStatus}, not ${answer.status}`);
  }
  const { outcome } = decision;
  switch (outcome.kind) {
    case 'notFound':
      return answer.status === 404 && !answer.up ? undefined : said(`404, not ${answer.status}`);
    case 'blocked':
      return said('blocked');
    case 'passthrough':
      return answer.status === 503 && answer.body === 'no healthy upstream'
        ? undefined
        : said(`passthrough, not ${answer.status}`);
    case 'directResponse':
      if (answer.up || answer.status !== outcome.status || (answer.body ?? '') !== outcome.body)
        return said(`direct ${outcome.status}`);
      return headersDiffer(applyHeaders({}, outcome.responseHeaders), answer.headers, [
        'content-type',
      ]);
    case 'redirect':
      if (answer.status !== outcome.status || answer.headers['location'] !== outcome.location)
        return said(`redirect ${outcome.status} ${outcome.location}`);
      return headersDiffer(applyHeaders({}, outcome.responseHeaders), answer.headers, [
        'content-type',
        'location',
      ]);
    case 'forward': {
      if (!answer.up) {
        const gone = outcome.action.destinations.some((d) => d.missing);
        return gone && answer.status === 503 ? undefined : said(`forward, not ${answer.status}`);
      }
      const up = answer.up;
      if (up.path !== outcome.path) return said(`path ${outcome.path}, not ${up.path}`);
      const possible = outcome.action.destinations.filter((d) => {
        const labels = d.subset
          ? findSubset(table.destinationRule(d.host, 'default'), d.subset)?.labels
          : {};
        return table.services
          .get(d.host)
          ?.endpoints.some(
            (e) =>
              e.ports?.['http'] === up.port &&
              Object.entries(labels ?? {}).every(([k, v]) => e.labels?.[k] === v),
          );
      });
      if (possible.length === 0)
        return said(`destinations ${JSON.stringify(outcome.action.destinations)}, not ${up.port}`);
      const differences = possible.map((d) => {
        const sent = applyHeaders(one.headers, d.requestHeaders);
        if (d.authority !== undefined) sent['host'] = d.authority;
        delete sent['content-length'];
        return (
          headersDiffer(sent, up.headers, []) ??
          headersDiffer(applyHeaders({ 'x-up': 'up' }, d.responseHeaders), answer.headers, [
            'content-type',
          ])
        );
      });
      return differences.includes(undefined) ? undefined : said(differences[0]!);
    }
  }
}

function headersDiffer(
  mine: Record<string, string>,
  theirs: Record<string, string>,
  ignore: string[],
): string | undefined {
  const names = new Set(
    [...Object.keys(mine), ...Object.keys(theirs)].filter((n) => !ignore.includes(n)),
  );
  for (const name of names)
    if (mine[name] !== theirs[name]) return `header ${name}: ${mine[name]}, not ${theirs[name]}`;
  return undefined;
}
