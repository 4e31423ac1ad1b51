// Envoy's metrics of HTTP connection managers as text, labelled as Istio labels them.

import { family, histogramFamily, labels } from './exposition.ts';
import { HISTOGRAM_SIZE } from './histogram.ts';
import {
  LISTENER_COUNTERS,
  LISTENER_GAUGES,
  LISTENER_HISTOGRAMS,
  LISTENER_PLACES,
  type ListenerStats,
} from './listener-stats.ts';

const PREFIX = 'envoy_http_';
/** What Envoy counts for the listener, not for its connection manager. */
const OF_LISTENERS: Readonly<Record<string, string>> = {
  downstream_cx_ssl_connection_error: 'envoy_listener_ssl_connection_error',
};

export function* listenerFamilies(listeners: readonly ListenerStats[]): Generator<string> {
  for (const [place, name] of LISTENER_COUNTERS.entries()) {
    const ofListener = OF_LISTENERS[name];
    yield ofListener === undefined
      ? family(PREFIX + name, 'counter', values(listeners, place))
      : family(ofListener, 'counter', values(listeners, place, addressLabel));
  }
  yield family(`${PREFIX}downstream_rq`, 'counter', classes(listeners));
  for (const [n, name] of LISTENER_GAUGES.entries())
    yield family(PREFIX + name, 'gauge', values(listeners, LISTENER_PLACES.firstGauge + n));
  for (const [n, name] of LISTENER_HISTOGRAMS.entries()) {
    const start = LISTENER_PLACES.firstHistogram + n * HISTOGRAM_SIZE;
    yield histogramFamily(
      PREFIX + name,
      listeners.map((stats) => ({ labels: stats.labels, values: stats.values, start })),
    );
  }
}

function values(
  listeners: readonly ListenerStats[],
  place: number,
  labelsOf = (stats: ListenerStats) => stats.labels,
) {
  return listeners.map((stats) => ({ labels: labelsOf(stats), value: stats.values[place]! }));
}

/** `outbound_127.0.0.2_9180` without its direction. */
const addressLabel = ({ prefix }: ListenerStats): string =>
  labels([['listener_address', prefix.replace(/^[a-z]+_/, '')]]);

function* classes(listeners: readonly ListenerStats[]) {
  for (const stats of listeners)
    for (let hundred = 1; hundred <= 5; hundred++)
      yield {
        labels: `response_code_class="${hundred}xx",${stats.labels}`,
        value: stats.values[LISTENER_PLACES.firstClass + hundred - 1]!,
      };
}
