import { useEffect, useState } from 'react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { TrafficFinding } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import type { DeclaredRoute } from './declared-routes.ts';
import { DiffView } from './diff-view.tsx';
import { Findings } from './findings.tsx';
import css from './traffic.module.css';
import { useTrafficChanged } from './use-traffic.ts';
import { asPercent, moveWeight } from './weights.ts';

const SETTLE_MS = 200;

interface ShiftFormProps {
  readonly route: DeclaredRoute;
  readonly revision: number;
  readonly onDone: () => void;
}

/** Sliders for the weights of a rule: the difference is shown, and nothing happens before it is applied. */
export function ShiftForm({ route, revision, onDone }: ShiftFormProps) {
  const { resource, ruleIndex, destinations } = route;
  const [weights, setWeights] = useState(() => asPercent(destinations.map((one) => one.weight)));
  const [base] = useState({ revision, yaml: resource.yaml });
  const changed = useTrafficChanged();
  const text = useShifted(base.yaml, ruleIndex, weights);
  const files = text === undefined ? undefined : [{ name: `${resource.name}.yaml`, text }];
  const checked = useQuery({
    queryKey: ['traffic', 'validate', resource.name, text],
    queryFn: ({ signal }) => client.trafficValidate({ files: files! }, { signal }),
    enabled: files !== undefined,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const apply = useMutation({
    mutationFn: () =>
      client.trafficApply({
        files: files!,
        revision: base.revision,
        reason: `weights ${weights.join('/')}`,
      }),
    onSuccess: () => {
      changed();
      onDone();
    },
  });
  const ready = checked.data?.ok === true && !checked.isPlaceholderData && text !== base.yaml;
  return (
    <form
      className={css.shift}
      aria-label={`Weights of ${route.virtualService} ${route.ruleName}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) apply.mutate();
      }}
    >
      {destinations.map(({ name }, index) => (
        <label key={name + index} className={css.slider}>
          <span className={css.swatch} data-tone={index % 6} aria-hidden />
          <span className={css.shareName}>{name}</span>
          <input
            type="range"
            min={0}
            max={100}
            value={weights[index]}
            aria-valuetext={`${weights[index]} %`}
            onChange={(event) => setWeights(moveWeight(weights, index, Number(event.target.value)))}
          />
          <output>{weights[index]} %</output>
        </label>
      ))}
      {checked.data && checked.data.findings.length > 0 && (
        <Findings findings={distinct(checked.data.findings)} />
      )}
      {text !== base.yaml && checked.data && <DiffView changes={checked.data.changes} />}
      {(checked.error ?? apply.error) && (
        <p className={css.bad} role="alert">
          {(checked.error ?? apply.error)!.message}
        </p>
      )}
      <div className={css.actions}>
        <Button primary type="submit" disabled={!ready || apply.isPending}>
          {apply.isPending ? 'Applying …' : 'Apply'}
        </Button>
        <Button quiet onClick={onDone}>
          Leave it
        </Button>
      </div>
    </form>
  );
}

/** One place may stand for many here: all are the same rule's. */
function distinct(findings: readonly TrafficFinding[]): TrafficFinding[] {
  return [...new Map(findings.map((one) => [`${one.code} ${one.message}`, one])).values()];
}

/** The YAML with these weights, a moment after a slider came to rest. What reads YAML is loaded when first needed. */
function useShifted(yaml: string, rule: number, weights: readonly number[]): string | undefined {
  const [text, setText] = useState<string | undefined>();
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      void import('./with-weights.ts').then(({ withWeights }) => {
        if (!gone) setText(withWeights(yaml, rule, weights));
      });
    }, SETTLE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [yaml, rule, weights]);
  return text;
}
