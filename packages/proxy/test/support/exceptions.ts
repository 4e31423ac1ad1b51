// Where this proxy does otherwise than Istio's Envoys, by the names that docs/traffic.md gives.

import type { Exception } from '../../../traffic/test/differential/compare.ts';

export const EXCEPTIONS: readonly Exception[] = [
  { name: 'traceparent', of: 'request', headers: /^traceparent$/ },
  { name: 'x-request-id', of: 'request', headers: /^x-request-id$/ },
  { name: 'x-forwarded-for', of: 'request', headers: /^x-forwarded-for$/ },
  { name: 'content-length', of: 'request', headers: /^content-length$/ },
  { name: 'x-envoy-original-path', of: 'request', headers: /^x-envoy-original-path$/ },
  { name: 'server', of: 'answer', headers: /^server$/ },
  { name: 'date', of: 'answer', headers: /^date$/ },
  {
    name: 'x-envoy-upstream-service-time',
    of: 'answer',
    headers: /^x-envoy-upstream-service-time$/,
  },
];
