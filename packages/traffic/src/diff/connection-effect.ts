// What a connection meets, as far as it matters to whoever opened it.

import type { RoutingTable } from '../compile.ts';
import {
  decideConnection,
  type Connection,
  type ConnectionDecision,
} from '../connection/decide-connection.ts';
import type { Caller } from '../request.ts';
import { targetOf, type Target } from './effect.ts';
import { percent, settingChanges, shareChanges, type Change } from './tell-changes.ts';

export interface ConnectionEffect {
  readonly decision: ConnectionDecision;
  /** One for each destination. */
  readonly targets: readonly Target[];
  /** The same for connections that meet the same. */
  readonly key: string;
}

export function connectionEffect(
  table: RoutingTable,
  caller: Caller,
  connection: Connection,
): ConnectionEffect {
  const decision = decideConnection(table, caller, connection);
  const { outcome, tls } = decision;
  const targets =
    outcome.kind === 'forward'
      ? outcome.destinations.map((one) => targetOf(table, caller, one))
      : [];
  return { decision, targets, key: JSON.stringify([outcome, tls, targets]) };
}

/** `db:5432 v1 70 %, db:5432 v2 30 %`, `refused`. */
export function connectionText({ outcome }: ConnectionDecision): string {
  switch (outcome.kind) {
    case 'forward':
      return outcome.destinations
        .map((one) => `${nameOf(one)} ${percent(one.probability)}`)
        .join(', ');
    case 'http':
      return 'HTTP, request by request';
    case 'passthrough':
      return 'passed through';
    case 'blocked':
      return 'closed, not declared';
    case 'refused':
      return 'refused';
  }
}

const nameOf = (one: { host: string; port: number; subset: string; missing: unknown }) =>
  `${one.host}:${one.port}${one.subset && ` ${one.subset}`}${one.missing ? ' (not there)' : ''}`;

export function connectionChanges(before: ConnectionEffect, after: ConnectionEffect): Change[] {
  const [a, b] = [before.decision, after.decision];
  const changes: Change[] = [];
  const say = (kind: Change['kind'], text: string) => changes.push({ kind, text });
  if (a.outcome.kind !== 'forward' || b.outcome.kind !== 'forward') {
    if (connectionText(a) !== connectionText(b))
      say('outcome', `${connectionText(a)} becomes ${connectionText(b)}`);
  } else {
    for (const text of shareChanges(a.outcome.destinations, b.outcome.destinations))
      say('destination', text);
    for (const [index, one] of a.outcome.destinations.entries()) {
      const other = b.outcome.destinations.findIndex((two) => nameOf(two) === nameOf(one));
      if (other === -1) continue;
      const [from, to] = [before.targets[index]!, after.targets[other]!];
      if (JSON.stringify(from.labels) !== JSON.stringify(to.labels))
        say(
          'destination',
          `${nameOf(one)} means ${JSON.stringify(to.labels)}, not ${JSON.stringify(from.labels)}`,
        );
      for (const text of settingChanges(from.policy, to.policy))
        say('policy', `${nameOf(one)}: ${text}`);
    }
  }
  if (JSON.stringify(a.tls) !== JSON.stringify(b.tls))
    say(
      'tls',
      `${JSON.stringify(a.tls ?? 'passed on')} becomes ${JSON.stringify(b.tls ?? 'passed on')}`,
    );
  return changes.length > 0 ? changes : [{ kind: 'policy', text: 'otherwise treated' }];
}
