// Asking an operation from the page: its form, the request as a curl line, and the answer.

import { h, jsonView } from './dom.js';
import { describe, example, resolve, typeName } from './schema.js';

const MOST_SHOWN = 200_000;

/** @param {{ method: string, path: string, operation: object, root: object, token: () => string }} what */
export function tryForm({ method, path, operation, root, token }) {
  const inputs = new Map();
  const rows = (operation.parameters ?? []).map((parameter) => {
    const input = inputOf(parameter, root);
    inputs.set(parameter, input);
    return parameterRow(parameter, input, root);
  });
  const body = bodyInput(operation.requestBody, root);
  const answer = h('div.answer', { 'aria-live': 'polite' });
  const line = h('code.request');
  const stop = h('button.plain', { type: 'button', hidden: true }, 'Stop');
  const send = h('button.primary', { type: 'submit' }, 'Send');
  const form = h(
    'form',
    {
      onsubmit: (event) => {
        event.preventDefault();
        void run();
      },
      oninput: () => show(),
    },
    rows.length > 0 &&
      h(
        'table.parameters',
        {},
        h(
          'thead',
          {},
          h('tr', {}, h('th', {}, 'parameter'), h('th', {}, 'value'), h('th', {}, 'what it is')),
        ),
        h('tbody', {}, ...rows),
      ),
    body && h('label.body', {}, h('span', {}, `Body (${body.type})`), body.input),
    h('div.send', {}, send, stop, line),
    answer,
  );

  function request() {
    let url = path;
    const query = new URLSearchParams();
    for (const [parameter, input] of inputs) {
      const value = input.value.trim();
      if (parameter.in === 'path')
        url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (value !== '')
        for (const one of parameter.name === 'filter' ? value.split('\n') : [value])
          query.append(parameter.name, one.trim());
    }
    const text = query.toString();
    return { url: text === '' ? url : `${url}?${text}`, body: body?.input.value };
  }

  function show() {
    const { url, body: content } = request();
    const parts = ['curl'];
    if (method !== 'GET') parts.push('-X', method);
    if (token() !== '') parts.push("-H 'Authorization: Bearer …'");
    if (content) parts.push(`-H 'Content-Type: ${body.type}'`, `-d ${quoted(content)}`);
    line.textContent = [...parts, quoted(location.origin + url)].join(' ');
  }

  async function run() {
    const { url, body: content } = request();
    const abort = new AbortController();
    stop.hidden = false;
    stop.onclick = () => abort.abort();
    const began = performance.now();
    answer.replaceChildren(h('p.quiet', {}, 'Asking …'));
    try {
      const response = await fetch(url, {
        method,
        signal: abort.signal,
        headers: {
          ...(token() === '' ? {} : { authorization: `Bearer ${token()}` }),
          ...(content ? { 'content-type': body.type } : {}),
        },
        ...(content ? { body: content } : {}),
      });
      await showAnswer(response, began);
    } catch (error) {
      if (!abort.signal.aborted) answer.replaceChildren(h('p.bad', {}, String(error)));
    } finally {
      stop.hidden = true;
    }
  }

  async function showAnswer(response, began) {
    const type = response.headers.get('content-type') ?? '';
    const status = h(
      `span.status.${response.ok ? 'good' : 'bad'}`,
      {},
      `${response.status} ${response.statusText}`,
    );
    const facts = h('span.quiet');
    const place = h('div');
    answer.replaceChildren(h('div.head', {}, status, facts), place);
    if (type.startsWith('text/event-stream')) return stream(response, place, facts);
    const text = await response.text();
    const took = Math.round(performance.now() - began);
    facts.textContent = `${took} ms · ${text.length.toLocaleString('en')} characters · ${type.split(';')[0]}`;
    const cut = text.length > MOST_SHOWN;
    if (!cut && type.includes('json')) place.append(jsonView(JSON.parse(text)));
    else place.append(h('pre.json', {}, cut ? `${text.slice(0, MOST_SHOWN)}\n… cut here` : text));
  }

  async function stream(response, place, facts) {
    const out = h('pre.json');
    place.append(out);
    const lines = [];
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let count = 0; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      lines.push(value);
      count += value.split('\ndata:').length - 1;
      out.textContent = lines.slice(-40).join('');
      facts.textContent = `${count} events so far`;
    }
  }

  show();
  return { form, show };
}

const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function inputOf(parameter, root) {
  const schema = resolve(parameter.schema, root);
  const common = { 'aria-label': parameter.name, required: parameter.required };
  if (schema.enum)
    return h(
      'select',
      common,
      !parameter.required && h('option', { value: '' }, schema.default ?? ''),
      ...schema.enum
        .filter((value) => value !== schema.default)
        .map((value) => h('option', { value }, String(value))),
    );
  if (parameter.name === 'filter')
    return h('textarea', { ...common, rows: 1, spellcheck: 'false', placeholder: 'one a line' });
  const number = schema.type === 'integer' || schema.type === 'number';
  return h('input', {
    ...common,
    type: number ? 'number' : 'text',
    min: schema.minimum,
    max: schema.maximum,
    placeholder: schema.default ?? '',
    spellcheck: 'false',
    autocomplete: 'off',
  });
}

function parameterRow(parameter, input, root) {
  const description = parameter.description ?? describe(parameter.schema, root);
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h('code.name', {}, parameter.name),
      parameter.required && h('span.badge', {}, 'required'),
    ),
    h('td', {}, input),
    h('td.text', {}, description || typeName(parameter.schema ?? {}, root)),
  );
}

function bodyInput(requestBody, root) {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined) return undefined;
  const input = h('textarea', { rows: 8, spellcheck: 'false' });
  const isJson = type === 'application/json';
  const start = content.schema ? example(content.schema, root) : {};
  if (isJson) input.value = JSON.stringify(start, null, 2);
  input.rows = isJson ? Math.min(14, input.value.split('\n').length + 1) : 4;
  return { type, input };
}
