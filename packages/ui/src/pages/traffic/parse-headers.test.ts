import { expect, it } from 'vitest';
import { parseHeaders } from './parse-headers.ts';

it('reads a header a line', () => {
  expect(parseHeaders('User-Agent: chrome\n\nx-time: 10:30\nno header\n: empty')).toEqual({
    'user-agent': 'chrome',
    'x-time': '10:30',
  });
});
