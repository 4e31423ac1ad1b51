// One of MeshConfig's `extensionProviders`: authorizers over HTTP are taken, the rest is told of.

import { CloverError, parseDurationMs } from '@clover/model';
import type { ExtAuthzHttp, ExtensionProvider } from '@clover/proxy';
import type { Reader } from './reader.ts';

const KNOWN = [
  'service',
  'port',
  'timeout',
  'pathPrefix',
  'failOpen',
  'statusOnError',
  'includeRequestHeadersInCheck',
  'includeHeadersInCheck',
  'includeAdditionalHeadersInCheck',
  'includeRequestBodyInCheck',
  'headersToUpstreamOnAllow',
  'headersToDownstreamOnAllow',
  'headersToDownstreamOnDeny',
];

export function readAuthorizer(provider: Reader): ExtensionProvider[] {
  const name = provider.get('name')?.text() ?? '';
  const spec = provider.get('envoyExtAuthzHttp');
  provider.others(['name', 'envoyExtAuthzHttp']);
  if (spec === undefined) return [];
  spec.others(KNOWN);
  for (const key of ['service', 'port'])
    if (spec.get(key) === undefined) spec.wrong(`complete: ${key} is missing`);
  if (name === '') provider.wrong('complete: name is missing');
  const body = spec.get('includeRequestBodyInCheck');
  body?.others(['maxRequestBytes', 'allowPartialMessage']);
  const texts = (key: string) => spec.get(key)?.texts();
  const found: ExtAuthzHttp = {
    service: spec.get('service')?.text() ?? '',
    port: spec.get('port')?.integer() ?? 0,
    ...given({
      timeout: durationOf(spec.get('timeout')),
      pathPrefix: spec.get('pathPrefix')?.text(),
      failOpen: spec.get('failOpen')?.flag(),
      statusOnError: spec.get('statusOnError')?.text(),
      // The second is its name of before Istio 1.10.
      includeRequestHeadersInCheck:
        texts('includeRequestHeadersInCheck') ?? texts('includeHeadersInCheck'),
      includeAdditionalHeadersInCheck: spec.get('includeAdditionalHeadersInCheck')?.record(),
      includeRequestBodyInCheck: body && {
        maxRequestBytes: body.get('maxRequestBytes')?.integer() ?? 0,
        allowPartialMessage: body.get('allowPartialMessage')?.flag() ?? false,
      },
      headersToUpstreamOnAllow: texts('headersToUpstreamOnAllow'),
      headersToDownstreamOnAllow: texts('headersToDownstreamOnAllow'),
      headersToDownstreamOnDeny: texts('headersToDownstreamOnDeny'),
    }),
  };
  return [{ name, envoyExtAuthzHttp: found }];
}

/** As it stands there, after a look whether it is one. */
function durationOf(reader: Reader | undefined): string | undefined {
  const text = reader?.text();
  if (text === undefined) return undefined;
  try {
    parseDurationMs(text);
  } catch (error) {
    if (!(error instanceof CloverError)) throw error;
    reader?.wrong('a duration such as 500ms');
  }
  return text;
}

/** Only what is there. */
function given<T extends object>(values: T): { [Key in keyof T]: NonNullable<T[Key]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // What was left out is optional in what it is put into.
  return Object.fromEntries(entries) as { [Key in keyof T]: NonNullable<T[Key]> };
}
