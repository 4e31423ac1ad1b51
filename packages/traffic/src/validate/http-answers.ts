// Rules that answer by themselves (redirects, direct responses), and rewrites.

import type { FieldPath } from '../read/check-fields.ts';
import type { HttpDirectResponse, HttpRewrite, HttpRoute } from '../resource.ts';
import { status } from './fault.ts';
import { port } from './names.ts';
import type { Say } from './say.ts';
import { regex } from './text-match.ts';

export function checkRedirect({ redirect, match }: HttpRoute, rule: FieldPath, say: Say): void {
  if (!redirect) return;
  const path = [...rule, 'redirect'];
  const { uri, prefixRewrite, authority, scheme, redirectCode, derivePort } = redirect;
  if (uri && prefixRewrite)
    say([...path, 'prefixRewrite'], {
      code: 'exclusive',
      message: 'uri and prefixRewrite stand together; only one may',
    });
  if (prefixRewrite) {
    for (const [index, block] of (match ?? []).entries()) {
      if (block.uri && block.uri.prefix === undefined)
        say([...rule, 'match', index, 'uri'], {
          code: 'place',
          message: 'prefixRewrite needs a prefix here',
          hint: 'match a prefix, or redirect with uri',
        });
    }
  }
  if (!uri && !prefixRewrite && !authority && !scheme && redirect.port === undefined && !derivePort)
    say(path, {
      code: 'missing',
      message: 'this redirect leads to the same place',
      hint: 'add uri, prefixRewrite, authority, port or scheme',
    });
  if (redirectCode && (redirectCode < 300 || redirectCode > 399))
    say([...path, 'redirectCode'], {
      code: 'range',
      message: `${redirectCode} is no code of a redirect`,
      hint: 'use one of 301, 302, 303, 307, 308',
    });
  if (scheme && scheme !== 'http' && scheme !== 'https')
    say([...path, 'scheme'], {
      code: 'value',
      message: `scheme is ${JSON.stringify(scheme)}`,
      hint: 'write http or https',
    });
  if (redirect.port) say([...path, 'port'], port(redirect.port));
}

const KB = 1024;

export function checkDirectResponse(
  answer: HttpDirectResponse | undefined,
  path: FieldPath,
  say: Say,
): void {
  if (!answer) return;
  say([...path, 'status'], status(answer.status));
  const { string, bytes } = answer.body ?? {};
  if (bytes !== undefined && !isBase64(bytes)) {
    say([...path, 'body', 'bytes'], {
      code: 'format',
      message: 'bytes is not base64',
      hint: 'write a text into string',
    });
    return;
  }
  const size =
    string === undefined
      ? Math.floor(((bytes ?? '').length * 3) / 4)
      : new TextEncoder().encode(string).length;
  if (size > 100 * KB)
    say([...path, 'body'], {
      code: 'size',
      severity: size > KB * KB ? 'error' : 'warning',
      message: `the body has ${Math.ceil(size / KB)} KiB, and goes to every proxy with the configuration`,
      hint:
        size > KB * KB
          ? 'at most 1 MiB; let a service answer'
          : 'let a service answer what is over 100 KiB',
    });
}

const isBase64 = (text: string) =>
  /^[\w+/-]*={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1;

export function checkRewrite(rewrite: HttpRewrite | undefined, path: FieldPath, say: Say): void {
  if (!rewrite) return;
  const { uri, uriRegexRewrite, authority } = rewrite;
  if (uri && uriRegexRewrite)
    say([...path, 'uriRegexRewrite'], {
      code: 'exclusive',
      message: 'uri and uriRegexRewrite stand together; only one may',
    });
  if (!uri && !uriRegexRewrite && !authority)
    say(path, {
      code: 'missing',
      message: 'this rewrite changes nothing',
      hint: 'add uri, uriRegexRewrite or authority',
    });
  if (!uriRegexRewrite) return;
  const where = [...path, 'uriRegexRewrite'];
  if (!uriRegexRewrite.match || !uriRegexRewrite.rewrite)
    say(where, { code: 'missing', message: 'uriRegexRewrite needs both match and rewrite' });
  else say([...where, 'match'], regex(uriRegexRewrite.match));
}
