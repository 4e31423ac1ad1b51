import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { VisibilityStatus } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import { percent } from '../../format/number.ts';
import { LIVE_MS } from '../../hooks/use-answer.ts';
import { useQuestion } from '../../hooks/use-question.ts';
import css from './sources.module.css';

/** Pull from a Jaeger or a Prometheus that is there already. */
export function PullForm() {
  const visibility = useQuestion({
    queryKey: ['visibility'],
    queryFn: ({ signal }) => client.visibility({}, { signal }),
    liveMs: LIVE_MS,
  });
  return (
    <Panel title="Pull from Jaeger and Prometheus">
      {visibility.data ? (
        <Form status={visibility.data} />
      ) : visibility.error ? (
        <Failure error={visibility.error} onRetry={visibility.refetch} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Panel>
  );
}

function Form({ status }: { readonly status: VisibilityStatus }) {
  const queries = useQueryClient();
  const [jaeger, setJaeger] = useState(() => hostPort(status.jaeger.url));
  const [prometheus, setPrometheus] = useState(() => hostPort(status.prometheus.url));
  const [interval, setInterval] = useState(String(status.sampleIntervalSeconds));
  const change = useMutation({
    mutationFn: (action: 'start' | 'stop') =>
      action === 'stop'
        ? client.visibilityStop({})
        : client.visibilityStart({
            sample_interval: Number(interval),
            ...target('t', jaeger),
            ...target('m', prometheus),
          }),
    onSuccess: (next) => queries.setQueryData(['visibility'], next),
  });
  const fields = [
    ['Jaeger query API', jaeger, setJaeger, '127.0.0.1:16686', status.jaeger],
    ['Prometheus', prometheus, setPrometheus, '127.0.0.1:9090', status.prometheus],
  ] as const;
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate('start');
      }}
    >
      {fields.map(([title, value, set, hint, state]) => (
        <label key={title}>
          {title}
          <input
            value={value}
            placeholder={hint}
            spellCheck={false}
            onChange={(event) => set(event.target.value)}
          />
          {state.state !== 'off' && (
            <span className={state.state === 'down' ? css.bad : css.quiet}>
              {state.state}: {state.detail}
              {state.completeness !== null && ` · complete ${percent(state.completeness)}`}
            </span>
          )}
        </label>
      ))}
      <label>
        Every … seconds
        <input
          value={interval}
          inputMode="decimal"
          size={5}
          onChange={(event) => setInterval(event.target.value)}
        />
      </label>
      {change.error && <p className={css.bad}>{change.error.message}</p>}
      <div className={css.actions}>
        <Button
          primary
          type="submit"
          disabled={change.isPending || (jaeger === '' && prometheus === '')}
        >
          {status.running ? 'Start again with these' : 'Start pulling'}
        </Button>
        {status.running && (
          <Button disabled={change.isPending} onClick={() => change.mutate('stop')}>
            Stop
          </Button>
        )}
      </div>
    </form>
  );
}

function hostPort(url: string | null): string {
  return url === null ? '' : new URL(url).host;
}

/** `host:port` as the fields t_host, t_port or m_host, m_port. */
function target(letter: 't' | 'm', text: string): Record<string, string | number> {
  if (text.trim() === '') return {};
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  return colon === -1 || !Number.isInteger(port)
    ? { [`${letter}_host`]: text.trim() }
    : { [`${letter}_host`]: text.slice(0, colon).trim(), [`${letter}_port`]: port };
}
