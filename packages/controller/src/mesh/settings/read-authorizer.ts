// One of MeshConfig's `extensionProviders`: authorizers over HTTP and gRPC are taken, the rest is told of.

import type { ExtAuthz, ExtensionProvider } from '@clover/proxy';
import type { Reader } from './reader.ts';
import { durationOf, given } from './values.ts';

const COMMON = [
  'service',
  'port',
  'timeout',
  'failOpen',
  'statusOnError',
  'includeRequestBodyInCheck',
];
const HTTP = [
  'pathPrefix',
  'includeRequestHeadersInCheck',
  'includeHeadersInCheck',
  'includeAdditionalHeadersInCheck',
  'headersToUpstreamOnAllow',
  'headersToDownstreamOnAllow',
  'headersToDownstreamOnDeny',
];
const BODY = ['maxRequestBytes', 'allowPartialMessage'];

export function readAuthorizer(provider: Reader): ExtensionProvider[] {
  const name = provider.get('name')?.text() ?? '';
  const http = provider.get('envoyExtAuthzHttp');
  const grpc = provider.get('envoyExtAuthzGrpc');
  provider.others(['name', 'envoyExtAuthzHttp', 'envoyExtAuthzGrpc']);
  if (http === undefined && grpc === undefined) return [];
  if (http !== undefined && grpc !== undefined)
    provider.wrong('one provider: envoyExtAuthzHttp and envoyExtAuthzGrpc exclude each other');
  if (name === '') provider.wrong('complete: name is missing');
  if (grpc !== undefined) {
    grpc.others(COMMON);
    return [{ name, envoyExtAuthzGrpc: readCommon(grpc, [...BODY, 'packAsBytes']) }];
  }
  const spec = http!;
  spec.others([...COMMON, ...HTTP]);
  const texts = (key: string) => spec.get(key)?.texts();
  return [
    {
      name,
      envoyExtAuthzHttp: {
        ...readCommon(spec, BODY),
        ...given({
          pathPrefix: spec.get('pathPrefix')?.text(),
          // The second is its name of before Istio 1.10.
          includeRequestHeadersInCheck:
            texts('includeRequestHeadersInCheck') ?? texts('includeHeadersInCheck'),
          includeAdditionalHeadersInCheck: spec.get('includeAdditionalHeadersInCheck')?.record(),
          headersToUpstreamOnAllow: texts('headersToUpstreamOnAllow'),
          headersToDownstreamOnAllow: texts('headersToDownstreamOnAllow'),
          headersToDownstreamOnDeny: texts('headersToDownstreamOnDeny'),
        }),
      },
    },
  ];
}

function readCommon(spec: Reader, bodyKeys: readonly string[]): ExtAuthz {
  for (const key of ['service', 'port'])
    if (spec.get(key) === undefined) spec.wrong(`complete: ${key} is missing`);
  const body = spec.get('includeRequestBodyInCheck');
  body?.others(bodyKeys);
  return {
    service: spec.get('service')?.text() ?? '',
    port: spec.get('port')?.integer() ?? 0,
    ...given({
      timeout: durationOf(spec.get('timeout')),
      failOpen: spec.get('failOpen')?.flag(),
      statusOnError: spec.get('statusOnError')?.text(),
      includeRequestBodyInCheck: body && {
        maxRequestBytes: body.get('maxRequestBytes')?.integer() ?? 0,
        allowPartialMessage: body.get('allowPartialMessage')?.flag() ?? false,
        ...(bodyKeys.includes('packAsBytes') && {
          packAsBytes: body.get('packAsBytes')?.flag() ?? false,
        }),
      },
    }),
  };
}
