// The rules in force: a change makes a new engine and puts it in the old one's place.

import { CloverError } from '@clover/model';
import { SERVICES_ERRORS } from '../errors.ts';
import { createDetectionEngine, type DetectionEngine } from './detection-engine.ts';
import { parseRules } from './parse-rules.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { Refusal, Rule } from './rule.ts';
import type { Variables } from './variables.ts';

export interface AddedRules {
  readonly added: number;
  readonly refused: readonly Refusal[];
}

export interface RuleSet {
  readonly engine: DetectionEngine;
  /**
   * Adds what can be done of a rule file; a rule of the same gid and sid takes the place of the one before,
   * unless its revision is older. Throws CloverError `services.bad_rule` when nothing of it can be done.
   */
  add(text: string, file: string): AddedRules;
}

const MOST_RULES = 100_000;

export function createRuleSet(text: string, variables: Variables = {}): RuleSet {
  const rates = createRateLimiter();
  let rules = new Map<string, Rule>();
  let engine = createDetectionEngine([], rates);
  const set: RuleSet = {
    get engine() {
      return engine;
    },
    add(more, file) {
      const parsed = parseRules(more, { file, variables });
      const refused = [...parsed.refused];
      const next = new Map(rules);
      let added = 0;
      for (const rule of parsed.rules) {
        const key = `${rule.gid}:${rule.sid}`;
        const before = next.get(key);
        if (before && before.rev > rule.rev) {
          const message = `rev: revision ${before.rev} is in force, ${rule.rev} is older`;
          refused.push({ ...rule.at, sid: rule.sid, message });
        } else if (!before && next.size >= MOST_RULES)
          refused.push({
            ...rule.at,
            sid: rule.sid,
            message: `there are ${MOST_RULES} rules already`,
          });
        else {
          next.set(key, rule);
          added++;
        }
      }
      if (added === 0 && refused.length > 0)
        throw new CloverError(SERVICES_ERRORS.badRule, describe(refused[0]!), {
          status: 400,
          hint: 'nothing was changed',
          issues: refused.map((one) => ({ at: '', message: describe(one) })),
        });
      rules = next;
      engine = createDetectionEngine([...rules.values()], rates);
      return { added, refused };
    },
  };
  if (text !== '') set.add(text, 'rules');
  return set;
}

/** `rules:3:7: sid 12: flags: this engine does not do it`. */
export function describe({ file, line, column, sid, message }: Refusal): string {
  return `${file}:${line}:${column}: ${sid === 0 ? '' : `sid ${sid}: `}${message}`;
}
