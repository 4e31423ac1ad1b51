// Log lines on stderr: JSON for machines, short text on a terminal.

import pino, { type Logger } from 'pino';

export function createLogger(level: string, format: string): Logger {
  const text = format === 'text' || (format === 'auto' && process.stderr.isTTY);
  return text
    ? pino({ level, base: null }, textStream())
    : pino(
        { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
        pino.destination({ fd: 2, sync: false }),
      );
}

const LABELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

function textStream(): { write(line: string): void } {
  return {
    write(line) {
      const { level, time, msg, err, ...rest } = JSON.parse(line) as {
        level: number;
        time: number;
        msg: string;
        err?: { stack?: string };
      } & Record<string, unknown>;
      const fields = Object.entries(rest).map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
      process.stderr.write(
        `${new Date(time).toISOString().slice(11, 19)} ${(LABELS[level] ?? '').padEnd(5)} ${msg}${fields.join('')}\n${err?.stack ? `${err.stack}\n` : ''}`,
      );
    },
  };
}
