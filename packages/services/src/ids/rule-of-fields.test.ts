import { expect, it } from 'vitest';
import { parseRules } from './parse-rules.ts';
import { ruleOfFields } from './rule-of-fields.ts';

const ORIGINAL = {
  sid: '10000003',
  protocol: 'tcp',
  dest_port: 'any',
  dest_ip: '$HOME_NET',
  src_port: 'any',
  src_ip: 'any',
  msg: 'MALWARE-CNC User-Agent ASafaWeb Scan',
  rev: '001',
  content: '"asafaweb.com"',
};

it('writes the original’s rule', () => {
  expect(ruleOfFields(ORIGINAL)).toBe(
    'alert tcp any any -> $HOME_NET any (msg:"MALWARE-CNC User-Agent ASafaWeb Scan"; content:"asafaweb.com"; sid:10000003; rev:001;)',
  );
});

it('takes a content without quotes, and none', () => {
  expect(ruleOfFields({ ...ORIGINAL, content: 'a b' })).toContain('content:"a b";');
  expect(ruleOfFields({ ...ORIGINAL, content: '' })).not.toContain('content');
});

it('keeps what stands in a field in one rule', () => {
  const text = ruleOfFields({
    ...ORIGINAL,
    msg: 'a"; sid:1;)\nalert tcp any any -> any any (sid:2;)',
  });
  const { rules, refused } = parseRules(text, { file: 'f' });
  expect(refused).toEqual([]);
  expect(rules).toMatchObject([
    { sid: 10000003, msg: 'a"; sid:1;) alert tcp any any -> any any (sid:2;)' },
  ]);
});
