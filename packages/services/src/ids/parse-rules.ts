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
/** With addresses, or without them as Snort 3 allows for services. */
const HEADER = /^(\w+)\s+([\w-]+)(?:\s+(\S.*?)\s+(\S+)\s+(->|<>|<-)\s+(\S.*?)\s+(\S+))?\s*\(/;

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
  const header = HEADER.exec(text);
  if (!header) {
    const [word] = text.split(/[\s(]/, 1);
    throw new Error(
      /^(alert|pass|log|drop|reject|sdrop|block)$/.test(word!)
        ? 'ACTION PROTOCOL FROM PORT -> TO PORT (OPTIONS) is wanted'
        : `${word}: this engine reads rules and variables only`,
    );
  }
  const [
    whole,
    action,
    protocol,
    from = 'any',
    fromPort = 'any',
    arrow,
    to = 'any',
    toPort = 'any',
  ] = header;
  if (action !== 'alert' && action !== 'pass')
    throw new Error(
      `${action}: this sensor sees copies, it can alert and pass, but hold nothing back`,
    );
  if (!PROTOCOLS.has(protocol!))
    throw at(`${protocol}: this sensor sees HTTP requests only`, text.indexOf(protocol!));
  const close = text.lastIndexOf(')');
  if (close < whole.length) throw at('the closing parenthesis is missing', text.length);
  const turned = arrow === '<-';
  const source = ruleEnd(from, fromPort, variables, text);
  const destination = ruleEnd(to, toPort, variables, text);
  const said = readOptions(splitOptions(text, whole.length, close));
  return {
    action,
    protocol: protocol!,
    source: turned ? destination : source,
    destination: turned ? source : destination,
    bothWays: arrow === '<>',
    ...said,
    at: { file, ...line.place(0) },
  };
}

function ruleEnd(addresses: string, ports: string, variables: Variables, text: string): RuleEnd {
  try {
    return {
      addresses: addressSet(resolveVariables(addresses, variables).replace(/\s+/g, '')),
      ports: portSet(resolveVariables(ports, variables)),
    };
  } catch (error) {
    throw at((error as Error).message, Math.max(0, text.indexOf(addresses)));
  }
}

const at = (message: string, offset: number): Error =>
  Object.assign(new Error(message), { offset });
