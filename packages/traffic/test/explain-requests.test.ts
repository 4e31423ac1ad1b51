// What `explain --requests` does with real recordings: 12,000 answers and the access logs and spans of a real Istio.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  compile,
  createCallerFinder,
  explainRequest,
  requestsOfJson,
  requestsOfLine,
  type AskedRequest,
  type Resource,
} from '../src/index.ts';

const folder = process.env['CLOVER_TEST_DATA'] ?? '/nonexistent';
const read = (name: string) => gunzipSync(readFileSync(join(folder, name))).toString();

describe.skipIf(!existsSync(join(folder, 'istio-cases')))(
  'requests of files (CLOVER_TEST_DATA)',
  () => {
    const recorded = () =>
      JSON.parse(read('istio-cases/cases.json.gz')) as { resources: Resource[]; cases: object[] };

    it('are explained as a real Istio answered them', () => {
      const { resources, cases } = recorded();
      const table = compile(resources);
      const finder = createCallerFinder(table, resources, [
        { name: 'sleep', namespace: 'default', labels: { app: 'sleep', version: 'v1' } },
      ]);
      const wrong: string[] = [];
      let compared = 0;
      for (const one of cases) {
        const read = requestsOfLine(JSON.stringify(one));
        if (typeof read === 'string') throw new Error(read);
        const asked: AskedRequest = { from: 'sleep', ...read.requests[0]! };
        const explained = explainRequest(
          table,
          finder,
          asked.via === 'gateway' ? read.requests[0]! : asked,
        );
        if (explained.agrees) compared++;
        else wrong.push(`${explained.difference} ${JSON.stringify(one)}`);
      }
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(compared).toBe(12_000);
    });

    it('would be told apart from the answers to other requests', () => {
      const { resources, cases } = recorded();
      const table = compile(resources);
      const finder = createCallerFinder(table, resources, []);
      const asked = requestsOfJson(cases);
      if (typeof asked === 'string') throw new Error(asked);
      const reached = asked.requests.filter((one) => one.answer?.up);
      const swapped = reached.map((one, index) => ({
        ...one,
        answer: reached[(index + 7) % reached.length]!.answer!,
      }));
      const agree = swapped.filter((one) => explainRequest(table, finder, one).agrees);
      expect(agree.length / swapped.length).toBeLessThan(0.02);
    });

    it('come out of access logs and span documents, with where they went', () => {
      const lines = read('istio-telemetry/front-sidecar-access.log.gz').trim().split('\n');
      const logged = lines.map(requestsOfLine).filter((one) => typeof one !== 'string');
      expect(logged).toHaveLength(lines.length);
      const requests = logged.flatMap((one) => one.requests);
      expect(requests[0]).toEqual({
        method: 'GET',
        path: '/front',
        headers: {
          host: 'web',
          'user-agent': 'Go-http-client/1.1',
          'x-request-id': 'b92b662b-478b-9c70-b65f-c131126a973e',
        },
        whole: false,
        port: 80,
        answer: {
          status: 200,
          destination: {
            direction: 'outbound',
            port: 80,
            subset: 'v1',
            host: 'web.demo.svc.cluster.local',
          },
        },
      });
      expect(logged.reduce((sum, one) => sum + one.passedOver, 0) + requests.length).toBe(
        lines.length,
      );
      for (const provider of ['opentelemetry', 'zipkin']) {
        const spans = requestsOfLine(
          JSON.stringify(
            JSON.parse(read(`istio-telemetry/jaeger-api-from-${provider}-provider.json.gz`)),
          ),
        );
        if (typeof spans === 'string') throw new Error(spans);
        const via = new Set(spans.requests.map((one) => one.via));
        expect(via).toEqual(new Set(['gateway', 'sidecar']));
        expect(spans.requests.find((one) => one.via === 'sidecar')).toMatchObject({
          headers: { host: expect.stringContaining('web') },
          namespace: 'demo',
          answer: { destination: { host: 'web.demo.svc.cluster.local' } },
        });
      }
    });
  },
);
