import { countsCommand } from './counts.ts';

export const getUrls = countsCommand({
  path: 'get urls',
  aliases: ['url'],
  summary: 'Requests per URL',
  text: 'Requests per URL (host and path template) with their share, errors and duration; with -o wide per service and URL.',
  examples: [
    { says: 'the most requested', line: 'get urls --limit 10' },
    { says: 'per service and URL', line: 'get urls -o wide' },
  ],
  by: (context) => (context.output === 'wide' ? 'service,url' : 'url'),
});

export const getStatusCodes = countsCommand({
  path: 'get status-codes',
  aliases: ['status-code', 'status'],
  summary: 'Requests per URL and status code',
  text: 'How often each URL answered with each HTTP status code.',
  examples: [
    { says: 'of everything', line: 'get status-codes' },
    { says: 'only failures', line: "get status-codes --filter 'statusCode>=500'" },
  ],
  by: () => 'url,statusCode',
});

export const getUserAgents = countsCommand({
  path: 'get user-agents',
  aliases: ['user-agent', 'ua'],
  summary: 'Requests per user agent',
  text: 'Which clients ask, with their share; with -o wide per family and agent.',
  examples: [
    { says: 'of everything', line: 'get user-agents' },
    {
      says: 'of one service in the last hour',
      line: 'get user-agents --since 1h --service proxy-access-control',
    },
  ],
  by: (context) => (context.output === 'wide' ? 'userAgentFamily,userAgent' : 'userAgent'),
});

export const getNodes = countsCommand({
  path: 'get nodes',
  aliases: ['node'],
  summary: 'Requests per instance',
  text: 'Requests per service and node (pod or process).',
  examples: [
    { says: 'of everything', line: 'get nodes' },
    { says: 'the instances of one service', line: 'get nodes --service http-lb' },
  ],
  by: () => 'service,node',
});

export const getCounts = countsCommand({
  path: 'get counts',
  aliases: ['count'],
  summary: 'Requests by any one or two keys',
  text: 'Counts by service, version, node, operation, url, urlHost, urlTemplate, statusCode, statusClass, method, route, userAgent, userAgentFamily, peer, upstreamCluster, subset, responseFlags, kind, status, or any attribute (`get attributes` lists them).',
  examples: [
    { says: 'methods per service', line: 'get counts --by service,method' },
    { says: 'an attribute of your own', line: 'get counts --by user.tier --side all' },
  ],
  flags: [
    {
      name: 'by',
      value: 'KEY[,KEY]',
      says: 'one or two keys (default service)',
      completes: 'attribute',
    },
  ],
  by: (context) => context.text('by') ?? 'service',
});
