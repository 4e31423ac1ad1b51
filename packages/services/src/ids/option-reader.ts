// The options of a rule's parentheses, one after the other. Every option that Clover does not know or
// cannot do is refused by its name: a rule that was half understood would tell of the wrong things.

import { classPriority } from './classifications.ts';
import { contentPattern } from './content-pattern.ts';
import { BUFFERS, OF_ANSWERS, SAYS_NOTHING } from './option-names.ts';
import {
  checkFlow,
  fieldOf,
  isDataAt,
  need,
  readRate,
  size,
  unquoted,
  whole,
} from './option-values.ts';
import { parsePcre } from './pcre.ts';
import type { BufferName, Check, Content, Rate, Rule } from './rule.ts';
import type { RuleOption } from './split-options.ts';

type Said = Pick<
  Rule,
  | 'msg'
  | 'gid'
  | 'sid'
  | 'rev'
  | 'classtype'
  | 'priority'
  | 'references'
  | 'rate'
  | 'checks'
  | 'fast'
>;

/** A content whose modifiers are still to come. */
interface Draft {
  kind: 'content';
  buffer: BufferName;
  negated: boolean;
  pattern: string;
  nocase: boolean;
  offset?: number;
  depth?: number;
  distance?: number;
  within?: number;
  atEnd: boolean;
  fast: boolean;
}

const MODIFIERS = new Set([
  'nocase',
  'offset',
  'depth',
  'distance',
  'within',
  'fast_pattern',
  'startswith',
  'endswith',
]);

/** Throws Error `name: what is wrong`, with the option's `offset` in the rule. */
export function readOptions(options: readonly RuleOption[]): Said {
  const reader = createReader(isSticky(options));
  for (const option of options) {
    try {
      reader.read(option);
    } catch (error) {
      throw Object.assign(new Error(`${option.name}: ${(error as Error).message}`), {
        offset: option.offset,
      });
    }
  }
  return reader.finish();
}

/** Whether http_uri and its like stand before what they are about: they come first, or contents have commas. */
function isSticky(options: readonly RuleOption[]): boolean {
  const first = options.findIndex(({ name }) => BUFFERS[name] !== undefined);
  const content = options.findIndex(({ name }) => name === 'content' || name === 'pcre');
  return (
    (first !== -1 && (content === -1 || first < content)) ||
    options.some(({ name, value }) => name === 'content' && /"\s*,/.test(value ?? ''))
  );
}

function createReader(sticky: boolean) {
  const checks: (Draft | Exclude<Check, Content>)[] = [];
  const references: string[] = [];
  const said = { msg: '', gid: 1, sid: 0, rev: 0, classtype: '' };
  let priority: number | undefined;
  let rate: Rate | undefined;
  let buffer: BufferName = 'pkt';
  let draft: Draft | undefined;

  return {
    read({ name, value }: RuleOption): void {
      const known = BUFFERS[name];
      if (known !== undefined) {
        const chosen = value === undefined ? known : fieldOf(known, value);
        if (sticky || name.includes('.') || name.endsWith('_data')) buffer = chosen;
        else if (draft) draft.buffer = chosen;
        else throw new Error('there is no content before it');
        return;
      }
      if (MODIFIERS.has(name)) {
        if (!draft) throw new Error('there is no content before it');
        modify(draft, name, value);
        return;
      }
      switch (name) {
        case 'content':
        case 'uricontent':
          return addContent(need(value), name === 'uricontent' ? 'uri' : buffer);
        case 'pcre': {
          const { negated, regex, relative, anchored, ...rest } = parsePcre(need(value));
          draft = undefined;
          const where = rest.buffer ?? buffer;
          checks.push({ kind: 'pcre', buffer: where, negated, regex, relative, anchored });
          return;
        }
        case 'isdataat':
          return void checks.push(isDataAt(need(value), draft?.buffer ?? buffer));
        case 'urilen':
          return void checks.push(size(need(value), 'rawUri'));
        case 'bsize':
          return void checks.push(size(need(value), buffer));
        case 'flow':
          return checkFlow(need(value));
        case 'threshold':
        case 'detection_filter':
          rate = readRate(name, need(value));
          return;
        case 'msg':
          said.msg = unquoted(need(value));
          return;
        case 'classtype':
          said.classtype = need(value);
          return;
        case 'reference':
          references.push(need(value));
          return;
        case 'priority':
          priority = whole(need(value), 1);
          return;
        case 'sid':
        case 'rev':
        case 'gid':
          said[name] = whole(need(value), 1);
          return;
      }
      if (SAYS_NOTHING.has(name)) return;
      throw new Error(
        OF_ANSWERS.test(name)
          ? 'it is about answers; this sensor sees requests'
          : 'this engine does not do it',
      );
    },
    finish(): Said {
      if (said.sid === 0) throw new Error('sid is missing');
      const finished = checks.map((check) => (check.kind === 'content' ? contentOf(check) : check));
      const chosen = checks.findIndex(
        (check) => check.kind === 'content' && check.fast && !check.negated,
      );
      return {
        ...said,
        priority: priority ?? classPriority(said.classtype),
        references,
        rate,
        checks: finished,
        fast: chosen === -1 ? undefined : (finished[chosen] as Content),
      };
    },
  };

  function addContent(value: string, where: BufferName): void {
    const match = /^(!?)\s*"((?:\\.|[^"\\])*)"\s*(?:,(.*))?$/s.exec(value);
    if (!match) throw new Error('a text in quotes is wanted');
    draft = {
      kind: 'content',
      buffer: where,
      negated: match[1] === '!',
      pattern: contentPattern(match[2]!),
      nocase: false,
      atEnd: false,
      fast: false,
    };
    checks.push(draft);
    for (const modifier of match[3]?.split(',') ?? []) {
      const [name = '', argument] = modifier.trim().split(/\s+/, 2);
      modify(draft, name, argument);
    }
  }
}

function modify(draft: Draft, name: string, value: string | undefined): void {
  switch (name) {
    case 'nocase':
      draft.nocase = true;
      return;
    case 'fast_pattern':
      if (value === 'only' || value === undefined || /^\d+\s*,\s*\d+$/.test(value))
        draft.fast = true;
      else throw new Error(`${JSON.stringify(value)} is none of only, OFFSET,LENGTH`);
      return;
    case 'fast_pattern_offset':
    case 'fast_pattern_length':
      return;
    case 'startswith':
      draft.offset = 0;
      draft.depth = draft.pattern.length;
      return;
    case 'endswith':
      draft.atEnd = true;
      return;
    case 'offset':
    case 'distance':
      draft[name] = whole(need(value), name === 'offset' ? 0 : -65_535);
      return;
    case 'depth':
    case 'within':
      draft[name] = whole(need(value), 1);
      return;
    default:
      throw new Error(`${name} is no modifier of a content`);
  }
}

function contentOf(draft: Draft): Content {
  const { kind, buffer, negated, nocase, atEnd } = draft;
  const relative = draft.distance !== undefined || draft.within !== undefined;
  if (relative && (draft.offset !== undefined || draft.depth !== undefined))
    throw new Error('content: offset and depth do not go with distance and within');
  const length = relative ? draft.within : draft.depth;
  if (length !== undefined && length < draft.pattern.length)
    throw new Error(`content: ${length} bytes do not hold a pattern of ${draft.pattern.length}`);
  const pattern = nocase
    ? draft.pattern.replace(/[A-Z]+/g, (text) => text.toLowerCase())
    : draft.pattern;
  const from = (relative ? draft.distance : draft.offset) ?? 0;
  return { kind, buffer, negated, pattern, nocase, relative, from, length, atEnd };
}
