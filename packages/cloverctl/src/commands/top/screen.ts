// A terminal's second screen, with keys one by one. Whatever happens the first screen comes back.
import type { Io } from '../../io.ts';

const ENTER = '\u001B[?1049h\u001B[?25l';
const LEAVE = '\u001B[?25h\u001B[?1049l';

export interface Screen {
  /** Each line replaces the one that was there; nothing flickers. */
  draw(lines: readonly string[]): void;
  /** The next key, `interrupt`, `end` (of stdin), or undefined after `waitMs`. */
  key(waitMs: number): Promise<string | undefined>;
  close(): void;
}

export function openScreen(io: Io): Screen {
  const { stdin, stdout, signal } = io;
  const keys: string[] = [];
  let wake = () => {};
  const onData = (bytes: Buffer | string) => {
    for (const letter of String(bytes))
      keys.push(letter === '\u0003' ? 'interrupt' : letter.toLowerCase());
    wake();
  };
  const onAbort = () => {
    keys.push('interrupt');
    wake();
  };
  // Without a terminal at stdin there are no keys, and the table runs until it is interrupted.
  const readsKeys = stdin.isTTY === true;
  if (readsKeys) {
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', onData);
  }
  signal.addEventListener('abort', onAbort);
  process.on('exit', restore);
  stdout.write(ENTER);

  function restore() {
    stdout.write(LEAVE);
  }
  return {
    draw(lines) {
      const rows = stdout.rows ?? 24;
      const text = lines.slice(0, rows).map((line) => `${line}\u001B[K`);
      stdout.write(`\u001B[H${text.join('\r\n')}\u001B[J`);
    },
    async key(waitMs) {
      if (keys.length === 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, waitMs));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      wake = () => {};
      return keys.shift();
    },
    close() {
      if (readsKeys) {
        stdin.off('data', onData);
        stdin.setRawMode(false);
        stdin.pause();
      }
      signal.removeEventListener('abort', onAbort);
      process.off('exit', restore);
      restore();
    },
  };
}
