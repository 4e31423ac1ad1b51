import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { VisibilityStatus } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import css from './metrics.module.css';

/** Prefixes, suffixes and custom names, one a line; the services are chosen on their page. */
export function TrackingForm() {
  const visibility = useQuery({
    queryKey: ['visibility'],
    queryFn: ({ signal }) => client.visibility({}, { signal }),
  });
  if (!visibility.data) return null;
  return <Fields key={JSON.stringify(visibility.data)} status={visibility.data} />;
}

function Fields({ status }: { readonly status: VisibilityStatus }) {
  const queries = useQueryClient();
  const [prefixes, setPrefixes] = useState(status.prefixes.join('\n'));
  const [suffixes, setSuffixes] = useState(status.suffixes.join('\n'));
  const [custom, setCustom] = useState(status.customMetrics.join('\n'));
  const set = useMutation({
    mutationFn: () =>
      client.visibilitySet({
        prefixes: lines(prefixes).map((prefix) => ({ prefix })),
        suffixes: lines(suffixes).map((suffix) => ({ suffix })),
        custom_metrics: lines(custom).map((metric) => ({ metric })),
      }),
    onSuccess: (next) => {
      queries.setQueryData(['visibility'], next);
      void queries.invalidateQueries({ queryKey: ['metrics-tracked'] });
    },
  });
  const fields = [
    ['Prefixes', prefixes, setPrefixes, 'envoy_cluster_outbound_9180__'],
    ['Suffixes', suffixes, setSuffixes, '_default_svc_cluster_local_upstream_rq_2xx'],
    ['Custom metrics', custom, setCustom, 'envoy_tracing_zipkin_spans_sent'],
  ] as const;
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate();
      }}
    >
      {fields.map(([title, value, change, hint]) => (
        <label key={title}>
          {title}, one a line
          <textarea
            className="mono"
            rows={3}
            value={value}
            placeholder={hint}
            spellCheck={false}
            onChange={(event) => change(event.target.value)}
          />
        </label>
      ))}
      <div className={css.apply}>
        <Button primary type="submit" disabled={set.isPending}>
          Track these
        </Button>
        {set.error && <span className={css.bad}>{set.error.message}</span>}
        <span className={css.quiet}>
          Services:{' '}
          {status.services.length === 0
            ? 'all discovered, none by name'
            : status.services.join(', ')}
        </span>
      </div>
    </form>
  );
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
