// Names as Istio takes them: hosts, labels, ports, headers. Each function gives what is wrong, or undefined.
// Rules of istio.io/istio pkg/config/labels and pkg/config/validation/agent.

import type { Said } from './say.ts';

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const WILDCARD_LABEL = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${LABEL})$`);
const LABEL_KEY = new RegExp(
  `^(?:(${LABEL}(?:\\.${LABEL})*)/)?((?:[A-Za-z0-9][-\\w.]*)?[A-Za-z0-9])$`,
);
const LABEL_VALUE = /^(?:(?:[A-Za-z0-9][-\w.]*)?[A-Za-z0-9])?$/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;

export const isDnsLabel = (text: string) => text.length <= 63 && DNS_LABEL.test(text);

const LABEL_HINT = 'letters, digits and -, at most 63, with a letter or digit at both ends';

/** Of a subset, a namespace, a port: one label of a DNS name. */
export function dnsLabel(what: string, text: string): Said | undefined {
  if (isDnsLabel(text)) return undefined;
  return {
    code: 'name',
    message: `${JSON.stringify(text)} is no name for ${what}`,
    hint: LABEL_HINT,
  };
}

/** A host, in whose first label a star may stand. */
export function host(text: string): Said | undefined {
  return bad(text, (first) => first.length <= 63 && WILDCARD_LABEL.test(first));
}

/** A host without a star. */
export function fullHost(text: string): Said | undefined {
  return bad(text, isDnsLabel);
}

function bad(text: string, first: (label: string) => boolean): Said | undefined {
  const labels = text.split('.');
  const why =
    text === ''
      ? 'is empty'
      : text.length > 255
        ? `has ${text.length} characters, at most 255 may be`
        : !first(labels[0]!)
          ? `begins with ${JSON.stringify(labels[0])}, which is no label`
          : labels.length > 1
            ? badRest(labels.slice(1))
            : first === isDnsLabel && /^[+-]?\d+$/.test(text)
              ? 'is a number'
              : undefined;
  if (why === undefined) return undefined;
  const hint =
    first === isDnsLabel
      ? 'write a name such as api.example.com'
      : 'write a name such as api.example.com or *.example.com';
  return { code: 'name', message: `host ${JSON.stringify(text)} ${why}`, hint };
}

function badRest(labels: readonly string[]): string | undefined {
  const last = labels.at(-1)!;
  if (/^[+-]?\d+$/.test(last)) return 'ends in a number';
  const wrong = labels.find(
    (one, at) => !(one === '' && at === labels.length - 1) && !isDnsLabel(one),
  );
  return wrong === undefined ? undefined : `has ${JSON.stringify(wrong)}, which is no label`;
}

export function port(number: number): Said | undefined {
  if (number >= 1 && number <= 65535) return undefined;
  return { code: 'range', message: `port ${number} is none`, hint: 'allowed: 1 to 65535' };
}

/** `name` or `namespace/name`, the short form as a host. */
export function gatewayReference(text: string): Said | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return fullHost(text);
  const parts = [text.slice(0, slash), text.slice(slash + 1)];
  return parts.every(isDnsLabel)
    ? undefined
    : {
        code: 'name',
        message: `${JSON.stringify(text)} names no gateway`,
        hint: 'write namespace/name',
      };
}

/** Labels of pods, each with what is wrong. */
export function* podLabels(
  labels: Readonly<Record<string, unknown>> | undefined,
): Generator<[key: string, Said]> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const [, prefix = '', name = ''] = LABEL_KEY.exec(key) ?? [];
    const hint = 'letters, digits, -, _ and ., at most 63';
    if (name === '' || name.length > 63 || prefix.length > 253)
      yield [key, { code: 'name', message: `${JSON.stringify(key)} is no key of a label`, hint }];
    else if (String(value).length > 63 || !LABEL_VALUE.test(String(value)))
      yield [
        key,
        { code: 'name', message: `${JSON.stringify(value)} is no value of a label`, hint },
      ];
  }
}

export const isHeaderName = (text: string) => HEADER_NAME.test(text);

export function headerName(text: string): Said | undefined {
  if (isHeaderName(text)) return undefined;
  return {
    code: 'name',
    message: `${JSON.stringify(text)} is no name of a header`,
    hint: 'letters, digits and -',
  };
}
