// The sample services: their settings while they run, the rules of the IDS, and what they report.

import {
  IdsAlertsAnswer,
  IdsAlertsBody,
  IdsAlertsQuery,
  IdsControl,
  IdsRulesAnswer,
  IdsRuleSet,
  LoadBalancerSet,
  parseScope,
  ProxySet,
  ReportsTaken,
  ServerSet,
  ServiceChanged,
  UploadsAnswer,
  UploadsBody,
  UploadsQuery,
} from '@clover/model';
import { idsAlerts, uploads } from '@clover/store';
import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

const change = (
  path: string,
  summary: string,
  body: z.ZodType,
  run: Endpoint['run'],
  more: Partial<Pick<Endpoint, 'answer' | 'tag' | 'bodyBytes'>> = {},
): Endpoint => ({
  method: 'POST',
  path,
  summary,
  tag: 'sample services',
  role: 'operator',
  body,
  answer: ServiceChanged,
  run,
  ...more,
});

export const serviceEndpoints: readonly Endpoint[] = [
  change(
    '/services/proxy',
    'Change where a proxy sends requests and copies',
    ProxySet,
    ({ body }, { deps }) => deps.services.setProxy(body as ProxySet),
  ),
  change(
    '/services/lb',
    'Change the servers of a load balancer',
    LoadBalancerSet,
    ({ body }, { deps }) => deps.services.setLoadBalancer(body as LoadBalancerSet),
  ),
  change('/services/server', 'Change what a server serves', ServerSet, ({ body }, { deps }) =>
    deps.services.setServer(body as ServerSet),
  ),
  change(
    '/ids/rules',
    'Add rules in Snort’s language to the IDS',
    IdsRuleSet,
    ({ body }, { deps }) => deps.services.addRules(body as IdsRuleSet),
    { answer: IdsRulesAnswer, bodyBytes: 16 << 20 },
  ),
  change('/ids/start', 'Start the IDS', IdsControl, ({ body }, { deps }) =>
    deps.services.startIds(body as IdsControl),
  ),
  change('/ids/stop', 'Stop the IDS', IdsControl, ({ body }, { deps }) =>
    deps.services.stopIds(body as IdsControl),
  ),
  {
    method: 'GET',
    path: '/ids/alerts',
    summary: 'Alerts of the IDS, newest first',
    tag: 'sample services',
    query: IdsAlertsQuery,
    answer: IdsAlertsAnswer,
    run: ({ query }, { store, nowMs }) => {
      const asked = query as z.infer<typeof IdsAlertsQuery>;
      return idsAlerts(store, parseScope(asked, nowMs), asked);
    },
  },
  change(
    '/ids/alerts',
    'Report alerts',
    IdsAlertsBody,
    async ({ body }, { deps }) => {
      const { alerts } = body as IdsAlertsBody;
      await deps.services.takeAlerts(alerts);
      return { taken: alerts.length };
    },
    { answer: ReportsTaken },
  ),
  {
    method: 'GET',
    path: '/uploads',
    summary: 'Files that servers were sent and keep, newest first',
    tag: 'sample services',
    query: UploadsQuery,
    answer: UploadsAnswer,
    run: ({ query }, { store, nowMs }) => {
      const asked = query as z.infer<typeof UploadsQuery>;
      return uploads(store, parseScope(asked, nowMs), asked);
    },
  },
  change(
    '/uploads',
    'Report uploads',
    UploadsBody,
    async ({ body }, { deps }) => {
      const { uploads: reported } = body as UploadsBody;
      await deps.services.takeUploads(reported);
      return { taken: reported.length };
    },
    { answer: ReportsTaken },
  ),
];
