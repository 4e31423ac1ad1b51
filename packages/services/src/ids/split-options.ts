/** `name:value;` of a rule's parentheses. */
export interface RuleOption {
  readonly name: string;
  /** Trimmed, with its quotes; undefined without a colon. */
  readonly value: string | undefined;
  /** Of the name in the rule's text. */
  readonly offset: number;
}

/**
 * The options between `from` (behind the opening parenthesis) and the rule's last one. Semicolons in quotes
 * or behind a backslash end nothing. Throws Error when a quote or the last option is not closed.
 */
export function splitOptions(text: string, from: number, to: number): RuleOption[] {
  const options: RuleOption[] = [];
  let start = from;
  let quoted = false;
  for (let at = from; at < to; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '"') quoted = !quoted;
    else if (char === ';' && !quoted) {
      add(start, at);
      start = at + 1;
    }
  }
  if (quoted) throw new Error('a quote is not closed');
  if (text.slice(start, to).trim() !== '')
    throw new Error(`${JSON.stringify(text.slice(start, to).trim())} does not end in a semicolon`);
  return options;

  function add(begin: number, end: number): void {
    const option = text.slice(begin, end);
    if (option.trim() === '') return;
    const colon = option.indexOf(':');
    options.push({
      name: (colon === -1 ? option : option.slice(0, colon)).trim(),
      value: colon === -1 ? undefined : option.slice(colon + 1).trim(),
      offset: begin + (option.length - option.trimStart().length),
    });
  }
}
