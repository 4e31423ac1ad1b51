// What may run beside Clover: the demo system, and a real Jaeger and Prometheus that get its spans and
// metrics, from which Clover pulls as in 2018. The end of one is told, and ends nothing else.

import { CloverError, type VisibilitySet } from '@clover/model';
import type { Logger } from 'pino';
import type { CompanionJaeger } from '../companions/jaeger.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { CompanionPrometheus } from '../companions/prometheus.ts';
import type { Config } from '../config/load.ts';
import type { RunningVisibility } from '../visibility/visibility.ts';
import type { Demo } from './demo.ts';
import { FIREWALL_AUTHOR } from './firewall.ts';

export interface Companions {
  /** How the demo runs, if it does; `front`: where its clients' requests go. */
  readonly demo: { readonly inMesh: boolean; readonly front: string } | undefined;
  /** For the ready file. */
  readonly ready: object;
  /** For the banner: name and address. */
  readonly addresses: readonly (readonly [string, string])[];
  close(): Promise<void>;
}

export interface CompanionPlan {
  readonly jaeger: string | undefined;
  readonly prometheus: string | undefined;
}

export interface CompanionContext {
  readonly demo: Demo;
  readonly visibility: RunningVisibility;
  readonly mesh: Mesh;
  readonly logger: Logger;
  readonly jaeger: CompanionJaeger | undefined;
}

const NONE: Companions = {
  demo: undefined,
  ready: {},
  addresses: [],
  close: async () => undefined,
};
const SAMPLE_INTERVAL_S = 2;
/** Of the resources that come with `--demo`. */
const AUTHOR = 'demo';

/** Looks for the programs before anything starts. Throws CloverError `config.no_program`, `config.no_demo`. */
export async function planCompanions(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CompanionPlan> {
  const wanted = { jaeger: config.flag('withJaeger'), prometheus: config.flag('withPrometheus') };
  if (!wanted.jaeger && !wanted.prometheus) return { jaeger: undefined, prometheus: undefined };
  if (!config.flag('demo'))
    throw new CloverError(
      'config.no_demo',
      '--with-jaeger and --with-prometheus are for the demo, which is off',
      {
        hint: 'add --demo; a Jaeger or Prometheus of your own is pulled with `cloverctl start visibility -f FILE`',
        status: 400,
      },
    );
  const [{ findProgram }, { JAEGER }, { PROMETHEUS }] = await Promise.all([
    import('../companions/find-program.ts'),
    import('../companions/jaeger.ts'),
    import('../companions/prometheus.ts'),
  ]);
  return {
    jaeger: wanted.jaeger ? findProgram(JAEGER, env) : undefined,
    prometheus: wanted.prometheus ? findProgram(PROMETHEUS, env) : undefined,
  };
}

const onExit = (name: string, logger: Logger) => (detail: string) =>
  logger.warn({ detail }, `${name} ended; Clover goes on without it`);

/** Before anything that sends it spans. */
export async function startCompanionJaeger(
  { jaeger }: CompanionPlan,
  logger: Logger,
): Promise<CompanionJaeger | undefined> {
  if (jaeger === undefined) return undefined;
  const { startJaeger } = await import('../companions/jaeger.ts');
  return startJaeger(jaeger, onExit('Jaeger', logger));
}

/** With `--demo`: the sample system, and a Prometheus that scrapes it. */
export async function startCompanions(
  config: Config,
  plan: CompanionPlan,
  { demo, visibility, mesh, logger, jaeger }: CompanionContext,
): Promise<Companions> {
  if (!config.flag('demo')) return NONE;
  let prometheus: CompanionPrometheus | undefined;
  try {
    await startDemo(demo, mesh, logger);
    if (plan.prometheus !== undefined) {
      const { startPrometheus } = await import('../companions/prometheus.ts');
      const started = await startPrometheus(plan.prometheus, onExit('Prometheus', logger));
      prometheus = started;
      const { metricsUrl } = mesh.dataPlane;
      const always = metricsUrl === null ? [] : [metricsUrl];
      await demo.watchTargets((targets) =>
        started.setTargets([...targets.map(({ url }) => url), ...always]),
      );
    }
    if (jaeger || prometheus)
      await visibility.borrow(
        {
          sample_interval: SAMPLE_INTERVAL_S,
          ...(jaeger && { t_host: '127.0.0.1', t_port: jaeger.port }),
          ...(prometheus && { m_host: '127.0.0.1', m_port: prometheus.port }),
        },
        DEMO_METRICS,
      );
    const programs = demo.programs()!;
    return {
      demo: { inMesh: demo.state().inMesh, front: programs.frontUrl },
      ready: {
        demo: {
          front: programs.frontUrl,
          admin: programs.adminUrls,
          control: programs.controlAddresses,
        },
        ...(jaeger && { jaeger: jaeger.url }),
        ...(prometheus && { prometheus: prometheus.url }),
      },
      addresses: [
        ...(jaeger ? [['Jaeger', jaeger.url] as const] : []),
        ...(prometheus ? [['Prometheus', prometheus.url] as const] : []),
      ],
      close: async () => prometheus?.close(),
    };
  } catch (error) {
    await prometheus?.close();
    throw error;
  }
}

/** What a user has is kept: at the start the sample's resources come only where there are none at all. */
async function startDemo(demo: Demo, { repository }: Mesh, logger: Logger): Promise<void> {
  const others = [...repository.entries.values()].some(({ author }) => author !== FIREWALL_AUTHOR);
  if (others) return void (await demo.start(AUTHOR, 'keep'));
  try {
    await demo.start(AUTHOR, 'apply');
  } catch (error) {
    if (!(error instanceof CloverError) || error.code !== 'traffic.refused') throw error;
    logger.warn({ issues: error.issues }, `the sample is not in force: ${error.message}`);
    await demo.start(AUTHOR, 'keep');
  }
}

/** What is tracked when nothing was set: the original's metrics, which the demo has. */
const DEMO_METRICS: VisibilitySet = {
  metric_prefixes: [
    { prefix: 'envoy_cluster_outbound_9180__' },
    { prefix: 'envoy_cluster_inbound_9180__' },
  ],
  metric_suffixes: [
    { suffix: '_default_svc_cluster_local_upstream_rq_2xx' },
    { suffix: '_default_svc_cluster_local_upstream_cx_active' },
  ],
  custom_metrics: [{ metric: 'envoy_tracing_zipkin_spans_sent' }],
};
