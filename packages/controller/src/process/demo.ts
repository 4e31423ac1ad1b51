// The sample system, started and ended while Clover runs: one change at a time, and the same change again
// changes nothing.

import {
  CloverError,
  type SampleResource,
  type SampleSystem,
  type SampleSystemChanged,
} from '@clover/model';
import type { Demo as Programs } from '@clover/services';
import type { Logger } from 'pino';
import type { EventHub } from '../events/event-hub.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { ServicesControl } from '../services/services-control.ts';
import type { Collection, ScrapeTarget } from './collect.ts';
import { demoMesh } from './demo-mesh.ts';
import { applyMissing, removeUnchanged, sampleDocuments } from './sample-resources.ts';

export interface DemoOptions {
  readonly collection: Pick<Collection, 'localOtlpHttp' | 'setDemoTargets'>;
  readonly services: Pick<ServicesControl, 'setDemo' | 'takeAlerts' | 'takeUploads'>;
  readonly mesh: Mesh;
  readonly events: EventHub;
  readonly logger: Pick<Logger, 'warn'>;
  /** Its services run in the mesh and come with its resources. */
  readonly inMesh: boolean;
  readonly ratePerSecond: number;
  /** A second receiver of its spans. */
  readonly alsoOtlpHttpUrl?: string | undefined;
}

export interface Demo {
  state(): SampleSystem;
  /** The programs themselves, while they run. */
  programs(): Programs | undefined;
  /** Resolves when all its programs listen. `apply`: in the mesh, its resources that are missing come first. */
  start(author: string, resources: 'apply' | 'keep'): Promise<SampleSystemChanged>;
  /** Ends its programs in good order, then removes its resources that nobody changed. */
  stop(author: string, resources: 'remove' | 'keep'): Promise<SampleSystemChanged>;
  /** Told of the addresses of its metrics, now and after each change. */
  watchTargets(listener: (targets: readonly ScrapeTarget[]) => Promise<void>): Promise<void>;
  /** Ends the programs for good; resources stay. */
  close(): Promise<void>;
}

export function createDemo(options: DemoOptions): Demo {
  const { collection, services, mesh, inMesh, logger } = options;
  const asMesh = inMesh ? demoMesh(mesh, options.events, logger) : undefined;
  const watchers: ((targets: readonly ScrapeTarget[]) => Promise<void>)[] = [
    collection.setDemoTargets,
  ];
  const ended = new Set<string>();
  let running: Programs | undefined;
  let state: SampleSystem['state'] = 'stopped';
  let since: string | null = null;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  }

  async function startPrograms(): Promise<void> {
    const { startDemo } = await import('@clover/services');
    ended.clear();
    running = await startDemo({
      mesh: asMesh,
      otlpHttpUrl: await collection.localOtlpHttp(),
      alsoOtlpHttpUrl: options.alsoOtlpHttpUrl,
      rate: options.ratePerSecond,
      onExit({ services: names, detail }) {
        for (const one of names) ended.add(one);
        logger.warn({ services: names, detail }, 'a program of the demo ended');
      },
      onReports({ alerts, uploads }) {
        Promise.all([services.takeAlerts(alerts), services.takeUploads(uploads)]).catch(
          (error: unknown) => logger.warn({ err: error }, 'reports of the demo were lost'),
        );
      },
    });
    services.setDemo(running.controlAddresses);
    await tellTargets();
  }

  async function endPrograms(): Promise<void> {
    const was = running;
    running = undefined;
    since = null;
    if (was === undefined) return;
    services.setDemo({});
    await tellTargets();
    await was.close();
  }

  async function tellTargets(): Promise<void> {
    const targets = targetsOf(running);
    await Promise.all(watchers.map((one) => one(targets)));
  }

  const targetsOf = (programs: Programs | undefined): ScrapeTarget[] =>
    Object.entries(programs?.adminUrls ?? {}).map(([name, url]) => ({
      name,
      url: `${url}/metrics`,
    }));

  const demo: Demo = {
    state: () => ({
      state,
      inMesh,
      front: running?.frontUrl ?? null,
      programs: Object.keys(running?.adminUrls ?? {}).map((name) => ({
        name,
        running: !ended.has(name),
      })),
      since,
    }),
    programs: () => running,
    start: (author, what) =>
      exclusively(async () => {
        if (closed) throw ending();
        const resources = inMesh && what === 'apply' ? await applySample(author) : [];
        const changed = running === undefined;
        if (changed) {
          state = 'starting';
          try {
            await startPrograms();
            since = new Date().toISOString();
          } catch (error) {
            await endPrograms();
            throw error;
          } finally {
            state = running ? 'running' : 'stopped';
          }
        }
        return {
          changed: changed || resources.some((one) => one.state === 'applied'),
          system: demo.state(),
          resources,
        };
      }),
    stop: (author, what) =>
      exclusively(async () => {
        if (closed) throw ending();
        const wasRunning = running !== undefined;
        state = wasRunning ? 'stopping' : state;
        try {
          await endPrograms();
        } finally {
          state = 'stopped';
        }
        const resources: SampleResource[] =
          inMesh && what === 'remove'
            ? await removeUnchanged(mesh.repository, await sampleDocuments(), author)
            : [];
        return {
          changed: wasRunning || resources.some((one) => one.state === 'removed'),
          system: demo.state(),
          resources,
        };
      }),
    async watchTargets(listener) {
      watchers.push(listener);
      await listener(targetsOf(running));
    },
    close: () =>
      exclusively(async () => {
        closed = true;
        await endPrograms();
        state = 'stopped';
      }),
  };

  async function applySample(author: string): Promise<SampleResource[]> {
    const documents = await sampleDocuments();
    if (documents.length === 0)
      logger.warn('the resources of the sample are not here: apply yours with cloverctl apply -f');
    return applyMissing(mesh.repository, documents, author);
  }

  return demo;
}

const ending = (): CloverError =>
  new CloverError('system.ending', 'Clover is ending, and its sample system with it', {
    status: 503,
    hint: 'start Clover again',
  });
