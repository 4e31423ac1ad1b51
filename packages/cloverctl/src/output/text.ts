// Widths and safety of text on a terminal.
import { stripVTControlCharacters } from 'node:util';

// Wide in every terminal: CJK, Hangul, full-width forms, emoji.
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const PLAIN = /^[\u0020-\u007E]*$/;

/** Terminal cells that a text takes; colours take none. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const letter of stripVTControlCharacters(text))
    width += NO_WIDTH.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return width;
}

/**
 * Text from outside, made harmless: a span's name with escape sequences in it must not move the
 * cursor or retitle the window. Control characters become `\x1b` and the like.
 */
export function harmless(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- as above
    /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g,
    (letter) => {
      if (letter === '\n') return '\\n';
      if (letter === '\t') return ' ';
      const code = letter.codePointAt(0)!;
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
    },
  );
}

/** At most `width` cells of a text without colours; what was cut is marked by an ellipsis. */
export function shorten(text: string, width: number, ellipsis = '…'): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = textWidth(ellipsis);
  for (const letter of text) {
    used += textWidth(letter);
    if (used > width) break;
    kept += letter;
  }
  return width <= 0 ? '' : `${kept.trimEnd()}${ellipsis}`;
}

/**
 * At most `width` cells of a service's name: its namespace goes first, then its middle, because names of
 * one kind differ at their ends (`clover-server3.default`, `clover-server3.…`, `clover…ver3`).
 */
export function shortenService(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const dot = text.indexOf('.');
  const name = dot < 0 ? text : text.slice(0, dot);
  if (dot >= 0 && textWidth(name) + 2 <= width) return `${name}.…`;
  if (textWidth(name) <= width) return name;
  const tail = [...name].slice(-Math.floor(width / 3)).join('');
  return width < 6 ? shorten(name, width) : shorten(name, width - textWidth(tail)) + tail;
}

/** Filled with blanks to `width` cells. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? blanks + text : text + blanks;
}

/** Lines of at most `width` cells, broken at blanks; the line ends that are there stay. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}
