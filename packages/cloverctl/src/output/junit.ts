// JUnit's XML, as CI systems read it (testmoapp/junitxml describes the dialects).

export interface JunitCase {
  readonly name: string;
  readonly className: string;
  readonly file?: string;
  readonly line?: number;
  /** What went wrong; several are several lines. */
  readonly failure?: string;
  readonly skipped?: string;
  /** Shown with the case whatever came of it. */
  readonly output?: string;
}

/** A document with one suite, ending in a line end. */
export function junitXml(suite: string, cases: readonly JunitCase[]): string {
  const failures = cases.filter((one) => one.failure !== undefined).length;
  const skipped = cases.filter((one) => one.failure === undefined && one.skipped !== undefined);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped.length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escaped(suite)}" ${counts}>`,
    ...cases.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseXml({ name, className, file, line, failure, skipped, output }: JunitCase): string {
  const place =
    (file === undefined ? '' : ` file="${escaped(file)}"`) +
    (line === undefined ? '' : ` line="${line}"`);
  const inner = [
    ...(failure === undefined
      ? []
      : [
          `      <failure message="${escaped(failure.split('\n')[0]!)}">${escaped(failure)}</failure>`,
        ]),
    ...(failure !== undefined || skipped === undefined
      ? []
      : [`      <skipped message="${escaped(skipped)}"/>`]),
    ...(output === undefined ? [] : [`      <system-out>${escaped(output)}</system-out>`]),
  ];
  const open = `    <testcase classname="${escaped(className)}" name="${escaped(name)}"${place}`;
  return inner.length === 0 ? `${open}/>` : [`${open}>`, ...inner, '    </testcase>'].join('\n');
}

/** XML 1.0 has no place at all for most control characters. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll(
      // oxlint-disable-next-line no-control-regex -- these are what must not stand in XML
      /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g,
      '\uFFFD',
    );
}
