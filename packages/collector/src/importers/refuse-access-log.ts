// An access log is no file of spans or metrics, and whoever sends one wants what another command does.

import { CloverError } from '@clover/model';

/** Throws CloverError `import.access_log`. */
export function refuseAccessLog(first: Uint8Array): void {
  if (!isAccessLog(first)) return;
  throw new CloverError('import.access_log', 'this is an access log, not spans or metrics', {
    hint: '`cloverctl explain --requests FILE` takes it: it decides the requests by the rules and compares',
    status: 400,
  });
}

/** By its first line: a request line in quotes, or Envoy's fields as JSON. */
function isAccessLog(first: Uint8Array): boolean {
  const [line = ''] = Buffer.from(first.subarray(0, 8192))
    .toString('latin1')
    .trimStart()
    .split('\n', 1);
  if (line.startsWith('{'))
    return (
      /"response_code":/.test(line) && /"start_time":/.test(line) && !/"traceI[dD]":/.test(line)
    );
  // A list of spans may have a request line among its attributes.
  return !/^\[\s*["{[]/.test(line) && /"[A-Z]+ [^"\s]+ HTTP\/[\d.]+"/.test(line);
}
