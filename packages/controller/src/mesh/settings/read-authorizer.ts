// One of MeshConfig's `extensionProviders`: authorizers over HTTP are taken, the rest is told of.

import type { ExtAuthzHttp, ExtensionProvider } from '@clover/proxy';
import { durationOf, given } from './values.ts';
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
