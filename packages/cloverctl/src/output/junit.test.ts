import { expect, it } from 'vitest';
import { junitXml } from './junit.ts';

it('writes cases with what failed, and nothing that XML cannot hold', () => {
  expect(
    junitXml('routes', [
      { name: 'a', className: 'x.yaml', file: 'x.yaml', line: 3 },
      { name: '<b> & "c"', className: 'x', failure: 'first\nsecond \u0007', output: 'more' },
      { name: 'd', className: 'x', skipped: 'nobody met it' },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" skipped="1">
  <testsuite name="routes" tests="3" failures="1" errors="0" skipped="1">
    <testcase classname="x.yaml" name="a" file="x.yaml" line="3"/>
    <testcase classname="x" name="&lt;b&gt; &amp; &quot;c&quot;">
      <failure message="first">first&#10;second \uFFFD</failure>
      <system-out>more</system-out>
    </testcase>
    <testcase classname="x" name="d">
      <skipped message="nobody met it"/>
    </testcase>
  </testsuite>
</testsuites>
`);
});
