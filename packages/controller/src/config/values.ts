import { CloverError, nearest, parseDurationMs } from '@clover/model';
import { isIP } from 'node:net';
import type { OptionDefinition } from './option-definition.ts';

export type ConfigValue = string | number | boolean | readonly string[];

/** Reads one setting's text or YAML value by its type: durations as ms, sizes as bytes. Throws CloverError `config.bad_value` naming `at`. */
export function parseValue(option: OptionDefinition, raw: unknown, at: string): ConfigValue {
  const bad = (expected: string): never => {
    throw new CloverError('config.bad_value', `${at}: ${show(raw)} is not ${expected}`, {
      status: 400,
      hint: `${option.key}: ${option.description}`,
      issues: [{ at, message: `expected ${expected}` }],
    });
  };
  if (option.type === 'list') {
    if (Array.isArray(raw))
      return raw.map((one) => (isScalar(one) ? String(one) : bad('a list of texts')));
    return isScalar(raw)
      ? String(raw)
          .split(',')
          .map((one) => one.trim())
          .filter((one) => one !== '')
      : bad('a list of texts');
  }
  if (!isScalar(raw)) return bad('a single value');
  const text = String(raw).trim();
  switch (option.type) {
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : bad('true or false');
    case 'port':
      return /^\d{1,5}$/.test(text) && Number(text) <= 65535
        ? Number(text)
        : bad('a port (0 to 65535)');
    case 'integer':
      return /^\d{1,9}$/.test(text) && Number(text) > 0
        ? Number(text)
        : bad('a whole number above 0');
    case 'duration':
      try {
        return parseDurationMs(text);
      } catch {
        return bad('a duration such as 250ms, 30s, 15m, 7d');
      }
    case 'bytes':
      return parseBytes(text) ?? bad('a size such as 512KiB, 64MiB, 4GiB');
    case 'string':
      if (option.choices && !option.choices.includes(text)) {
        const near = nearest(text, option.choices);
        return bad(
          `one of ${option.choices.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`,
        );
      }
      return text;
  }
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const show = (raw: unknown): string =>
  isScalar(raw)
    ? `"${raw}"`
    : raw === null
      ? 'nothing'
      : `a ${Array.isArray(raw) ? 'list' : 'map'}`;

function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|[KMG]i?B?)?$/i.exec(text);
  if (!match) return undefined;
  const unit = (match[2] ?? 'B').toUpperCase();
  const power = { B: 0, K: 1, M: 2, G: 3 }[unit[0] as 'B' | 'K' | 'M' | 'G'];
  return Math.round(
    Number(match[1]) * (unit.includes('I') || unit.length === 1 ? 1024 : 1000) ** power,
  );
}

/** Whether only this machine can reach a listener bound to `host`. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
