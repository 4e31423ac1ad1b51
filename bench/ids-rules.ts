// Requests a second that the detection engine examines on one thread, by the number of rules. The rules
// are made in the manner of the community's: a few contents of the URI, headers or body, some with an
// expression, some negated; the requests are those of a shop, one in a hundred an attack.
// Usage: ./clover bench ids

import { createDetectionEngine } from '../packages/services/src/ids/detection-engine.ts';
import { parseRules } from '../packages/services/src/ids/parse-rules.ts';
import type { ExaminedRequest } from '../packages/services/src/ids/buffers.ts';

const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length]!;
const APPS = [
  'cgi-bin',
  'wp-admin',
  'phpmyadmin',
  'jenkins',
  'struts',
  'solr',
  'api',
  'owa',
  'cfide',
];
const VERBS = [
  'exec',
  'upload',
  'include',
  'eval',
  'select',
  'config',
  'passwd',
  'shell',
  'backup',
];

const rule = (index: number): string => {
  const path = `/${pick(APPS, index)}/${pick(VERBS, index >> 3)}${index}.php`;
  const option = [
    `content:"${path}"; fast_pattern; nocase; http_uri; content:"cmd="; distance:0; nocase; http_uri; content:!"Referer|3A|"; http_header;`,
    `content:"User-Agent|3A| Bot${index}|0D 0A|"; http_header; content:"POST"; http_method;`,
    `content:"${path}"; http_uri; pcre:"/[?&](id|file|page)=[^&]*?([;|\`]|%3b|\\.\\.\\/)/Ui";`,
    `content:"<${pick(VERBS, index)}${index}"; nocase; http_client_body; content:"onload="; distance:0; within:200; nocase; http_client_body;`,
    `content:"sess${index}="; http_cookie; content:"|00 01|k${index}"; http_client_body; offset:4; depth:64;`,
  ];
  return `alert tcp $EXTERNAL_NET any -> $HTTP_SERVERS $HTTP_PORTS (msg:"WEB ${index}"; flow:to_server,established; ${pick(option, index)} classtype:web-application-attack; sid:${index + 1}; rev:1;)`;
};

const request = (index: number): ExaminedRequest => {
  const attack = index % 100 === 0;
  const body =
    index % 4 === 0 ? `{"product":${index},"note":"${'lorem ipsum dolor '.repeat(20)}"}` : '';
  return {
    method: body === '' ? 'GET' : 'POST',
    target: attack
      ? `/${pick(APPS, index)}/${pick(VERBS, index >> 3)}${index}.php?id=1;cmd=ls`
      : pick(
          ['/', `/products/${index}?ref=home`, '/search?q=red%20chair&page=2', '/assets/shop.css'],
          index,
        ),
    httpVersion: '1.1',
    rawHeaders: [
      'Host',
      'shop.example.com',
      'User-Agent',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      'Accept',
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'Accept-Language',
      'en-US,en;q=0.5',
      'Accept-Encoding',
      'gzip, deflate, br',
      'Cookie',
      `session=${index}abcdef0123456789; theme=dark`,
      'X-Forwarded-For',
      '203.0.113.9',
      'traceparent',
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    ],
    body: Buffer.from(body),
    sourceAddress: '203.0.113.9',
    sourcePort: 0,
    destinationAddress: '10.0.0.1',
    destinationPort: 80,
  };
};

const requests = Array.from({ length: 1000 }, (_, index) => request(index));
for (const count of [100, 1000, 10_000]) {
  const text = Array.from({ length: count }, (_, index) => rule(index)).join('\n');
  const started = performance.now();
  const { rules, refused } = parseRules(text, { file: 'bench' });
  const engine = createDetectionEngine(rules);
  const loadMs = performance.now() - started;
  let alerts = 0;
  const examine = (forMs: number): number => {
    const from = performance.now();
    let examined = 0;
    for (; performance.now() - from < forMs; examined += requests.length)
      for (const one of requests) alerts += engine.examine(one, 0).length;
    return examined / ((performance.now() - from) / 1000);
  };
  examine(500);
  alerts = 0;
  const perSecond = examine(3000);
  console.log(
    `${String(rules.length).padStart(6)} rules (${refused.length} refused), loaded in ${loadMs.toFixed(0)} ms: ` +
      `${Math.round(perSecond).toLocaleString('en')} requests/s, ${(1e6 / perSecond).toFixed(1)} µs each; ${alerts > 0 ? 'alerts raised' : 'no alert'}; ` +
      `${Math.round(process.memoryUsage().rss / 1e6)} MB resident`,
  );
}
