// A class of requests that would meet something else, as people read it.

import type { ConnectionClass, DiffClass, TableDiff } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { harmless } from '../../output/text.ts';
import { callerWords, ruleWords } from './decision-words.ts';

/** A request to try, the rules that take it before and after, and the changes; ends in an empty line. */
function classText(context: Context, one: DiffClass, style = context.style): string {
  const { request, caller } = one.witness;
  const arrow = context.figures.unicode ? '→' : '->';
  const url = `${request.method} ${request.scheme ?? 'http'}://${request.headers['host']}${request.path}`;
  const headers = Object.entries(request.headers)
    .filter(([name]) => name !== 'host')
    .map(([name, value]) => ` -H ${JSON.stringify(`${name}: ${value}`)}`)
    .join('');
  const others = one.hosts.length - 1;
  const also = others > 0 ? `, also ${others} other ${others === 1 ? 'host' : 'hosts'}` : '';
  return [
    `${style.bold(harmless(url))}${harmless(headers)}  ${style.dim(harmless(callerWords(caller, request.port) + also))}`,
    `  ${style.red(harmless(ruleWords(one.before, one.effects.before.line)))} ${arrow} ${style.green(harmless(ruleWords(one.after, one.effects.after.line)))}`,
    ...one.changes.map(({ kind, text }) => `    ${style.dim(`${kind}:`)} ${harmless(text)}`),
    '',
    '',
  ].join('\n');
}

/** The same of connections: one to try, the routes that take it before and after, and the changes. */
function connectionClassText(
  context: Context,
  one: ConnectionClass,
  style = context.style,
): string {
  const { caller, connection } = one.witness;
  const { sni, destinationIp, service, port } = connection;
  const arrow = context.figures.unicode ? '→' : '->';
  const url = `${sni === undefined ? 'tcp' : 'tls'}://${destinationIp ?? service ?? sni ?? '*'}:${port}`;
  const name = sni === undefined ? '' : ` --sni ${sni}`;
  const ruleOf = (side: 'before' | 'after') => {
    const ref = one[side];
    const { chain } = one.effects[side].decision;
    if (ref) return `${ref.virtualService} ${ref.section}[${ref.ruleIndex}]`;
    return chain === undefined ? 'no route' : `${chain}, without a route`;
  };
  return [
    `${style.bold(harmless(url))}${harmless(name)}  ${style.dim(harmless(callerWords(caller, port)))}`,
    `  ${style.red(harmless(ruleOf('before')))} ${arrow} ${style.green(harmless(ruleOf('after')))}`,
    ...one.changes.map(({ kind, text }) => `    ${style.dim(`${kind}:`)} ${harmless(text)}`),
    '',
    '',
  ].join('\n');
}

/** All classes of a difference, requests first. */
export const classTexts = (
  context: Context,
  { classes, connections }: TableDiff,
  style = context.style,
): string[] => [
  ...classes.map((one) => classText(context, one, style)),
  ...connections.map((one) => connectionClassText(context, one, style)),
];
