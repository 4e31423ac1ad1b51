// A few engine sessions behind one fair queue: a session runs one statement at a time.

import { storeErrors } from '../errors.ts';

interface Waiting<Session> {
  run(session: Session): void;
  cancel(): void;
}

/** First come, first served over all sessions; at most `limit` may wait. */
export class SessionQueue<Session> {
  readonly #idle: Session[];
  readonly #waiting: Waiting<Session>[] = [];
  readonly #limit: number;
  #busy = 0;
  #drained: (() => void)[] = [];

  constructor(sessions: readonly Session[], limit: number) {
    this.#idle = [...sessions];
    this.#limit = limit;
  }

  /**
   * Runs `work` on the next free session. An aborted call that still waits never starts; one under way rejects at
   * once and its session stays taken until the engine is done. Throws `store.too_many_queries` when the queue is full.
   */
  async run<Result>(
    work: (session: Session) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    signal?.throwIfAborted();
    const session = this.#idle.pop() ?? (await this.#wait(signal));
    this.#busy++;
    const done = work(session).finally(() => this.#release(session));
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

  #wait(signal: AbortSignal | undefined): Promise<Session> {
    if (this.#waiting.length >= this.#limit) throw storeErrors.queueFull(this.#waiting.length);
    return new Promise<Session>((resolve, reject) => {
      const waiting: Waiting<Session> = {
        run: (session) => {
          signal?.removeEventListener('abort', waiting.cancel);
          resolve(session);
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

  #release(session: Session): void {
    this.#busy--;
    const next = this.#waiting.shift();
    if (next) next.run(session);
    else this.#idle.push(session);
    if (this.#busy === 0 && this.#waiting.length === 0 && !next)
      for (const one of this.#drained.splice(0)) one();
  }
}
