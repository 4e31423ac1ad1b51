// A few engine sessions behind one fair queue: a session runs one statement at a time.

import { storeErrors } from '../errors.ts';

export interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Takes long: such calls together leave one session to the others, where there are several. */
  readonly heavy?: boolean | undefined;
}

interface Waiting<Session> {
  readonly heavy: boolean;
  run(session: Session): void;
  cancel(): void;
}

/** First come, first served over all sessions, but that heavy calls let others pass; at most `limit` may wait. */
export class SessionQueue<Session> {
  readonly #idle: Session[];
  readonly #waiting: Waiting<Session>[] = [];
  readonly #limit: number;
  readonly #heavyLimit: number;
  #busy = 0;
  #heavy = 0;
  #drained: (() => void)[] = [];

  constructor(sessions: readonly Session[], limit: number) {
    this.#idle = [...sessions];
    this.#limit = limit;
    this.#heavyLimit = Math.max(1, sessions.length - 1);
  }

  /**
   * Runs `work` on the next free session. An aborted call that still waits never starts; one under way rejects at
   * once and its session stays taken until the engine is done. Throws `store.too_many_queries` when the queue is full.
   */
  async run<Result>(
    work: (session: Session) => Promise<Result>,
    { signal, heavy = false }: TurnOptions = {},
  ): Promise<Result> {
    signal?.throwIfAborted();
    const session =
      this.#idle.length > 0 && this.#mayRun(heavy)
        ? this.#take(this.#idle.pop()!, heavy)
        : await this.#wait(heavy, signal);
    const done = work(session).finally(() => this.#release(session, heavy));
    if (!signal) return done;
    return new Promise<Result>((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      done.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  /** Resolves when nothing runs or waits. */
  async drain(): Promise<void> {
    if (this.#busy === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  #mayRun(heavy: boolean): boolean {
    return !heavy || this.#heavy < this.#heavyLimit;
  }

  #take(session: Session, heavy: boolean): Session {
    this.#busy++;
    if (heavy) this.#heavy++;
    return session;
  }

  #wait(heavy: boolean, signal: AbortSignal | undefined): Promise<Session> {
    if (this.#waiting.length >= this.#limit) throw storeErrors.queueFull(this.#waiting.length);
    return new Promise<Session>((resolve, reject) => {
      const waiting: Waiting<Session> = {
        heavy,
        run: (session) => {
          signal?.removeEventListener('abort', waiting.cancel);
          resolve(this.#take(session, heavy));
        },
        cancel: () => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(signal?.reason as Error);
        },
      };
      signal?.addEventListener('abort', waiting.cancel, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #release(session: Session, heavy: boolean): void {
    this.#busy--;
    if (heavy) this.#heavy--;
    this.#idle.push(session);
    // One that ends may let two go on: a heavy one that could not, and with its session another.
    for (;;) {
      const next = this.#waiting.findIndex((one) => this.#mayRun(one.heavy));
      if (next === -1 || this.#idle.length === 0) break;
      this.#waiting.splice(next, 1)[0]!.run(this.#idle.pop()!);
    }
    if (this.#busy === 0 && this.#waiting.length === 0)
      for (const one of this.#drained.splice(0)) one();
  }
}
