// Envoy's format strings, taken apart: literal text and operators like %REQ(X-A?X-B):20%.
// Source: envoy/source/common/formatter/substitution_format_string.cc and its documentation
// https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage

import { badFormat } from '../../errors.ts';

export interface FormatOperator {
  readonly name: string;
  /** What stands in parentheses; undefined without any. */
  readonly argument: string | undefined;
  /** `:N` behind it. */
  readonly maxLength: number | undefined;
  /** As written, for messages. */
  readonly text: string;
}

/** Literal text, or an operator. */
export type FormatPart = string | FormatOperator;

/** `%%` is a per cent sign. Throws `proxy.bad_format` when an operator does not end or is malformed. */
export function parseFormat(format: string): FormatPart[] {
  const parts: FormatPart[] = [];
  let literal = '';
  for (let at = 0; at < format.length;) {
    const percent = format.indexOf('%', at);
    if (percent < 0) {
      literal += format.slice(at);
      break;
    }
    literal += format.slice(at, percent);
    if (format[percent + 1] === '%') {
      literal += '%';
      at = percent + 2;
      continue;
    }
    const operator = readOperator(format, percent);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(operator);
    at = percent + operator.text.length;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

function readOperator(format: string, percent: number): FormatOperator {
  const match = /^%([A-Z0-9_]+)(?:\(([^)]*)\))?(?::(\d+))?%/.exec(format.slice(percent));
  if (!match) throw badFormat(format, `the operator at character ${percent + 1} is malformed`);
  return {
    name: match[1]!,
    argument: match[2],
    maxLength: match[3] === undefined ? undefined : Number(match[3]),
    text: match[0],
  };
}
