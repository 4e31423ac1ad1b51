// The traffic configuration: what is in force, changes to it, its history, and what it does.

import {
  FaultInject,
  FaultsAnswer,
  resourceKindOf,
  RouteAnswer,
  RouteQuestion,
  TrafficApply,
  TrafficApplyQuery,
  TrafficChangeAnswer,
  TrafficDelete,
  TrafficDiffAnswer,
  TrafficDiffQuery,
  TrafficEffectiveAnswer,
  TrafficFindingsAnswer,
  TrafficHistoryAnswer,
  TrafficHistoryQuery,
  TrafficResource,
  TrafficResourcesAnswer,
  TrafficResourcesQuery,
  TrafficRevision,
  TrafficSchemasAnswer,
  TrafficUndo,
  TrafficValidate,
  TrafficValidateAnswer,
} from '@clover/model';
import { CRD_SCHEMAS } from '@clover/traffic';
import type { z } from 'zod';
import {
  changeAnswer,
  effectiveAnswer,
  faultAnswers,
  findingAnswer,
  historyAnswer,
  resourceAnswers,
  revisionAnswer,
} from '../mesh/answers.ts';
import { noSuchResource } from '../mesh/errors.ts';
import { classesOfChange } from '../mesh/classes-of-change.ts';
import { explainRoute } from '../mesh/explain-route.ts';
import { validate } from '../mesh/validate.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';

const tag = 'traffic';
const BODY_BYTES = 16 << 20;

const changed = (
  options: { revision?: number | undefined; reason: string; dryRun: boolean },
  { author, ifMatch }: EndpointContext,
) => ({ ...options, revision: options.revision ?? ifMatch, author });

export const trafficEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/traffic/resources',
    summary: 'Resources that were applied, with findings on them',
    tag,
    query: TrafficResourcesQuery,
    answer: TrafficResourcesAnswer,
    run: async ({ query }, { deps: { mesh } }) => ({
      revision: mesh.repository.revision,
      items: resourceAnswers(mesh, query as z.infer<typeof TrafficResourcesQuery>),
    }),
  },
  {
    method: 'GET',
    path: '/traffic/resources/:kind/:namespace/:name',
    summary: 'One resource',
    tag,
    answer: TrafficResource,
    run: async ({ params }, { deps: { mesh } }) => {
      const [found] = resourceAnswers(mesh, params);
      if (!found)
        throw noSuchResource(
          [`${params['kind']} ${params['namespace']}/${params['name']}`],
          undefined,
        );
      return found;
    },
  },
  {
    method: 'DELETE',
    path: '/traffic/resources/:kind/:namespace/:name',
    summary: 'Remove one resource',
    tag,
    role: 'operator',
    query: TrafficApplyQuery.omit({ prune: true, namespace: true }),
    answer: TrafficChangeAnswer,
    run: ({ params, query }, context) =>
      remove(
        {
          ...(query as Omit<TrafficDelete, 'resources' | 'namespace'>),
          namespace: '',
          resources: [
            {
              kind: params['kind']!,
              namespace: params['namespace']!,
              name: params['name']!,
            },
          ],
        },
        context,
      ),
  },
  {
    method: 'POST',
    path: '/traffic/delete',
    summary: 'Remove resources',
    tag,
    role: 'operator',
    body: TrafficDelete,
    answer: TrafficChangeAnswer,
    run: ({ body }, context) => remove(body as TrafficDelete, context),
  },
  {
    method: 'POST',
    path: '/traffic/apply',
    summary: 'Put resources into force: YAML files, a body of YAML, or one resource as JSON',
    tag,
    role: 'operator',
    query: TrafficApplyQuery,
    body: TrafficApply,
    takesYaml: true,
    bodyBytes: BODY_BYTES,
    answer: TrafficChangeAnswer,
    async run({ body }, context) {
      const { files, classes, ...options } = body as TrafficApply;
      const { mesh } = context.deps;
      const result = await mesh.repository.apply(files, {
        ...options,
        ...changed(options, context),
      });
      const answer = changeAnswer(result, options.dryRun);
      return classes && options.dryRun
        ? { ...answer, classes: classesOfChange(mesh, files, options) }
        : answer;
    },
  },
  {
    method: 'POST',
    path: '/traffic/validate',
    summary: 'What would be said about resources, and what they would change',
    tag,
    body: TrafficValidate,
    bodyBytes: BODY_BYTES,
    answer: TrafficValidateAnswer,
    run: ({ body }, { deps }) => validate(deps.mesh, body as TrafficValidate),
  },
  {
    method: 'GET',
    path: '/traffic/findings',
    summary: 'Findings on all that is in force',
    tag,
    answer: TrafficFindingsAnswer,
    run: async (_, { deps: { mesh } }) => ({
      revision: mesh.repository.revision,
      items: mesh.repository.findings().map(findingAnswer),
    }),
  },
  {
    method: 'GET',
    path: '/traffic/history',
    summary: 'Changes, newest first',
    tag,
    query: TrafficHistoryQuery,
    answer: TrafficHistoryAnswer,
    run: async ({ query }, { deps: { mesh } }) =>
      historyAnswer(mesh.repository.headers, query as z.infer<typeof TrafficHistoryQuery>),
  },
  {
    method: 'GET',
    path: '/traffic/history/:revision',
    summary: 'One change, with its differences',
    tag,
    answer: TrafficRevision,
    run: async ({ params }, { deps: { mesh } }) =>
      revisionAnswer(await mesh.repository.changesOf(Number(params['revision']))),
  },
  {
    method: 'GET',
    path: '/traffic/diff',
    summary: 'Differences between two revisions',
    tag,
    query: TrafficDiffQuery,
    answer: TrafficDiffAnswer,
    async run({ query }, { deps: { mesh } }) {
      const { from, to } = query as z.infer<typeof TrafficDiffQuery>;
      const changes = await mesh.repository.diff(from, to);
      return { from, to: to ?? mesh.repository.revision, changes };
    },
  },
  {
    method: 'POST',
    path: '/traffic/undo',
    summary:
      'Take the last change back, a fault that is on too, or back to how the resources were after an earlier one',
    tag,
    role: 'operator',
    body: TrafficUndo,
    answer: TrafficChangeAnswer,
    async run({ body }, context) {
      const options = body as TrafficUndo;
      const { repository } = context.deps.mesh;
      const result = await repository.undo(options.to, {
        ...changed(options, context),
        all: options.all,
      });
      return changeAnswer(result, options.dryRun);
    },
  },
  {
    method: 'GET',
    path: '/traffic/effective',
    summary: 'What is enforced: resources with workloads and fault switches, and the services',
    tag,
    answer: TrafficEffectiveAnswer,
    run: async (_, { deps: { mesh } }) => effectiveAnswer(mesh),
  },
  {
    method: 'GET',
    path: '/traffic/schemas',
    summary: 'JSON schemas of the resources, for editors that complete and check',
    tag,
    answer: TrafficSchemasAnswer,
    run: async () => ({ kinds: CRD_SCHEMAS }),
  },
  {
    method: 'POST',
    path: '/traffic/explain',
    summary: 'Where a request would go, and rule by rule why',
    tag,
    body: RouteQuestion,
    answer: RouteAnswer,
    run: async ({ body }, { deps }) => explainRoute(deps.mesh, body as RouteQuestion),
  },
  {
    method: 'GET',
    path: '/traffic/faults',
    summary: 'Fault switches that are on',
    tag,
    answer: FaultsAnswer,
    run: async (_, { deps: { mesh } }) => ({ items: faultAnswers(mesh.effective()) }),
  },
  {
    method: 'POST',
    path: '/traffic/faults',
    summary: 'Switch a fault on for a while; it replaces one of the same service',
    tag,
    role: 'operator',
    body: FaultInject,
    answer: TrafficChangeAnswer,
    run: async ({ body }, { deps: { mesh }, author }) =>
      changeAnswer(await mesh.faults.inject(body as FaultInject, author), false),
  },
  {
    method: 'DELETE',
    path: '/traffic/faults/:namespace/:service',
    summary: 'Switch a fault off',
    tag,
    role: 'operator',
    answer: TrafficChangeAnswer,
    run: async ({ params }, { deps: { mesh }, author }) =>
      changeAnswer(
        await mesh.faults.end(
          { namespace: params['namespace']!, service: params['service']! },
          author,
        ),
        false,
      ),
  },
];

async function remove(body: TrafficDelete, context: EndpointContext) {
  const { resources, ...options } = body;
  const names = resources.map((one) => ({ ...one, kind: resourceKindOf(one.kind) }));
  const result = await context.deps.mesh.repository.remove(names, {
    ...options,
    ...changed(options, context),
  });
  return changeAnswer(result, options.dryRun);
}
