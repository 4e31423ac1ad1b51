import { describe, expect, it } from 'vitest';
import { createDetectionEngine } from './detection-engine.ts';
import type { ExaminedRequest } from './buffers.ts';
import { parseRules } from './parse-rules.ts';

export const request = (over: Partial<ExaminedRequest> = {}): ExaminedRequest => ({
  method: 'GET',
  target: '/',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'shop', 'User-Agent', 'curl/8'],
  body: Buffer.alloc(0),
  sourceAddress: '203.0.113.9',
  sourcePort: 0,
  destinationAddress: '10.1.2.3',
  destinationPort: 80,
  ...over,
});

/** The sids that alert. */
function alerts(text: string, over: Partial<ExaminedRequest> = {}): number[] {
  const { rules, refused } = parseRules(text, { file: 'f' });
  expect(refused).toEqual([]);
  return createDetectionEngine(rules)
    .examine(request(over), 0)
    .map(({ sid }) => sid);
}
const rule = (options: string, sid = 1) => `alert tcp any any -> any any (${options} sid:${sid};)`;

describe('parseRules', () => {
  it('reads a rule of the community’s with all that it says', () => {
    const text = `# SQL
alert tcp $EXTERNAL_NET any -> $HTTP_SERVERS $HTTP_PORTS (msg:"SERVER-WEBAPP union select\\; quoted \\"x\\""; \\
  flow:to_server,established; content:"union"; fast_pattern; nocase; http_uri; content:"select"; distance:1; within:20; nocase; http_uri; \\
  pcre:"/union\\s+(all\\s+)?select/Ui"; metadata:ruleset community, service http; reference:cve,2020-0001; reference:url,example.org/a;b; classtype:web-application-attack; sid:2000001; rev:4;)
`;
    const { rules, refused } = parseRules(text.replace('/a;b', '/a'), { file: 'web.rules' });
    expect(refused).toEqual([]);
    expect(rules[0]).toMatchObject({
      action: 'alert',
      msg: 'SERVER-WEBAPP union select; quoted "x"',
      sid: 2000001,
      rev: 4,
      classtype: 'web-application-attack',
      priority: 1,
      references: ['cve,2020-0001', 'url,example.org/a'],
      fast: { pattern: 'union', nocase: true, buffer: 'uri' },
      at: { file: 'web.rules', line: 2, column: 1 },
    });
    expect(rules[0]!.checks.map(({ kind, buffer }) => `${kind} ${buffer}`)).toEqual([
      'content uri',
      'content uri',
      'pcre uri',
    ]);
  });

  it.each([
    ['udp', 'alert udp any any -> any any (sid:7;)', 'udp: this sensor sees HTTP requests only', 7],
    [
      'icmp',
      'alert icmp any any -> any any (sid:7;)',
      'icmp: this sensor sees HTTP requests only',
      7,
    ],
    [
      'an answer',
      rule('flow:to_client; content:"a";'),
      'flow: to_client is about answers; this sensor sees requests',
      31,
    ],
    [
      'an answer’s body',
      rule('file_data; content:"a";'),
      'file_data: it is about answers; this sensor sees requests',
      31,
    ],
    ['flowbits', rule('content:"a"; flowbits:set,x;'), 'flowbits: this engine does not do it', 44],
    [
      'byte_test',
      rule('content:"a"; byte_test:1,>,2,3;'),
      'byte_test: this engine does not do it',
      44,
    ],
    [
      'drop',
      'drop tcp any any -> any any (sid:1;)',
      'drop: this sensor sees copies, it can alert and pass, but hold nothing back',
      1,
    ],
    [
      'a look-ahead',
      rule('pcre:"/a(?=b)/";'),
      'pcre: the expression looks around, which the engine does not do',
      31,
    ],
    [
      'a back reference',
      rule('pcre:"/(a)\\1/";'),
      'pcre: the expression refers back, which the engine does not do',
      31,
    ],
    [
      'an atomic group',
      rule('pcre:"/(?>a)b/";'),
      'pcre: the expression has an atomic group, which the engine does not do',
      31,
    ],
    [
      'a possessive quantifier',
      rule('pcre:"/a++b/";'),
      'pcre: the expression has a possessive quantifier, which the engine does not do',
      31,
    ],
    ['bad hex', rule('content:"|4|";'), 'content: |4| is no hexadecimal text', 31],
    ['a modifier of nothing', rule('nocase;'), 'nocase: there is no content before it', 31],
    [
      'two kinds of place',
      rule('content:"a"; depth:3; distance:1;'),
      'content: offset and depth do not go with distance and within',
      1,
    ],
    [
      'too narrow a window',
      rule('content:"abc"; depth:2;'),
      'content: 2 bytes do not hold a pattern of 3',
      1,
    ],
    [
      'an unknown variable',
      'alert tcp $NOWHERE any -> any any (sid:1;)',
      'there is no variable $NOWHERE',
      11,
    ],
    ['no address', 'alert tcp 300.1.1.1 any -> any any (sid:1;)', '"300.1.1.1" is no address', 11],
    ['no port', 'alert tcp any 99999 -> any any (sid:1;)', '"99999" is no port', 11],
    ['no sid', 'alert tcp any any -> any any (msg:"x";)', 'sid is missing', 1],
    ['an open quote', 'alert tcp any any -> any any (msg:"x; sid:1;)', 'a quote is not closed', 1],
    [
      'an open parenthesis',
      'alert tcp any any -> any any (msg:"x"; sid:1;',
      'the closing parenthesis is missing',
      46,
    ],
    [
      'configuration',
      'preprocessor http_inspect: global',
      'preprocessor: this engine reads rules and variables only',
      1,
    ],
    ['an include', 'include other.rules', 'include: this engine reads rules and variables only', 1],
  ])('refuses %s by name, and reads on', (_, text, message, column) => {
    const { rules, refused } = parseRules(`${text}\n${rule('content:"ok";', 99)}`, {
      file: 'f.rules',
    });
    expect(refused).toMatchObject([{ file: 'f.rules', line: 1, column, message }]);
    expect(rules.map(({ sid }) => sid)).toEqual([99]);
  });

  it('names the sid and the line of the option in a rule of several lines', () => {
    const { refused } = parseRules(
      '\n# x\nalert http (\n  msg: "three";\n  http_uri; content: "a",nocase;\n  dsize: 3;\n  sid: 5; rev: 2;\n)\n',
      { file: 'f' },
    );
    expect(refused).toEqual([
      { file: 'f', line: 6, column: 3, sid: 5, message: 'dsize: this engine does not do it' },
    ]);
  });

  it('takes variables from the file and from the caller', () => {
    const text = 'ipvar SHOP [10.1.0.0/16,!10.1.9.0/24]\nportvar WEB [80,8000:8999]\n';
    const one = `${text}alert tcp any any -> $SHOP $WEB (content:"GET"; sid:1;)`;
    expect(alerts(one)).toEqual([1]);
    expect(alerts(one, { destinationAddress: '10.1.9.3' })).toEqual([]);
    expect(alerts(one, { destinationPort: 8500 })).toEqual([1]);
    expect(alerts(one, { destinationPort: 9000 })).toEqual([]);
    const home = parseRules('alert tcp any any -> $HOME_NET any (sid:1;)', {
      file: 'f',
      variables: { HOME_NET: '192.168.0.0/16' },
    });
    expect(createDetectionEngine(home.rules).examine(request(), 0)).toEqual([]);
  });

  it('keeps the later revision of a rule', () => {
    const { rules } = parseRules(
      [3, 2, 4].map((rev) => `alert tcp any any -> any any (sid:1; rev:${rev};)`).join('\n'),
      { file: 'f' },
    );
    expect(rules.map(({ rev }) => rev)).toEqual([4]);
  });
});

describe('what a rule looks at', () => {
  const scan = { rawHeaders: ['Host', 'shop', 'User-Agent', 'asafaweb.com', 'Cookie', 'id=%41'] };

  it.each([
    ['the whole request', 'content:"asafaweb.com";', scan],
    ['bytes in hex', 'content:"GET|20 2f|";', {}],
    ['the user agent (Snort 2)', 'content:"ASAFAWEB"; nocase; http_user_agent;', scan],
    ['a header field (Snort 3)', 'http_header:field user-agent; content:"asafaweb",depth 8;', scan],
    [
      'the user agent (Suricata)',
      'http.user_agent; content:"asafaweb.com"; startswith; endswith;',
      scan,
    ],
    ['the cookie', 'content:"id=%41"; http_cookie; content:!"Cookie"; http_header;', scan],
    ['the method', 'content:"POST"; http_method;', { method: 'POST' }],
    ['the decoded path', 'uricontent:"/etc/passwd";', { target: '/a/..%2f../etc/%70asswd' }],
    ['the path as it came', 'content:"%70asswd"; http_raw_uri;', { target: '/%70asswd' }],
    [
      'the body',
      'content:"<script"; http_client_body; fast_pattern:only;',
      { body: Buffer.from('q=<script>') },
    ],
    ['a path’s length', 'urilen:>10; content:"GET"; http_method;', { target: '/aaaaaaaaaa' }],
    ['a place', 'content:"/a"; offset:4; depth:2;', { target: '/abc' }],
    [
      'places in turn',
      'content:"a="; http_uri; content:"b="; distance:2; within:2; http_uri;',
      { target: '/?a=1&b=2' },
    ],
    [
      'another try',
      'content:"a"; http_uri; content:"bc"; distance:0; within:2; http_uri;',
      { target: '/a-abc' },
    ],
    ['what follows', 'content:"k="; http_uri; isdataat:4,relative;', { target: '/?k=1234' }],
    [
      'what does not follow',
      'content:"k="; http_uri; isdataat:!4,relative;',
      { target: '/?k=123' },
    ],
    ['an expression', 'pcre:"/^\\x2fa\\d+$/U";', { target: '/a12' }],
    [
      'an expression from a match on',
      'content:"id="; http_uri; pcre:"/^\\d{3}/RU";',
      { target: '/?id=123' },
    ],
    ['no content, only the protocol', '', {}],
  ])('%s', (_, options, over) => {
    expect(alerts(rule(options), over)).toEqual([1]);
  });

  it.each([
    ['case', 'content:"ASAFAWEB"; http_user_agent;', scan],
    ['a negated content', 'content:"GET"; http_method; content:!"shop"; http_header;', {}],
    ['a place behind', 'content:"/a"; offset:5;', { target: '/abc' }],
    [
      'too far apart',
      'content:"a="; http_uri; content:"b="; within:3; http_uri;',
      { target: '/?a=1&b=2' },
    ],
    ['a shorter path', 'urilen:>10;', { target: '/aaaaaaaaa' }],
    ['another direction of ports', 'content:"x";', {}],
  ])('does not match: %s', (_, options, over) => {
    expect(alerts(rule(options), over)).toEqual([]);
  });

  it('a pass rule lets the request go by', () => {
    const text = `${rule('content:"GET";')}\npass tcp 203.0.113.0/24 any -> any any (sid:2;)`;
    expect(alerts(text)).toEqual([]);
    expect(alerts(text, { sourceAddress: '198.51.100.1' })).toEqual([1]);
  });
});

describe('rates', () => {
  const tells = (options: string, times: readonly number[]): boolean[] => {
    const engine = createDetectionEngine(parseRules(rule(options), { file: 'f' }).rules);
    return times.map((nowMs) => engine.examine(request(), nowMs).length === 1);
  };
  const times = [0, 1000, 2000, 3000, 10_000, 11_000];

  it.each([
    [
      'threshold:type limit,track by_src,count 2,seconds 10;',
      [true, true, false, false, true, true],
    ],
    [
      'threshold: type threshold, track by_src, count 2, seconds 10;',
      [false, true, false, true, false, true],
    ],
    [
      'threshold:type both,track by_dst,count 2,seconds 10;',
      [false, true, false, false, false, true],
    ],
    ['detection_filter:track by_src,count 2,seconds 10;', [false, false, true, true, false, false]],
  ])('%s', (options, expected) => {
    expect(tells(options, times)).toEqual(expected);
  });

  it('count each address by itself', () => {
    const engine = createDetectionEngine(
      parseRules(rule('threshold:type limit,track by_src,count 1,seconds 10;'), { file: 'f' })
        .rules,
    );
    const from = (sourceAddress: string) => engine.examine(request({ sourceAddress }), 0).length;
    expect([from('1.1.1.1'), from('1.1.1.1'), from('2.2.2.2')]).toEqual([1, 0, 1]);
  });
});
