// A resource being written: checked against all that is in force while it is typed, and put into force from here.

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { TrafficFinding, TrafficResource } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Drawer } from '../../components/drawer.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import { setSearch } from '../../router/location.ts';
import type { FieldSchema } from './complete-yaml.ts';
import { ClassesView } from './classes-view.tsx';
import { DiffView } from './diff-view.tsx';
import { Findings } from './findings.tsx';
import { knownNames } from './known-names.ts';
import { TEMPLATES } from './templates.ts';
import css from './traffic.module.css';
import { useEffective, useTrafficChanged } from './use-traffic.ts';

const YamlEditor = lazy(() => import('./yaml-editor.tsx'));
const CHECK_MS = 300;

interface EditorDrawerProps {
  /** Absent: a new one. */
  readonly resource?: TrafficResource | undefined;
  readonly all: readonly TrafficResource[];
  readonly revision: number;
}

export function EditorDrawer({ resource, all, revision }: EditorDrawerProps) {
  const [kind, setKind] = useState('VirtualService');
  const begin = resource?.yaml ?? TEMPLATES[kind]!;
  const [text, setText] = useState(begin);
  // What it was when it was opened: a change by someone else meanwhile is refused, not overwritten.
  const [base, setBase] = useState({ revision, yaml: begin });
  const [line, setLine] = useState<number | undefined>();
  const [leaving, setLeaving] = useState(false);
  const checked = useChecked(text, resource?.name ?? 'new');
  const effective = useEffective();
  const known = useMemo(() => knownNames(all, effective.data), [all, effective.data]);
  const schemas = useQuery({
    queryKey: ['schemas'],
    queryFn: ({ signal }) => client.trafficSchemas({}, { signal }),
    staleTime: Infinity,
  });
  const changed = useTrafficChanged();
  const close = () => setSearch({ edit: null });
  const apply = useMutation({
    mutationFn: () =>
      client.trafficApply({
        files: [{ name: fileName(resource?.name ?? 'new'), text }],
        revision: base.revision,
      }),
    onSuccess: (answer) => {
      changed();
      if (resource) setBase({ revision: answer.revision, yaml: text });
      else close();
    },
  });
  const dirty = text !== base.yaml;
  const current = checked.text === text ? checked.answer : undefined;
  const title = resource
    ? `${resource.kind} ${resource.namespace}/${resource.name}`
    : 'New resource';
  return (
    <Drawer
      label={title}
      wide
      onClose={() => (dirty && resource && !leaving ? setLeaving(true) : close())}
    >
      <div className={css.editor}>
        <h2>{title}</h2>
        {!resource && (
          <label className={css.field}>
            Begin with a
            <select
              value={kind}
              onChange={(event) => {
                setKind(event.target.value);
                setText(TEMPLATES[event.target.value]!);
                setBase({ revision, yaml: TEMPLATES[event.target.value]! });
              }}
            >
              {Object.keys(TEMPLATES).map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
        <Suspense fallback={<SkeletonRows rows={8} />}>
          <YamlEditor
            key={resource ? 'own' : kind}
            label={`YAML of ${title}`}
            text={begin}
            onChange={setText}
            findings={checked.answer?.findings ?? []}
            // The API gives JSON schemas; completion reads a few of their words.
            kinds={(schemas.data?.kinds ?? {}) as Record<string, FieldSchema>}
            known={known}
            line={line}
          />
        </Suspense>
        {checked.error && <Failure error={checked.error} />}
        <Checked
          ok={current?.ok}
          findings={checked.answer?.findings ?? []}
          onLine={(next) => setLine(next)}
        />
        {dirty && checked.answer?.ok && <DiffView changes={checked.answer.changes} />}
        {dirty && current?.ok && (
          <ClassesView file={{ name: fileName(resource?.name ?? 'new'), text }} />
        )}
        {apply.error && (
          <p className={css.bad} role="alert">
            {apply.error.message}
          </p>
        )}
        {leaving && (
          <p role="alert" className={css.leaving}>
            What you wrote is not in force.
            <Button quiet onClick={() => setLeaving(false)}>
              Go on writing
            </Button>
            <Button danger onClick={close}>
              Throw it away
            </Button>
          </p>
        )}
        <div className={css.actions}>
          <Button
            primary
            disabled={!current?.ok || (!dirty && resource !== undefined) || apply.isPending}
            onClick={() => apply.mutate()}
          >
            {apply.isPending ? 'Applying …' : 'Apply'}
          </Button>
          {!dirty && apply.data && <AppliedNote answer={apply.data} />}
          {resource && <Remove resource={resource} onGone={close} />}
        </div>
      </div>
    </Drawer>
  );
}

const fileName = (name: string) => `${name}.yaml`;

/** The server's judgement of a text, a moment after it was last changed; the one before stays until then. */
function useChecked(text: string, name: string) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), CHECK_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const answer = useQuery({
    queryKey: ['traffic', 'validate', name, settled],
    queryFn: ({ signal }) =>
      client.trafficValidate({ files: [{ name: fileName(name), text: settled }] }, { signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return {
    text: answer.isPlaceholderData ? undefined : settled,
    answer: answer.data,
    error: answer.error,
  };
}

function Checked({
  ok,
  findings,
  onLine,
}: {
  readonly ok: boolean | undefined;
  readonly findings: readonly TrafficFinding[];
  readonly onLine: (line: number | undefined) => void;
}) {
  return (
    <div aria-live="polite">
      {findings.length === 0 && ok === true && <p className={css.good}>No findings.</p>}
      {findings.length > 0 && (
        <Findings findings={findings} onOpen={(one) => onLine(one.at?.line)} />
      )}
    </div>
  );
}

export function AppliedNote({
  answer,
}: {
  readonly answer: Awaited<ReturnType<typeof client.trafficApply>>;
}) {
  const { state, tookMs, detail } = answer.dataPlane;
  return (
    <span className={state === 'failed' ? css.bad : css.quiet} role="status">
      In force as revision {answer.revision}
      {state === 'applied' && tookMs !== null && `, enforced after ${Math.round(tookMs)} ms`}
      {state === 'off' && '; no data plane enforces it'}
      {state === 'failed' && `; the data plane refused it: ${detail}`}
    </span>
  );
}

function Remove({
  resource,
  onGone,
}: {
  readonly resource: TrafficResource;
  readonly onGone: () => void;
}) {
  const [asked, setAsked] = useState(false);
  const changed = useTrafficChanged();
  const { kind, namespace, name } = resource;
  const remove = useMutation({
    mutationFn: () => client.trafficDelete({ resources: [{ kind, namespace, name }] }),
    onSuccess: () => {
      changed();
      onGone();
    },
  });
  return (
    <span className={css.remove}>
      {remove.error && (
        <span className={css.bad} role="alert">
          {remove.error.message}
        </span>
      )}
      {asked ? (
        <>
          <Button quiet onClick={() => setAsked(false)}>
            Keep it
          </Button>
          <Button danger disabled={remove.isPending} onClick={() => remove.mutate()}>
            Remove {kind} {name}
          </Button>
        </>
      ) : (
        <Button quiet onClick={() => setAsked(true)}>
          Remove …
        </Button>
      )}
    </span>
  );
}
