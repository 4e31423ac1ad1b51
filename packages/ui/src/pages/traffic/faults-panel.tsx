import { useEffect, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { IconBolt } from '@tabler/icons-react';
import type { FaultSwitch } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import { duration } from '../../format/duration.ts';
import { full } from '../../format/time.ts';
import css from './traffic.module.css';
import { useFaults, useTrafficChanged } from './use-traffic.ts';

const TIMES: readonly (readonly [string, string])[] = [
  ['30s', '30 seconds'],
  ['2m', '2 minutes'],
  ['5m', '5 minutes'],
  ['15m', '15 minutes'],
  ['1h', 'an hour'],
];

/** Faults that are on, with the time they have left, and a switch for one more. */
export function FaultsPanel({ services }: { readonly services: readonly string[] }) {
  const faults = useFaults();
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Faults"
      aside={
        !adding && (
          <Button quiet onClick={() => setAdding(true)}>
            <IconBolt size={15} stroke={1.75} aria-hidden /> Switch one on
          </Button>
        )
      }
    >
      {faults.error && !faults.data && <Failure error={faults.error} onRetry={faults.refetch} />}
      {!faults.data && !faults.error && <SkeletonRows rows={1} />}
      {faults.data?.items.length === 0 && !adding && <p className={css.quiet}>None is on.</p>}
      <ul className={css.faults}>
        {faults.data?.items.map((one) => (
          <Fault key={one.id} fault={one} />
        ))}
      </ul>
      {adding && <FaultForm services={services} onDone={() => setAdding(false)} />}
    </Panel>
  );
}

function Fault({ fault }: { readonly fault: FaultSwitch }) {
  const changed = useTrafficChanged();
  const left = useLeft(fault.endsAt);
  const end = useMutation({
    mutationFn: () => client.faultEnd({ namespace: fault.namespace, service: fault.service }),
    onSettled: changed,
  });
  const what = [
    ...(fault.abortStatus === null ? [] : [`answered with ${fault.abortStatus}`]),
    ...(fault.delayMs === null ? [] : [`held for ${duration(fault.delayMs * 1e6)}`]),
  ].join(' or ');
  return (
    <li>
      <IconBolt size={16} stroke={1.75} className={css.warn} aria-hidden />
      <div>
        <p>
          <b>{fault.service}</b>: {fault.percent} % of its requests are {what}
        </p>
        <p className={css.quiet} title={`until ${full(Date.parse(fault.endsAt))}`}>
          ends by itself in {duration(left * 1e9)} · {fault.author}
          {fault.reason !== '' && ` · ${fault.reason}`}
        </p>
      </div>
      <Button disabled={end.isPending} onClick={() => end.mutate()}>
        Switch off
      </Button>
    </li>
  );
}

/** Whole seconds until a time. */
function useLeft(until: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.round((Date.parse(until) - now) / 1000));
}

function FaultForm({
  services,
  onDone,
}: {
  readonly services: readonly string[];
  readonly onDone: () => void;
}) {
  const [service, setService] = useState('');
  const [kind, setKind] = useState<'abort' | 'delay'>('abort');
  const [status, setStatus] = useState('503');
  const [delay, setDelay] = useState('500ms');
  const [percent, setPercent] = useState('10');
  const [time, setTime] = useState('2m');
  const [reason, setReason] = useState('');
  const changed = useTrafficChanged();
  const inject = useMutation({
    mutationFn: () =>
      client.faultInject({
        service: service.trim(),
        percent: Number(percent),
        for: time,
        reason,
        ...(kind === 'abort' ? { abortStatus: Number(status) } : { delay }),
      }),
    onSuccess: () => {
      changed();
      onDone();
    },
  });
  return (
    <form
      className={css.faultForm}
      aria-label="Switch a fault on"
      onSubmit={(event) => {
        event.preventDefault();
        inject.mutate();
      }}
    >
      <label className={css.field}>
        Service
        <input
          list="fault-services"
          value={service}
          required
          autoFocus
          spellCheck={false}
          onChange={(event) => setService(event.target.value)}
        />
      </label>
      <datalist id="fault-services">
        {services.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label className={css.field}>
        What
        <select value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
          <option value="abort">answer with a status</option>
          <option value="delay">hold it</option>
        </select>
      </label>
      {kind === 'abort' ? (
        <label className={css.field}>
          Status
          <input
            type="number"
            min={200}
            max={599}
            value={status}
            onChange={(event) => setStatus(event.target.value)}
          />
        </label>
      ) : (
        <label className={css.field}>
          For so long
          <input value={delay} onChange={(event) => setDelay(event.target.value)} />
        </label>
      )}
      <label className={css.field}>
        Percent
        <input
          type="number"
          min={0}
          max={100}
          step="any"
          value={percent}
          onChange={(event) => setPercent(event.target.value)}
        />
      </label>
      <label className={css.field}>
        Ends after
        <select value={time} onChange={(event) => setTime(event.target.value)}>
          {TIMES.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label className={css.field}>
        Reason
        <input value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      {inject.error && (
        <p className={css.bad} role="alert">
          {inject.error.message}
        </p>
      )}
      <div className={css.actions}>
        <Button danger type="submit" disabled={inject.isPending || service.trim() === ''}>
          Switch on
        </Button>
        <Button quiet onClick={onDone}>
          Leave it
        </Button>
      </div>
    </form>
  );
}
