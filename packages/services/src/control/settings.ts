// Settings that come as text, read with every fault named. Reading never changes anything.

import { CloverError } from '@clover/model';
import { SERVICES_ERRORS } from '../errors.ts';
import type { Fields } from './service-definition.ts';

export interface Settings {
  /** The field's text; undefined when it was not given. */
  text(name: string): string | undefined;
  port(name: string): number | undefined;
  /** A path that begins with a slash. */
  path(name: string): string | undefined;
  hostName(name: string): string | undefined;
  fail(name: string, message: string): void;
  /** Throws CloverError `services.bad_setting` with every fault found so far. */
  check(): void;
}

const HOST = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i;

export function createSettings(fields: Fields): Settings {
  const issues: { at: string; message: string }[] = [];
  const fail = (at: string, message: string) => void issues.push({ at, message });
  const text = (name: string) => {
    const value = fields[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const checked = (name: string, what: string, holds: (value: string) => boolean) => {
    const value = text(name);
    if (value === undefined || holds(value)) return value;
    fail(name, `${JSON.stringify(value)} is no ${what}`);
    return undefined;
  };
  return {
    text,
    fail,
    path: (name) =>
      checked(
        name,
        'path: it has to begin with / and hold no blanks',
        (value) => /^\/[^\s?#\0]*$/.test(value) && !value.split('/').includes('..'),
      ),
    hostName: (name) => checked(name, 'host name', (value) => HOST.test(value)),
    port(name) {
      const value = checked(
        name,
        'port from 1 to 65535',
        (one) => /^\d{1,5}$/.test(one) && Number(one) >= 1 && Number(one) <= 65_535,
      );
      return value === undefined ? undefined : Number(value);
    },
    check() {
      if (issues.length === 0) return;
      const [first] = issues;
      throw new CloverError(SERVICES_ERRORS.badSetting, `${first!.at}: ${first!.message}`, {
        status: 400,
        hint: 'nothing was changed',
        issues,
      });
    },
  };
}

/** `http-lb:9180` or `http://http-lb:9180` as a base URL; what is wrong with it otherwise. */
export function upstreamUrl(text: string): { url: string } | { fault: string } {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url || !HOST.test(url.hostname.replace(/^\[(.*)\]$/, 'a')))
    return { fault: `${JSON.stringify(text)} is no host:port and no http:// address` };
  if (url.protocol !== 'http:') return { fault: `${JSON.stringify(text)}: only http is passed on` };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    return { fault: `${JSON.stringify(text)}: an address without a path is wanted` };
  return { url: url.origin };
}
