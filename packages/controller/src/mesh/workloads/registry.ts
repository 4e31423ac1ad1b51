// Who is in the mesh. Workloads without a lease are kept on disk; those with one go out by themselves
// when their heartbeat stays away, and come back when their program asks again.

import { readFile } from 'node:fs/promises';
import { CloverError, nearest, type WorkloadJoin } from '@clover/model';
import { damaged } from '../errors.ts';
import { writeDurably } from '../repository/durable-file.ts';
import { workloadKey, workloadOf, type RegisteredWorkload } from './workload.ts';

export interface Registry {
  /** By `namespace/name`; another map after each change. */
  readonly workloads: ReadonlyMap<string, RegisteredWorkload>;
  /** One of the same name is replaced, unless a program holds its lease: `mesh.name_taken`. */
  join(join: WorkloadJoin, author: string): Promise<RegisteredWorkload>;
  /** The same for many, in one change: all of them or none. */
  joinAll(joins: readonly WorkloadJoin[], author: string): Promise<readonly RegisteredWorkload[]>;
  /** Throws `mesh.no_workload`. */
  remove(name: { namespace: string; name: string }): Promise<RegisteredWorkload>;
  /** In one change; who is not there any more is passed over. */
  removeAll(names: readonly { namespace: string; name: string }[]): Promise<void>;
  /** Throws `mesh.no_workload`: the program is to join again. */
  heartbeat(
    name: { namespace: string; name: string },
    ready?: boolean,
  ): Promise<RegisteredWorkload>;
  leaseEndsAtMs(workload: RegisteredWorkload): number | null;
  close(): void;
}

export interface RegistryOptions {
  readonly file: string;
  readonly now?: () => number;
  /** After each change; rejects to take a join back. */
  readonly onChange: (workloads: ReadonlyMap<string, RegisteredWorkload>) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const SWEEP_MS = 500;

export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { now = Date.now } = options;
  let workloads: ReadonlyMap<string, RegisteredWorkload> = new Map(
    (await kept(options.file)).map((one) => [workloadKey(one), one]),
  );
  const seenAtMs = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  }

  async function change<Edited extends readonly RegisteredWorkload[]>(
    edit: (next: Map<string, RegisteredWorkload>) => Edited,
  ): Promise<Edited> {
    const before = workloads;
    const next = new Map(before);
    const edited = edit(next);
    if (edited.length === 0) return edited;
    workloads = next;
    try {
      await options.onChange(next);
      const touched = edited.flatMap((one) => [one, before.get(workloadKey(one))]);
      if (touched.some((one) => one?.leaseMs === null)) await keep(options.file, next);
    } catch (error) {
      workloads = before;
      await options.onChange(before).catch(options.onError);
      throw error;
    }
    return edited;
  }

  function find(name: { namespace: string; name: string }): RegisteredWorkload {
    const found = workloads.get(workloadKey(name));
    if (found) return found;
    const close = nearest(workloadKey(name), workloads.keys());
    throw new CloverError('mesh.no_workload', `there is no workload ${workloadKey(name)}`, {
      status: 404,
      hint: close === undefined ? '`get workloads` lists them' : `did you mean ${close}?`,
    });
  }

  const takeOut = (gone: readonly RegisteredWorkload[]) =>
    change((next) => {
      for (const one of gone) next.delete(workloadKey(one));
      return gone;
    });

  const joinAll: Registry['joinAll'] = (joins, author) =>
    exclusively(() => {
      const stamp = { author, nowMs: now() };
      return change((next) =>
        joins.map((join) => {
          const one = workloadOf(join, next, stamp);
          const held = workloads.get(workloadKey(one));
          if (held && held.leaseMs !== null) throw nameTaken(held);
          seenAtMs.set(workloadKey(one), stamp.nowMs);
          next.set(workloadKey(one), one);
          return one;
        }),
      );
    });

  const sweep = setInterval(() => {
    const over = [...workloads.values()].filter(
      (one) => one.leaseMs !== null && now() - (seenAtMs.get(workloadKey(one)) ?? 0) > one.leaseMs,
    );
    if (over.length === 0) return;
    exclusively(async () => {
      // One may have come back while this waited for its turn.
      const still = over.filter((one) => workloads.get(workloadKey(one)) === one);
      await takeOut(still);
    }).catch(options.onError);
  }, SWEEP_MS);
  sweep.unref();

  return {
    get workloads() {
      return workloads;
    },
    joinAll,
    join: async (join, author) => (await joinAll([join], author))[0]!,
    remove: (name) =>
      exclusively(async () => {
        const one = find(name);
        seenAtMs.delete(workloadKey(one));
        await takeOut([one]);
        return one;
      }),
    removeAll: (names) =>
      exclusively(async () => {
        await takeOut(names.flatMap((name) => workloads.get(workloadKey(name)) ?? []));
      }),
    async heartbeat(name, ready) {
      const one = find(name);
      seenAtMs.set(workloadKey(one), now());
      if (ready === undefined || ready === one.ready) return one;
      return exclusively(async () => {
        const changed = { ...find(name), ready };
        await change((next) => {
          next.set(workloadKey(one), changed);
          return [changed];
        });
        return changed;
      });
    },
    leaseEndsAtMs: (one) =>
      one.leaseMs === null ? null : (seenAtMs.get(workloadKey(one)) ?? 0) + one.leaseMs,
    close: () => clearInterval(sweep),
  };
}

function nameTaken(held: RegisteredWorkload): CloverError {
  return new CloverError(
    'mesh.name_taken',
    `a workload ${workloadKey(held)} is in the mesh already`,
    {
      status: 409,
      hint: 'choose another name; when its program is gone it goes out by itself within seconds',
    },
  );
}

async function kept(file: string): Promise<readonly RegisteredWorkload[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw damaged(file, error.message, error);
  });
  if (text === undefined) return [];
  try {
    return JSON.parse(text) as RegisteredWorkload[];
  } catch (error) {
    throw damaged(file, 'it is not JSON', error);
  }
}

function keep(file: string, workloads: ReadonlyMap<string, RegisteredWorkload>): Promise<void> {
  const staying = [...workloads.values()].filter((one) => one.leaseMs === null);
  return writeDurably(file, `${JSON.stringify(staying, null, 2)}\n`);
}
