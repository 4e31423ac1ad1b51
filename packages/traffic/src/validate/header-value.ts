// Values of headers as Envoy takes them: format strings such as `%REQ(x-user)%`, in which a percent sign
// that stands for itself is written twice.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter

import type { Said } from './say.ts';

/** Operators that the built-in data plane works out, which has one of each; all others give an empty text. */
const WORKED_OUT = [
  'REQ',
  'RESP',
  'START_TIME',
  'PROTOCOL',
  'RESPONSE_CODE',
  'RESPONSE_FLAGS',
  'ROUTE_NAME',
  'UPSTREAM_HOST',
  'UPSTREAM_REMOTE_ADDRESS',
  'UPSTREAM_CLUSTER',
  'DOWNSTREAM_REMOTE_ADDRESS',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS',
  'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_REMOTE_PORT',
  'DOWNSTREAM_LOCAL_ADDRESS',
  'DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_LOCAL_PORT',
  'DOWNSTREAM_PEER_URI_SAN',
  'HOSTNAME',
] as const;

export type HeaderOperator = (typeof WORKED_OUT)[number];

export const OPERATORS: ReadonlySet<string> = new Set(WORKED_OUT);

// A name up to the closing sign, then perhaps arguments in parentheses: a text in which a backslash
// protects the next character, or a JSON list of texts.
const TEXT = String.raw`(?:[^\\")]|\\[^])`;
const JSON_TEXT = String.raw`"(?:[^\\")]|\\[^])*"`;
const LIST = String.raw`\[ *${JSON_TEXT} *(?:, *${JSON_TEXT} *)*\] *`;
const ARGUMENTS = String.raw`\( *(?:${LIST}|[^[ ]${TEXT}*)\) *`;
const COMMAND = new RegExp(String.raw`%([^%(]*)(?:${ARGUMENTS})?%`, 'y');

export interface ReadValue {
  readonly operators: readonly string[];
  readonly said: Said | undefined;
}

export function readHeaderValue(value: string): ReadValue {
  const operators: string[] = [];
  // oxlint-disable-next-line no-control-regex -- these are what a header must not have
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
    return {
      operators,
      said: {
        code: 'format',
        message: 'the value has a control character',
        hint: 'a header is one line',
      },
    };
  for (let at = value.indexOf('%'); at !== -1; at = value.indexOf('%', at)) {
    if (value[at + 1] === '%') {
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const found = COMMAND.exec(value);
    if (!found)
      return {
        operators,
        said: {
          code: 'format',
          message: `${JSON.stringify(value)} has a percent sign that begins nothing`,
          hint: 'write a percent sign as %%, or an operator such as %REQ(x-user)%',
        },
      };
    operators.push(found[1]!);
    at += found[0].length;
  }
  return { operators, said: undefined };
}
