// Elements without innerHTML: nothing that the server says is ever read as markup.

/**
 * @param {string} tag name, with classes after dots: `div.row`
 * @param {Record<string, unknown>} [properties] attributes; functions under on… are listeners
 * @param {...(Node | string | undefined | false)} children
 */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** JSON as coloured lines. */
export function jsonView(value) {
  const out = h('pre.json');
  const text = JSON.stringify(value, null, 2) ?? '';
  const token =
    /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let at = 0;
  for (const match of text.matchAll(token)) {
    out.append(text.slice(at, match.index));
    const kind = match[2] ? 'key' : match[1] ? 'string' : match[3] ? 'word' : 'number';
    out.append(h(`span.${kind}`, {}, match[1] ?? match[0]), match[2] ?? '');
    at = match.index + match[0].length;
  }
  out.append(text.slice(at));
  return out;
}
