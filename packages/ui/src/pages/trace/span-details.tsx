import type { TraceDetail, TraceSpan } from '@clover/model';
import { IconFilterPlus } from '@tabler/icons-react';
import { ServiceName } from '../../components/service-name.tsx';
import { spanWords } from '../../domain/request-line.ts';
import { duration } from '../../format/duration.ts';
import { exact, percent } from '../../format/number.ts';
import { clockMs } from '../../format/time.ts';
import { Link } from '../../router/link.tsx';
import { pageHref, setSearch } from '../../router/location.ts';
import css from './span-details.module.css';

/** Everything that is known about one span. */
export function SpanDetails({
  trace,
  span,
}: {
  readonly trace: TraceDetail;
  readonly span: TraceSpan;
}) {
  const parent = trace.spans.find((one) => one.spanId === span.parentSpanId);
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ...(spanWords(span) === span.name ? [] : [['Name', span.name] as const]),
    ['Service', <ServiceName key="service" service={span.service} />],
    ...(span.version ? [['Version', span.version] as const] : []),
    ...(span.node
      ? [
          [
            'Instance',
            <span key="node" className="mono">
              {span.node}
            </span>,
          ] as const,
        ]
      : []),
    ['Kind', span.direction === 'none' ? span.kind : `${span.kind}, ${span.direction}`],
    [
      'Duration',
      `${duration(span.durationNs)} (${percent(span.durationNs / Math.max(1, trace.durationNs))} of the trace)`,
    ],
    ['Self time', duration(span.selfTimeNs)],
    [
      'Start',
      `${clockMs(Number(span.startTimeUnixNano) / 1e6)}, ${duration(span.offsetNs)} after the trace began`,
    ],
    ...(span.skewNs === 0
      ? []
      : [
          [
            'Clock',
            `moved by ${duration(span.skewNs)}: its clock and its parent's differ`,
          ] as const,
        ]),
    ['Status', span.statusMessage ? `${span.status}: ${span.statusMessage}` : span.status],
    ...(span.responseFlags ? [['Response flags', span.responseFlags] as const] : []),
    ...(span.sampleWeight === 1
      ? []
      : [['Stands for', `${exact(span.sampleWeight)} requests`] as const]),
    ...(span.duplicates > 0
      ? [['Delivered', `${span.duplicates + 1} times, counted once`] as const]
      : []),
    [
      'Parent',
      parent ? (
        <button
          key="parent"
          type="button"
          className={css.jump}
          onClick={() => setSearch({ span: parent.spanId })}
        >
          {parent.service} {parent.name}
        </button>
      ) : span.orphan ? (
        'never came'
      ) : (
        'none: the root'
      ),
    ],
  ];
  return (
    <div className={css.details}>
      <h2>{spanWords(span)}</h2>
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Attributes title="Attributes" values={span.attributes} filterable />
      {span.events.length > 0 && (
        <section>
          <h3>Events</h3>
          <ul className={css.events}>
            {span.events.map((event) => (
              <li key={`${event.timeUnixNano} ${event.name}`}>
                <p>
                  <strong>{event.name}</strong>{' '}
                  <span>
                    {duration(Number(BigInt(event.timeUnixNano) - BigInt(span.startTimeUnixNano)))}{' '}
                    in
                  </span>
                </p>
                {Object.entries(event.attributes).map(([key, value]) => (
                  <pre key={key}>
                    {key}: {text(value)}
                  </pre>
                ))}
              </li>
            ))}
          </ul>
        </section>
      )}
      {span.links.length > 0 && (
        <section>
          <h3>Links</h3>
          <ul className={css.links}>
            {span.links.map((link) => (
              <li key={link.traceId + link.spanId}>
                <Link
                  to={pageHref(`/traces/${link.traceId}`, { span: link.spanId })}
                  className="mono"
                >
                  {link.traceId.slice(0, 16)}… / {link.spanId}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Attributes title="Resource" values={span.resource} filterable />
      <Attributes
        title="Ids"
        values={{
          'trace id': trace.traceId,
          'span id': span.spanId,
          ...(span.parentSpanId && { 'parent id': span.parentSpanId }),
          ...(span.scope && { scope: span.scope }),
        }}
      />
    </div>
  );
}

function Attributes({
  title,
  values,
  filterable = false,
}: {
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly filterable?: boolean;
}) {
  const entries = Object.entries(values).toSorted(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl className={css.attributes}>
        {entries.map(([key, value]) => (
          <div key={key}>
            <dt title={key}>{key}</dt>
            <dd>
              <span>{text(value)}</span>
              {filterable && (
                <Link
                  to={pageHref('/traces', { filter: [`${key}=${text(value)}`] })}
                  aria-label={`Traces with ${key}=${text(value)}`}
                  title="Traces with this value"
                >
                  <IconFilterPlus size={13} />
                </Link>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
