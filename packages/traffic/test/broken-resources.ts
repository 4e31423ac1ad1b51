// Resources that are not valid, one fault each: what is wrong, the resource, the code it is found by.
// `istioctl validate` refuses all of them, and none of those that get a warning only.

export interface Broken {
  readonly what: string;
  readonly text: string;
  readonly code: string;
  readonly severity: 'error' | 'warning';
}

const resource = (kind: string, spec: string, { name = 'x', group = 'networking.istio.io' } = {}) =>
  `apiVersion: ${group}/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: default}\nspec: ${spec}\n`;

type Row = readonly [what: string, spec: string, code: string, severity?: Broken['severity']];

const rows = (list: readonly Row[], textOf: (spec: string) => string): Broken[] =>
  list.map(([what, spec, code, severity = 'error']: Row): Broken => ({
    what,
    text: textOf(spec),
    code,
    severity,
  }));

const TO = 'route: [{destination: {host: a}}]';
const LONG = 'a'.repeat(1025);

const RULES: readonly Row[] = [
  [
    'a share of faults over 100',
    `{fault: {abort: {httpStatus: 503, percentage: {value: 200}}}, ${TO}}`,
    'CLV115',
  ],
  [
    'a share of faults below what counts',
    `{fault: {delay: {fixedDelay: 1s, percentage: {value: 0.00001}}}, ${TO}}`,
    'CLV115',
  ],
  [
    'exponential delay',
    `{fault: {delay: {exponentialDelay: 1s, percentage: {value: 1}}}, ${TO}}`,
    'CLV125',
  ],
  [
    'no status of gRPC',
    `{fault: {abort: {grpcStatus: NOPE, percentage: {value: 1}}}, ${TO}}`,
    'CLV116',
  ],
  [
    'an abort with no status',
    `{fault: {abort: {httpStatus: 9999, percentage: {value: 1}}}, ${TO}}`,
    'CLV115',
  ],
  ['an empty fault', `{fault: {}, ${TO}}`, 'CLV113'],
  ['a negative weight', '{route: [{destination: {host: a}, weight: -1}]}', 'CLV115'],
  ['weights of nothing', '{route: [{destination: {host: a}}, {destination: {host: a}}]}', 'CLV313'],
  ['negative retries', `{retries: {attempts: -1}, ${TO}}`, 'CLV115'],
  ['retries without attempts', `{retries: {retryOn: 5xx}, ${TO}}`, 'CLV124'],
  ['nothing to retry on', `{retries: {attempts: 1, retryOn: "5xx,garbage"}, ${TO}}`, 'CLV116'],
  [
    'a space in what to retry on',
    `{retries: {attempts: 1, retryOn: "5xx, reset"}, ${TO}}`,
    'CLV116',
  ],
  ['a direct response that ends nothing', '{directResponse: {status: 100}}', 'CLV115'],
  ['a direct response with no status', '{directResponse: {status: 999}}', 'CLV115'],
  [
    'a body over 1 MB',
    `{directResponse: {status: 200, body: {string: "${'x'.repeat(1_048_577)}"}}}`,
    'CLV126',
  ],
  [
    'a body over 100 kB',
    `{directResponse: {status: 200, body: {string: "${'x'.repeat(102_401)}"}}}`,
    'CLV126',
    'warning',
  ],
  [
    'mirror and mirrors',
    `{mirror: {host: a}, mirrors: [{destination: {host: b}}], ${TO}}`,
    'CLV114',
  ],
  [
    'a share of copies over 100',
    `{mirror: {host: a}, mirrorPercentage: {value: 101}, ${TO}}`,
    'CLV115',
  ],
  [
    'a negative share of one of the mirrors',
    `{mirrors: [{destination: {host: a}, percentage: {value: -1}}], ${TO}}`,
    'CLV115',
  ],
  [
    'fault beside redirect',
    '{fault: {abort: {httpStatus: 503, percentage: {value: 1}}}, redirect: {uri: /x}}',
    'CLV312',
  ],
  [
    'rewrite beside directResponse',
    '{rewrite: {uri: /x}, directResponse: {status: 200}}',
    'CLV312',
  ],
  ['redirect beside route', `{redirect: {uri: /x}, ${TO}}`, 'CLV311'],
  ['directResponse beside route', `{directResponse: {status: 200}, ${TO}}`, 'CLV311'],
  ['nothing to do', '{name: x}', 'CLV310'],
  ['a delegate beside a route', `{delegate: {name: d}, ${TO}}`, 'CLV311'],
  [
    'authority set twice',
    `{rewrite: {authority: a}, headers: {request: {set: {Host: b}}}, ${TO}}`,
    'CLV114',
  ],
  [
    'a rewrite of two kinds',
    `{rewrite: {uri: /x, uriRegexRewrite: {match: a, rewrite: b}}, ${TO}}`,
    'CLV114',
  ],
  ['a rewrite of nothing', `{rewrite: {}, ${TO}}`, 'CLV113'],
  [
    'a rewrite with a bad pattern',
    `{rewrite: {uriRegexRewrite: {match: "(", rewrite: b}}, ${TO}}`,
    'CLV318',
  ],
  ['half a rewrite by pattern', `{rewrite: {uriRegexRewrite: {match: a}}, ${TO}}`, 'CLV113'],
  ['a redirect to the same place', '{redirect: {}}', 'CLV113'],
  ['a redirect of two kinds', '{redirect: {uri: /x, prefixRewrite: /y}}', 'CLV114'],
  [
    'a prefix rewritten that is none',
    '{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /y}}',
    'CLV124',
  ],
  ['a code of no redirect', '{redirect: {uri: /x, redirectCode: 200}}', 'CLV115'],
  ['a scheme that is none', '{redirect: {scheme: ftp}}', 'CLV116'],
  ['a destination of all', '{route: [{destination: {host: "*"}}]}', 'CLV120'],
  ['a destination that is no name', '{route: [{destination: {host: a_b}}]}', 'CLV120'],
  ['a subset that is no name', '{route: [{destination: {host: a, subset: v_1}}]}', 'CLV120'],
  ['a port that is none', '{route: [{destination: {host: a, port: {number: 70000}}}]}', 'CLV115'],
  [
    'a CORS origin with a bad pattern',
    `{corsPolicy: {allowOrigins: [{regex: "["}]}, ${TO}}`,
    'CLV318',
  ],
  ['an empty CORS origin', `{corsPolicy: {allowOrigins: [{exact: ""}]}, ${TO}}`, 'CLV121'],
  ['a CORS method that is none', `{corsPolicy: {allowMethods: [GETS]}, ${TO}}`, 'CLV116'],
  ['a CORS header that is none', `{corsPolicy: {allowHeaders: ["a b"]}, ${TO}}`, 'CLV120'],
  ['a CORS age in parts of seconds', `{corsPolicy: {maxAge: 1500ms}, ${TO}}`, 'CLV117'],
  ['a header that cannot be set', `{headers: {request: {set: {":path": /x}}}, ${TO}}`, 'CLV120'],
  ['a Host in the answer', `{headers: {response: {add: {host: x}}}, ${TO}}`, 'CLV120'],
  ['a header without a name', `{headers: {request: {remove: [""]}}, ${TO}}`, 'CLV120'],
  ['a lone percent sign', `{headers: {request: {set: {x: 100%}}}, ${TO}}`, 'CLV122'],
  ['an operator that does not end', `{headers: {response: {set: {x: "%REQ(a"}}}, ${TO}}`, 'CLV122'],
  [
    'a percent sign in a destination',
    '{route: [{destination: {host: a}, headers: {request: {add: {x: "%a"}}}}]}',
    'CLV122',
  ],
];

const MATCHES: readonly Row[] = [
  ['the pattern *', '{uri: {regex: "*"}}', 'CLV318'],
  ['look-ahead', '{uri: {regex: "(?=a)"}}', 'CLV318'],
  ['a long pattern', `{uri: {regex: "${LONG}"}}`, 'CLV318'],
  ['an empty pattern', '{uri: {regex: ""}}', 'CLV121'],
  ['an empty prefix of a header', '{headers: {x: {prefix: ""}}}', 'CLV121'],
  ['an empty pattern of a header', '{headers: {x: {regex: ""}}}', 'CLV121'],
  ['an empty prefix of a query parameter', '{queryParams: {x: {prefix: ""}}}', 'CLV121'],
  ['an empty prefix of a method', '{method: {prefix: ""}}', 'CLV121'],
  ['an empty prefix of an authority', '{authority: {prefix: ""}}', 'CLV121'],
  ['an empty pattern of a scheme', '{scheme: {regex: ""}}', 'CLV121'],
  ['a header that is no name', '{headers: {"a b": {exact: x}}}', 'CLV120'],
  ['a missing header that is no name', '{withoutHeaders: {"a b": {}}}', 'CLV120'],
  ['a bad pattern of a missing header', '{withoutHeaders: {x: {regex: "("}}}', 'CLV318'],
  ['a port that is none', '{port: 70000}', 'CLV115'],
  ['a label that is none', '{sourceLabels: {"a b": x}}', 'CLV120'],
  ['a value of a label that is none', '{sourceLabels: {a: "x y"}}', 'CLV120'],
  ['a namespace that is none', '{sourceNamespace: a.b}', 'CLV120'],
  ['a gateway that is no name', '{gateways: [a/b/c]}', 'CLV120'],
  ['a claim in the mesh', '{headers: {"@request.auth.claims.sub": {exact: x}}}', 'CLV124'],
];

const VIRTUAL_SERVICES: readonly Row[] = [
  ['a host that is no name', `{hosts: [a_b], http: [{${TO}}]}`, 'CLV120'],
  ['a host that ends in a number', `{hosts: [a.1], http: [{${TO}}]}`, 'CLV120'],
  ['the host * in the mesh', `{hosts: ["*"], http: [{${TO}}]}`, 'CLV321'],
  ['the same host twice', `{hosts: [a, a], http: [{${TO}}]}`, 'CLV123'],
  ['hosts that overlap', `{hosts: ["*.b.com", a.b.com], http: [{${TO}}]}`, 'CLV123'],
  ['nothing', '{hosts: [a]}', 'CLV320'],
  ['a gateway that is no name', `{hosts: [a], gateways: [a_b], http: [{${TO}}]}`, 'CLV120'],
  ['a delegate with gateways', `{gateways: [g], http: [{${TO}}]}`, 'CLV124'],
  ['a delegate with tcp', `{tcp: [{${TO}}]}`, 'CLV124'],
  ['a delegate that delegates', '{http: [{delegate: {name: d}}]}', 'CLV124'],
  ['the same namespace twice', `{hosts: [a], exportTo: [".", default], http: [{${TO}}]}`, 'CLV123'],
  ['all and one namespace', `{hosts: [a], exportTo: ["*", b], http: [{${TO}}]}`, 'CLV114'],
  ['no namespace', `{hosts: [a], exportTo: ["~"], http: [{${TO}}]}`, 'CLV120'],
  [
    'a server name outside of the hosts',
    `{hosts: [a.com], tls: [{match: [{sniHosts: [b.com]}], ${TO}}]}`,
    'CLV124',
  ],
  [
    'a server name that is none',
    `{hosts: [a.com], tls: [{match: [{sniHosts: ["a b"]}], ${TO}}]}`,
    'CLV120',
  ],
  ['no server name', `{hosts: [a.com], tls: [{match: [{sniHosts: []}], ${TO}}]}`, 'CLV113'],
  ['tls without route', '{hosts: [a.com], tls: [{match: [{sniHosts: [a.com]}]}]}', 'CLV310'],
  ['tls without match', `{hosts: [a.com], tls: [{match: [], ${TO}}]}`, 'CLV113'],
  ['tcp without route', '{hosts: [a], tcp: [{match: [{port: 1}]}]}', 'CLV310'],
  [
    'a range that is none',
    `{hosts: [a], tcp: [{match: [{destinationSubnets: [10.0.0.0/33]}], ${TO}}]}`,
    'CLV120',
  ],
  [
    'weights of connections of nothing',
    '{hosts: [a], tcp: [{route: [{destination: {host: a}}, {destination: {host: a}}]}]}',
    'CLV313',
  ],
];

const server = (port: string, rest = '') => `{servers: [{port: ${port}, hosts: [a.com]${rest}}]}`;
const HTTP = '{number: 80, name: h, protocol: HTTP}';
const HTTPS = '{number: 443, name: s, protocol: HTTPS}';
const GATEWAYS: readonly Row[] = [
  ['no servers', '{selector: {a: b}}', 'CLV230'],
  ['a protocol that is none', server('{number: 80, name: h, protocol: FOO}'), 'CLV116'],
  ['HTTPS without tls', server(HTTPS), 'CLV113'],
  ['TLS without a certificate', server(HTTPS, ', tls: {mode: SIMPLE}'), 'CLV233'],
  ['TLS without a key', server(HTTPS, ', tls: {mode: SIMPLE, serverCertificate: /a}'), 'CLV233'],
  [
    'mutual TLS without a CA',
    server(HTTPS, ', tls: {mode: MUTUAL, serverCertificate: /a, privateKey: /b}'),
    'CLV233',
  ],
  [
    'two sources of certificates',
    server(HTTPS, ', tls: {mode: SIMPLE, credentialName: a, credentialNames: [b]}'),
    'CLV114',
  ],
  [
    'a certificate beside those of the mesh',
    server(HTTPS, ', tls: {mode: ISTIO_MUTUAL, credentialName: a}'),
    'CLV124',
  ],
  ['TLS of plain HTTP', server(HTTP, ', tls: {mode: SIMPLE, credentialName: a}'), 'CLV124'],
  [
    'TLS of plain TCP',
    server('{number: 1, name: t, protocol: TCP}', ', tls: {mode: SIMPLE, credentialName: a}'),
    'CLV124',
  ],
  ['no host', `{servers: [{port: ${HTTP}, hosts: []}]}`, 'CLV113'],
  ['a short host', `{servers: [{port: ${HTTP}, hosts: [a]}]}`, 'CLV120'],
  ['a star for a part of a label', `{servers: [{port: ${HTTP}, hosts: ["*a.com"]}]}`, 'CLV120'],
  ['a namespace that is none', `{servers: [{port: ${HTTP}, hosts: [a_b/a.com]}]}`, 'CLV120'],
  ['a port that is none', server('{number: 70000, name: h, protocol: HTTP}'), 'CLV115'],
  ['a port without a name', server('{number: 80, name: "", protocol: HTTP}'), 'CLV113'],
  [
    'a port that stands twice',
    `{servers: [{port: ${HTTP}, hosts: [a.com]}, {port: ${HTTP}, hosts: [b.com]}]}`,
    'CLV231',
  ],
  ['an address that is none', server(HTTP, ', bind: 1.2.3'), 'CLV120'],
];

const entry = (rest: string) =>
  `{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], ${rest}}`;
const ENTRIES: readonly Row[] = [
  [
    'the host *',
    '{hosts: ["*"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}',
    'CLV120',
  ],
  ['no host', '{hosts: [], ports: [{number: 80, name: http}], resolution: NONE}', 'CLV115'],
  ['endpoints with NONE', entry('resolution: NONE, endpoints: [{address: 1.1.1.1}]'), 'CLV124'],
  [
    'endpoints with a selector',
    entry(
      'resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: [{address: 1.1.1.1}]',
    ),
    'CLV114',
  ],
  ['a range with DNS', entry('resolution: DNS, addresses: [10.0.0.0/8]'), 'CLV124'],
  [
    'a star with DNS',
    '{hosts: ["*.a.com"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}',
    'CLV124',
  ],
  ['a name with STATIC', entry('resolution: STATIC, endpoints: [{address: b.com}]'), 'CLV120'],
  ['an address that is none', entry('resolution: DNS, endpoints: [{address: "b c"}]'), 'CLV120'],
  [
    'several endpoints with DNS_ROUND_ROBIN',
    entry('resolution: DNS_ROUND_ROBIN, endpoints: [{address: b.com}, {address: c.com}]'),
    'CLV124',
  ],
  [
    'a port that the entry has not',
    entry('resolution: STATIC, endpoints: [{address: 1.1.1.1, ports: {x: 1}}]'),
    'CLV120',
  ],
  [
    'a port number twice',
    '{hosts: [a.com], ports: [{number: 80, name: a}, {number: 80, name: b}], resolution: DNS}',
    'CLV123',
  ],
  [
    'a port name twice',
    '{hosts: [a.com], ports: [{number: 80, name: a}, {number: 81, name: a}], resolution: DNS}',
    'CLV123',
  ],
  [
    'a port that is no name',
    '{hosts: [a.com], ports: [{number: 80, name: a_b}], resolution: DNS}',
    'CLV120',
  ],
  [
    'a protocol that is none',
    '{hosts: [a.com], ports: [{number: 80, name: a, protocol: FOO}], resolution: DNS}',
    'CLV116',
  ],
  [
    'several hosts of plain connections',
    '{hosts: [a.com, b.com], ports: [{number: 1, name: a, protocol: TCP}], resolution: DNS}',
    'CLV124',
  ],
  ['a host with DYNAMIC_DNS', entry('resolution: DYNAMIC_DNS'), 'CLV124'],
  ['a range that is none', entry('resolution: NONE, addresses: [300.0.0.1]'), 'CLV120'],
  ['nobody and somebody', entry('resolution: DNS, exportTo: ["~", b]'), 'CLV114'],
];

const policy = (text: string) => `{host: a, trafficPolicy: ${text}}`;
const hash = (text: string) => policy(`{loadBalancer: {consistentHash: ${text}}}`);
const DESTINATION_RULES: readonly Row[] = [
  ['a host that is no name', '{host: a_b}', 'CLV120'],
  ['a policy that says nothing', policy('{}'), 'CLV113'],
  ['ejection of more than all', policy('{outlierDetection: {maxEjectionPercent: 500}}'), 'CLV115'],
  [
    'local failures that nobody counts',
    policy('{outlierDetection: {consecutiveLocalOriginFailures: 3}}'),
    'CLV124',
  ],
  ['a negative limit', policy('{connectionPool: {tcp: {maxConnections: -1}}}'), 'CLV115'],
  ['a negative limit of requests', policy('{connectionPool: {http: {maxRetries: -1}}}'), 'CLV115'],
  ['a pool of nothing', policy('{connectionPool: {}}'), 'CLV113'],
  [
    'an upgrade against the client',
    policy('{connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}'),
    'CLV114',
  ],
  [
    'pings without a time',
    policy('{connectionPool: {http: {http2KeepAlive: {interval: 1s}}}}'),
    'CLV113',
  ],
  ['a table that is no prime', hash('{useSourceIp: true, maglev: {tableSize: 100}}'), 'CLV115'],
  [
    'two sizes of a ring',
    hash('{useSourceIp: true, minimumRingSize: 9, ringHash: {minimumRingSize: 8}}'),
    'CLV114',
  ],
  ['a cookie without a name', hash('{httpCookie: {name: "", ttl: 1s}}'), 'CLV113'],
  [
    'an attribute twice',
    hash('{httpCookie: {name: a, attributes: [{name: b}, {name: b}]}}'),
    'CLV123',
  ],
  [
    'two settings of places',
    policy(
      '{loadBalancer: {localityLbSetting: {enabled: true, distribute: [{from: a, to: {b: 100}}], failover: [{from: a, to: b}]}}}',
    ),
    'CLV114',
  ],
  [
    'shares of places that are not 100',
    policy('{loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 99}}]}}}'),
    'CLV115',
  ],
  [
    'a warm-up of nothing',
    policy('{loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 1s, minimumPercent: 200}}}'),
    'CLV115',
  ],
  ['mutual TLS without a certificate', policy('{tls: {mode: MUTUAL, privateKey: /a}}'), 'CLV233'],
  [
    'trust in all and in some',
    policy('{tls: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: /a}}'),
    'CLV114',
  ],
  [
    'files beside a credential',
    policy('{tls: {mode: MUTUAL, credentialName: a, caCertificates: /a}}'),
    'CLV114',
  ],
  ['port settings of nothing', policy('{portLevelSettings: [{port: {number: 80}}]}'), 'CLV113'],
  ['a tunnel to nowhere', policy('{tunnel: {targetHost: "a b", targetPort: 80}}'), 'CLV120'],
  ['a subset twice', '{host: a, subsets: [{name: a}, {name: a}]}', 'CLV211'],
  ['a subset that is no name', '{host: a, subsets: [{name: a_b}]}', 'CLV120'],
  ['a label that is none', '{host: a, subsets: [{name: a, labels: {"a b": c}}]}', 'CLV120'],
  [
    'chosen workloads for all',
    '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: ["*"]}',
    'CLV124',
  ],
];

const SIDECARS: readonly Row[] = [
  ['nothing', '{}', 'CLV113'],
  ['a listener without hosts', '{egress: [{hosts: []}]}', 'CLV113'],
  ['a host without a namespace', '{egress: [{hosts: [a.com]}]}', 'CLV120'],
  ['a short host', '{egress: [{hosts: ["./a"]}]}', 'CLV120'],
  [
    'a listener of all ports that is not the last',
    '{egress: [{hosts: ["*/*"]}, {port: {number: 1, protocol: TCP, name: a}, hosts: ["*/*"]}]}',
    'CLV124',
  ],
  [
    'a port twice',
    '{egress: [{port: {number: 1, protocol: TCP, name: a}, hosts: ["*/*"]}, {port: {number: 1, protocol: TCP, name: b}, hosts: ["*/*"]}]}',
    'CLV123',
  ],
  [
    'an egress proxy without ALLOW_ANY',
    '{outboundTrafficPolicy: {mode: REGISTRY_ONLY, egressProxy: {host: a.b, port: {number: 1}}}}',
    'CLV124',
  ],
];

const SECURITY: readonly (readonly [kind: string, ...row: Row])[] = [
  [
    'PeerAuthentication',
    'ports without a selector',
    '{portLevelMtls: {80: {mode: STRICT}}}',
    'CLV410',
  ],
  [
    'PeerAuthentication',
    'a port that is none',
    '{selector: {matchLabels: {a: b}}, portLevelMtls: {0: {mode: STRICT}}}',
    'CLV115',
  ],
  ['AuthorizationPolicy', 'CUSTOM without a provider', '{action: CUSTOM, rules: [{}]}', 'CLV113'],
  [
    'AuthorizationPolicy',
    'CUSTOM without rules',
    '{action: CUSTOM, provider: {name: a}}',
    'CLV113',
  ],
  ['AuthorizationPolicy', 'DENY without rules', '{action: DENY}', 'CLV113'],
  ['AuthorizationPolicy', 'a provider for ALLOW', '{provider: {name: a}, rules: [{}]}', 'CLV124'],
  ['AuthorizationPolicy', 'an empty source', '{rules: [{from: [{source: {}}]}]}', 'CLV113'],
  [
    'AuthorizationPolicy',
    'an address that is none',
    '{rules: [{from: [{source: {ipBlocks: [a]}}]}]}',
    'CLV120',
  ],
  [
    'AuthorizationPolicy',
    'principals with CUSTOM',
    '{action: CUSTOM, provider: {name: a}, rules: [{from: [{source: {principals: [a]}}]}]}',
    'CLV124',
  ],
];

export const BROKEN: readonly Broken[] = [
  ...rows(RULES, (rule) => resource('VirtualService', `{hosts: [a], http: [${rule}]}`)),
  ...rows(MATCHES, (match) =>
    resource('VirtualService', `{hosts: [a], http: [{match: [${match}], ${TO}}]}`),
  ),
  ...rows(VIRTUAL_SERVICES, (spec) => resource('VirtualService', spec)),
  ...rows(GATEWAYS, (spec) => resource('Gateway', spec)),
  {
    what: 'a Gateway with a dot in its name',
    text: resource('Gateway', server(HTTP), { name: 'a.b' }),
    code: 'CLV120',
    severity: 'error',
  },
  ...rows(ENTRIES, (spec) => resource('ServiceEntry', spec)),
  ...rows(DESTINATION_RULES, (spec) => resource('DestinationRule', spec)),
  ...rows(
    [
      ['no address', '{labels: {a: b}}', 'CLV113'],
      ['a socket with ports', '{address: unix:///a, ports: {a: 1}}', 'CLV124'],
    ],
    (spec) => resource('WorkloadEntry', spec),
  ),
  ...rows(SIDECARS, (spec) => resource('Sidecar', spec)),
  ...SECURITY.flatMap(([kind, ...row]) =>
    rows([row], (spec) => resource(kind, spec, { group: 'security.istio.io' })),
  ),
];
