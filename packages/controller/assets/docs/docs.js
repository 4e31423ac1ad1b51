// The API as a page: operations by tag, each with its parameters, schemas and a form to ask it.

import { h } from './dom.js';
import { schemaView } from './schema.js';
import { tryForm } from './try.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const byId = (id) => document.getElementById(id);
const state = byId('state');
const tokenInput = byId('token');
const shows = [];
byId('token-form').addEventListener('submit', (event) => event.preventDefault());
tokenInput.addEventListener('input', () => {
  for (const show of shows) show();
});

try {
  const response = await fetch('/api/openapi.json');
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  render(await response.json());
} catch (error) {
  state.textContent = `The description could not be read: ${error.message}. Reload to try again.`;
  state.classList.add('bad');
}

function render(root) {
  byId('version').textContent = `${root.info.title} ${root.info.version}`;
  const tags = new Map();
  for (const [path, methods] of Object.entries(root.paths))
    for (const method of METHODS)
      if (methods[method]) {
        const operation = methods[method];
        const tag = operation.tags?.[0] ?? 'other';
        if (!tags.has(tag)) tags.set(tag, []);
        tags.get(tag).push({ path, method: method.toUpperCase(), operation });
      }
  for (const [tag, operations] of tags) {
    byId('index').append(indexOf(tag, operations));
    byId('operations').append(
      h(
        'section',
        { 'aria-label': tag, 'data-tag': tag },
        h('h2', {}, tag),
        ...operations.map((one) => operationCard(one, root)),
      ),
    );
  }
  byId('filter').addEventListener('input', filter);
  addEventListener('hashchange', showHash);
  showHash();
  state.remove();
}

function indexOf(tag, operations) {
  return h(
    'div.group',
    { 'data-tag': tag },
    h('h2', {}, tag),
    h(
      'ul',
      {},
      ...operations.map(({ path, method, operation }) =>
        h(
          'li',
          { 'data-words': wordsOf(path, method, operation) },
          h(
            'a',
            { href: `#${operation.operationId}`, title: operation.summary },
            h(`span.method.${method.toLowerCase()}`, {}, method),
            h('span.path', {}, path.replace('/api/v1', '')),
          ),
        ),
      ),
    ),
  );
}

function operationCard({ path, method, operation }, root) {
  const details = h(
    'details.operation',
    { id: operation.operationId, 'data-words': wordsOf(path, method, operation) },
    h(
      'summary',
      {},
      h(`span.method.${method.toLowerCase()}`, {}, method),
      h('code.path', {}, path),
      h('span.what', {}, operation.summary),
      operation['x-role'] && h('span.badge', {}, operation['x-role']),
    ),
  );
  // Most are never opened: their inside is made when they are.
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    details.append(inside({ path, method, operation }, root));
  });
  return details;
}

function inside({ path, method, operation }, root) {
  const { form, show } = tryForm({
    path,
    method,
    operation,
    root,
    token: () => tokenInput.value.trim(),
  });
  shows.push(show);
  const [type, content] = Object.entries(operation.responses['200'].content)[0];
  return h(
    'div.inside',
    {},
    form,
    h('h3', {}, `Answer (${type})`),
    content.schema
      ? schemaView(content.schema, root)
      : h('p.quiet', {}, 'In the form of the system whose API this is.'),
  );
}

function wordsOf(path, method, operation) {
  return `${method} ${path} ${operation.summary} ${operation.tags?.join(' ')}`.toLowerCase();
}

function filter() {
  const wanted = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const element of document.querySelectorAll('[data-words]'))
    element.hidden = !wanted.every((word) => element.dataset.words.includes(word));
  for (const group of document.querySelectorAll('[data-tag]'))
    group.hidden = !group.querySelector('[data-words]:not([hidden])');
}

function showHash() {
  const details = byId(decodeURIComponent(location.hash.slice(1)));
  if (!(details instanceof HTMLDetailsElement)) return;
  details.open = true;
  details.scrollIntoView({ block: 'start' });
  for (const link of document.querySelectorAll('nav a'))
    link.toggleAttribute('aria-current', link.hash === location.hash);
}
