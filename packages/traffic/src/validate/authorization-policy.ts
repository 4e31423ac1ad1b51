// AuthorizationPolicies: that an action has what it needs, and that no part is empty.

import type { FieldPath } from '../read/check-fields.ts';
import type { AuthorizationPolicy } from '../resource.ts';
import { isIpOrRange } from './ip.ts';
import type { Say } from './say.ts';
import { checkSelector } from './selector.ts';

type Part = Readonly<Record<string, readonly string[] | undefined>>;
interface Rule {
  readonly from?: readonly { readonly source?: Part }[];
  readonly to?: readonly { readonly operation?: Part }[];
  readonly when?: readonly {
    readonly key: string;
    readonly values?: readonly string[];
    readonly notValues?: readonly string[];
  }[];
}

export function checkAuthorizationPolicy({ spec }: AuthorizationPolicy, say: Say): void {
  const { action = 'ALLOW', provider, rules } = spec;
  const { selector } = spec as { selector?: { matchLabels?: Readonly<Record<string, string>> } };
  checkSelector(selector?.matchLabels, ['spec', 'selector', 'matchLabels'], say);
  if (action === 'CUSTOM' && rules && !provider?.name)
    say(['spec', 'provider'], {
      code: 'missing',
      message: 'action CUSTOM has no provider',
      hint: 'add provider: {name: …} with the name of an extension provider',
    });
  if (action !== 'CUSTOM' && provider)
    say(['spec', 'provider'], {
      code: 'place',
      message: `a provider does not go with action ${action}`,
      hint: 'write action: CUSTOM',
    });
  if ((action === 'CUSTOM' || action === 'DENY') && !rules)
    say(['spec'], {
      code: 'missing',
      message: `action ${action} without rules is for no request`,
      hint: 'add rules: [{}] for all requests',
    });
  for (const [index, rule] of ((rules ?? []) as readonly Rule[]).entries()) {
    const path: FieldPath = ['spec', 'rules', index];
    checkParts(rule, path, say);
    if (action === 'CUSTOM') checkCustom(rule, path, say);
  }
}

function checkParts(rule: Rule, path: FieldPath, say: Say): void {
  for (const [list, name] of [
    ['from', 'source'],
    ['to', 'operation'],
  ] as const) {
    if (rule[list]?.length === 0)
      say([...path, list], { code: 'missing', message: `${list} is empty`, hint: 'leave it out' });
    for (const [index, one] of (rule[list] ?? []).entries()) {
      const where = [...path, list, index];
      const part: Part | undefined = (one as Readonly<Record<string, Part>>)[name];
      const filled = Object.entries(part ?? {}).filter(([, values]) => values?.length);
      if (filled.length === 0)
        say(where, {
          code: 'missing',
          message: `${name} is empty`,
          hint: 'leave it out, or fill it',
        });
      for (const [field, values] of filled) {
        for (const [at, value] of values!.entries()) {
          const place = [...where, name, field, at];
          if (value === '') say(place, { code: 'empty', message: 'an empty text matches nothing' });
          else if (/ipBlocks$/i.test(field) && !isIpOrRange(value))
            say(place, {
              code: 'name',
              message: `${JSON.stringify(value)} is no IP address or range`,
              hint: 'write 10.0.0.0/8',
            });
          else if (
            /^(?:ports|notPorts)$/.test(field) &&
            !(Number(value) >= 1 && Number(value) <= 65535)
          )
            say(place, {
              code: 'range',
              message: `port ${value} is none`,
              hint: 'allowed: 1 to 65535',
            });
        }
      }
    }
  }
  for (const [index, { values, notValues }] of (rule.when ?? []).entries()) {
    if (!values?.length && !notValues?.length)
      say([...path, 'when', index], {
        code: 'missing',
        message: 'this condition has neither values nor notValues',
      });
  }
}

const NOT_WITH_CUSTOM =
  /^(?:not)?(?:namespaces|serviceAccounts|trustDomains|principals|requestPrincipals)$/i;
const NO_KEY = /^(?:source\.(?:namespace|serviceAccount|trustDomain|principal)$|request\.auth\.)/;

function checkCustom(rule: Rule, path: FieldPath, say: Say): void {
  const message = (name: string) => `${name} does not go with action CUSTOM`;
  for (const [index, { source }] of (rule.from ?? []).entries())
    for (const [field, values] of Object.entries(source ?? {}))
      if (values?.length && NOT_WITH_CUSTOM.test(field))
        say([...path, 'from', index, 'source', field], {
          code: 'place',
          message: message(field),
          hint: 'let the authorizer look at it',
        });
  for (const [index, { key }] of (rule.when ?? []).entries())
    if (NO_KEY.test(key))
      say([...path, 'when', index, 'key'], {
        code: 'place',
        message: message(key),
        hint: 'let the authorizer look at it',
      });
}
