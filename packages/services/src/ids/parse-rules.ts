// A file of Snort's rules: what can be done becomes rules, everything else is refused with its place.

import { addressSet } from './address-set.ts';
import { logicalLines, type LogicalLine } from './logical-lines.ts';
import { readOptions } from './option-reader.ts';
import { portSet } from './port-set.ts';
import type { Refusal, Rule, RuleEnd } from './rule.ts';
import { splitOptions } from './split-options.ts';
import { DEFAULT_VARIABLES, resolveVariables, type Variables } from './variables.ts';

export interface ParsedRules {
  readonly rules: readonly Rule[];
  readonly refused: readonly Refusal[];
}

const PROTOCOLS = new Set(['tcp', 'ip', 'http', 'tcp-pkt', 'tcp-stream', 'http1']);
/** Never throws. Two rules of one gid and sid: the later revision counts, else the later one. */
export function parseRules(
  text: string,
  options: { readonly file: string; readonly variables?: Variables },
): ParsedRules {
  const variables: Record<string, string> = { ...DEFAULT_VARIABLES, ...options.variables };
  const rules = new Map<string, Rule>();
  const refused: Refusal[] = [];
  for (const line of logicalLines(text)) {
    try {
      const definition = /^(?:ip|port)?var\s+(\w+)\s+(\S.*)$/.exec(line.text);
      if (definition) {
        const [, name, value] = definition;
        variables[name!] = resolveVariables(value!.trim(), variables);
        continue;
      }
      const rule = parseRule(line, variables, options.file);
      const key = `${rule.gid}:${rule.sid}`;
      const before = rules.get(key);
      if (!before || before.rev <= rule.rev) rules.set(key, rule);
    } catch (error) {
      const { message, offset = 0 } = error as Error & { offset?: number };
      const sid = Number(/\bsid\s*:\s*(\d{1,10})\s*;/.exec(line.text)?.[1] ?? 0);
      refused.push({ file: options.file, ...line.place(offset), sid, message });
    }
  }
  return { rules: [...rules.values()], refused };
}

function parseRule(line: LogicalLine, variables: Variables, file: string): Rule {
  const { text } = line;
  const { action, protocol, source, arrow, destination, end } = splitHeader(text);
  if (action !== 'alert' && action !== 'pass')
    throw new Error(
      `${action}: this sensor sees copies, it can alert and pass, but hold nothing back`,
    );
  if (!PROTOCOLS.has(protocol))
    throw at(`${protocol}: this sensor sees HTTP requests only`, text.indexOf(protocol));
  const close = text.lastIndexOf(')');
  if (close < end) throw at('the closing parenthesis is missing', text.length);
  const turned = arrow === '<-';
  const from = ruleEnd(source, variables, text);
  const to = ruleEnd(destination, variables, text);
  const said = readOptions(splitOptions(text, end, close));
  return {
    action,
    protocol,
    source: turned ? to : from,
    destination: turned ? from : to,
    bothWays: arrow === '<>',
    ...said,
    at: { file, ...line.place(0) },
  };
}

interface Ends {
  readonly addresses: string;
  readonly ports: string;
}

const ANY: Ends = { addresses: 'any', ports: 'any' };

/** What stands before the options; `end` is where these begin. Addresses may be missing, as Snort 3 allows for services. */
function splitHeader(text: string) {
  const open = /(?<!\$)\(/.exec(text)?.index ?? text.length;
  const header = text.slice(0, open);
  const [, action = '', protocol = '', rest = ''] =
    /^(\w+)(?:\s+([\w-]+)(?:\s+(\S[^]*))?)?/.exec(header) ?? [];
  if (!ACTION.test(action))
    throw new Error(`${/^[^\s(]*/.exec(text)![0]}: this engine reads rules and variables only`);
  const arrow = /\s(->|<>|<-)\s/.exec(rest);
  const source = arrow ? endOf(rest.slice(0, arrow.index)) : ANY;
  const destination = arrow ? endOf(rest.slice(arrow.index + arrow[0].length)) : ANY;
  if (open === text.length || protocol === '' || !source || !destination || (!arrow && rest.trim()))
    throw new Error('ACTION PROTOCOL FROM PORT -> TO PORT (OPTIONS) is wanted');
  return { action, protocol, source, arrow: arrow?.[1], destination, end: open + 1 };
}

const ACTION = /^(alert|pass|log|drop|reject|sdrop|block)$/;

/** Addresses, which may hold blanks in a list, and ports, which do not. */
function endOf(text: string): Ends | undefined {
  const words = text.trim().split(/\s+/);
  const ports = words.pop()!;
  return words.length === 0 ? undefined : { addresses: words.join(''), ports };
}

function ruleEnd({ addresses, ports }: Ends, variables: Variables, text: string): RuleEnd {
  try {
    return {
      addresses: addressSet(resolveVariables(addresses, variables).replace(/\s+/g, '')),
      ports: portSet(resolveVariables(ports, variables)),
    };
  } catch (error) {
    const found = Math.max(text.indexOf(addresses), 0);
    throw at((error as Error).message, found);
  }
}

const at = (message: string, offset: number): Error =>
  Object.assign(new Error(message), { offset });
