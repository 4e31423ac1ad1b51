import { describe, expect, it } from 'vitest';
import { parseMeshConfig } from './mesh-config.ts';

const parse = (text: string) => parseMeshConfig(text, 'mesh.yaml');
const faultsOf = (text: string) => {
  try {
    parse(text);
    return [];
  } catch (error) {
    return (error as { issues: { at: string; message: string }[] }).issues.map(
      ({ at, message }) => `${at} ${message}`,
    );
  }
};

describe('parseMeshConfig', () => {
  it('reads authorizers, the policy for unknown hosts and the access log', () => {
    expect(
      parse(`
extensionProviders:
- name: waf
  envoyExtAuthzHttp:
    service: waf.default.svc.cluster.local
    port: 80
    timeout: 2s
    failOpen: true
    statusOnError: 503
    includeRequestHeadersInCheck: [cookie, x-*]
    includeAdditionalHeadersInCheck: {x-mesh: clover}
    includeRequestBodyInCheck: {maxRequestBytes: 4096, allowPartialMessage: true}
    headersToUpstreamOnAllow: [x-user]
outboundTrafficPolicy: {mode: REGISTRY_ONLY}
rootNamespace: mesh-root
accessLogFile: /var/log/mesh.log
accessLogEncoding: JSON
`),
    ).toEqual({
      options: { outboundTrafficPolicy: 'REGISTRY_ONLY', rootNamespace: 'mesh-root' },
      extensionProviders: [
        {
          name: 'waf',
          envoyExtAuthzHttp: {
            service: 'waf.default.svc.cluster.local',
            port: 80,
            timeout: '2s',
            failOpen: true,
            statusOnError: '503',
            includeRequestHeadersInCheck: ['cookie', 'x-*'],
            includeAdditionalHeadersInCheck: { 'x-mesh': 'clover' },
            includeRequestBodyInCheck: { maxRequestBytes: 4096, allowPartialMessage: true },
            headersToUpstreamOnAllow: ['x-user'],
          },
        },
      ],
      accessLog: { file: '/var/log/mesh.log', format: undefined, encoding: 'JSON' },
      notEnforced: [],
    });
  });

  it('reads authorizers over gRPC', () => {
    const { extensionProviders, notEnforced } = parse(`
extensionProviders:
- name: judge
  envoyExtAuthzGrpc:
    service: sdc/judge.sdc.svc.cluster.local
    port: 9000
    timeout: 2s
    failOpen: true
    statusOnError: 503
    clearRouteCache: true
    includeRequestBodyInCheck: {maxRequestBytes: 64, packAsBytes: true}
`);
    expect(extensionProviders).toEqual([
      {
        name: 'judge',
        envoyExtAuthzGrpc: {
          service: 'sdc/judge.sdc.svc.cluster.local',
          port: 9000,
          timeout: '2s',
          failOpen: true,
          statusOnError: '503',
          includeRequestBodyInCheck: {
            maxRequestBytes: 64,
            allowPartialMessage: false,
            packAsBytes: true,
          },
        },
      },
    ]);
    expect(notEnforced).toEqual([
      'mesh.yaml:10:5: extensionProviders[0].envoyExtAuthzGrpc.clearRouteCache is not enforced by the built-in data plane',
    ]);
    expect(faultsOf('extensionProviders: [{name: a, envoyExtAuthzGrpc: {port: 1}}]')).toEqual([
      'mesh.yaml:1:51 extensionProviders[0].envoyExtAuthzGrpc is not complete: service is missing',
    ]);
  });

  it('reads the retries of rules that say nothing of them', () => {
    const of = (text: string) => parse(`defaultHttpRetryPolicy: ${text}`);
    expect(of('{attempts: 3, retryOn: "5xx,503", perTryTimeout: 2s, backoff: 1s}')).toMatchObject({
      options: {
        defaultHttpRetryPolicy: {
          attempts: 3,
          retryOn: '5xx,503',
          perTryTimeout: '2s',
          backoff: '1s',
        },
      },
      notEnforced: [],
    });
    // As in Istio without a number there are none.
    expect(of('{retryOn: 5xx}').options.defaultHttpRetryPolicy).toMatchObject({ attempts: 0 });
    expect(of('{attempts: 1, retryRemoteLocalities: true}').notEnforced).toEqual([
      'mesh.yaml:1:39: defaultHttpRetryPolicy.retryRemoteLocalities is not enforced by the built-in data plane',
    ]);
    expect(faultsOf('defaultHttpRetryPolicy: {attempts: -1, retryOn: "5xx,never"}')).toEqual([
      'mesh.yaml:1:36 defaultHttpRetryPolicy.attempts is not 0 or more',
      'mesh.yaml:1:49 defaultHttpRetryPolicy.retryOn is not conditions and statuses with commas between: "never" is neither',
    ]);
  });

  it('takes it out of an IstioOperator, and nothing from an empty file', () => {
    const operator =
      'kind: IstioOperator\nspec:\n  meshConfig:\n    outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n';
    expect(parse(operator).options).toEqual({ outboundTrafficPolicy: 'REGISTRY_ONLY' });
    expect(parse('')).toMatchObject({ options: {}, extensionProviders: [] });
  });

  it('tells what nothing heeds, and where', () => {
    expect(
      parse(`
enableAutoMtls: true
outboundTraficPolicy: {mode: REGISTRY_ONLY}
outboundTrafficPolicy: {mod: ALLOW_ANY}
trustDomain: example.org
extensionProviders:
- name: tracing
  zipkin: {service: zipkin, port: 9411}
- name: waf
  envoyExtAuthzHttp: {service: waf, port: 80, clearRouteCache: true}
`).notEnforced,
    ).toEqual([
      'mesh.yaml:5:14: another trust domain than cluster.local is not enforced by the built-in data plane',
      'mesh.yaml:4:25: outboundTrafficPolicy.mod is not enforced by the built-in data plane; did you mean mode?',
      'mesh.yaml:2:1: enableAutoMtls is not enforced by the built-in data plane',
      'mesh.yaml:3:1: outboundTraficPolicy is not enforced by the built-in data plane; did you mean outboundTrafficPolicy?',
      'mesh.yaml:8:3: extensionProviders[0].zipkin is not enforced by the built-in data plane',
      'mesh.yaml:10:47: extensionProviders[1].envoyExtAuthzHttp.clearRouteCache is not enforced by the built-in data plane',
    ]);
  });

  it('refuses what is wrong, with every place', () => {
    expect(faultsOf('a: [')).toHaveLength(1);
    expect(
      faultsOf(`
outboundTrafficPolicy: {mode: ANY}
extensionProviders:
- name: waf
  envoyExtAuthzHttp: {port: x, timeout: soon, failOpen: "yes"}
`),
    ).toEqual([
      'mesh.yaml:2:31 outboundTrafficPolicy.mode is not one of ALLOW_ANY, REGISTRY_ONLY, ALLOW_ANY_DYNAMIC_DNS',
      'mesh.yaml:5:22 extensionProviders[0].envoyExtAuthzHttp is not complete: service is missing',
      'mesh.yaml:5:29 extensionProviders[0].envoyExtAuthzHttp.port is not a whole number',
      'mesh.yaml:5:41 extensionProviders[0].envoyExtAuthzHttp.timeout is not a duration such as 500ms',
      'mesh.yaml:5:57 extensionProviders[0].envoyExtAuthzHttp.failOpen is not true or false',
    ]);
  });
});
