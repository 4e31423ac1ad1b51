// Many fixed texts at once, as a tree of their letters: where a text has left the tree, nothing but the
// longest fixed text that it began with is known, and nothing else matters.

import type { Automaton } from './regex-automaton.ts';

export interface LiteralAutomaton extends Automaton {
  /** The same for texts that equal, and begin with, the same of the fixed texts. */
  verdict(state: number): string;
}

interface Node {
  readonly next: Map<string, number>;
  /** This text itself is one of the fixed ones. */
  end: boolean;
  /** Node of the longest fixed text that this begins with; 0 when there is none. */
  begun: number;
}

/** `ignoresCase`: letters of both cases are walked alike. */
export function literalAutomaton(texts: readonly string[], ignoresCase: boolean): LiteralAutomaton {
  const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text);
  const nodes: Node[] = [{ next: new Map(), end: texts.includes(''), begun: 0 }];
  for (const text of texts) {
    let at = 0;
    for (const char of fold(text)) {
      let next = nodes[at]!.next.get(char);
      if (next === undefined) {
        next = nodes.push({ next: new Map(), end: false, begun: 0 }) - 1;
        nodes[at]!.next.set(char, next);
      }
      at = next;
    }
    nodes[at]!.end = true;
  }
  // A child has a greater number than its parent.
  for (const [at, node] of nodes.entries())
    for (const child of node.next.values())
      nodes[child]!.begun = nodes[child]!.end ? child : nodes[at]!.begun;
  const letters = new Set(texts.flatMap((text) => [...fold(text)]));
  const size = nodes.length;
  return {
    // Beyond the tree a state is the number of what was begun, after those of the nodes.
    step(state, char) {
      if (state >= size) return state;
      return nodes[state]!.next.get(fold(char)) ?? size + nodes[state]!.begun;
    },
    accepts: () => true,
    verdict: (state) =>
      state >= size
        ? `+${state - size}`
        : nodes[state]!.end
          ? `=${state}`
          : `+${nodes[state]!.begun}`,
    classOf: (char) => (letters.has(fold(char)) ? fold(char) : ''),
  };
}
