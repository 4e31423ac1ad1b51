import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { IconArrowNarrowRight, IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import type { RouteAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Failure, Skeleton } from '../../components/states.tsx';
import { duration } from '../../format/duration.ts';
import { percent } from '../../format/number.ts';
import { setSearch, useLocation } from '../../router/location.ts';
import { destinationName } from './declared-routes.ts';
import { parseHeaders } from './parse-headers.ts';
import css from './traffic.module.css';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

/** Where a request would go, and rule by rule why. The question stands in the URL. */
export function ExplainBox({ callers }: { readonly callers: readonly string[] }) {
  const { search } = useLocation();
  const asked = search.get('ask');
  return (
    <Panel title="Where would it go?">
      <AskForm key={asked ?? ''} callers={callers} search={search} />
      {asked !== null && <Answer search={search} url={asked} />}
    </Panel>
  );
}

function AskForm({
  callers,
  search,
}: {
  readonly callers: readonly string[];
  readonly search: URLSearchParams;
}) {
  const [method, setMethod] = useState(search.get('method') ?? 'GET');
  const [url, setUrl] = useState(search.get('ask') ?? '');
  const [from, setFrom] = useState(search.get('from') ?? '');
  const [headers, setHeaders] = useState(search.get('headers') ?? '');
  return (
    <form
      className={css.ask}
      onSubmit={(event) => {
        event.preventDefault();
        if (url.trim() === '') return;
        setSearch({
          ask: url.trim(),
          method: method === 'GET' ? null : method,
          from: from || null,
          headers: headers.trim() || null,
        });
      }}
    >
      <span className={css.askLine}>
        <select
          aria-label="Method"
          value={method}
          onChange={(event) => setMethod(event.target.value)}
        >
          {METHODS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <input
          aria-label="URL"
          placeholder="http://http-lb:9180/test"
          value={url}
          spellCheck={false}
          onChange={(event) => setUrl(event.target.value)}
        />
      </span>
      <label className={css.field}>
        From
        <select value={from} onChange={(event) => setFrom(event.target.value)}>
          <option value="">any caller in the mesh</option>
          <option value="gateway">outside, by a gateway</option>
          {callers.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label className={css.field}>
        Headers
        <textarea
          rows={2}
          placeholder="user-agent: chrome"
          value={headers}
          spellCheck={false}
          onChange={(event) => setHeaders(event.target.value)}
        />
      </label>
      <Button type="submit" primary disabled={url.trim() === ''}>
        Explain
      </Button>
    </form>
  );
}

function Answer({ search, url }: { readonly search: URLSearchParams; readonly url: string }) {
  const from = search.get('from') ?? undefined;
  const question = {
    url: /^\w+:\/\//.test(url) ? url : `http://${url}`,
    method: search.get('method') ?? 'GET',
    headers: parseHeaders(search.get('headers') ?? ''),
    via: from === 'gateway' ? ('gateway' as const) : ('sidecar' as const),
    from: from === 'gateway' ? undefined : from,
  };
  const answer = useQuery({
    queryKey: ['traffic', 'explain', question],
    queryFn: ({ signal }) => client.trafficExplain(question, { signal }),
    retry: false,
  });
  if (answer.error) return <Failure error={answer.error} onRetry={answer.refetch} />;
  if (!answer.data) return <Skeleton height={80} />;
  return <Explained answer={answer.data} />;
}

const OUTCOMES: Readonly<Record<RouteAnswer['outcome'], string>> = {
  forward: 'Goes to',
  redirect: 'Is redirected',
  directResponse: 'Is answered by the proxy',
  preflight: 'Is answered as a CORS preflight',
  passthrough: 'Passes through untouched',
  blocked: 'Is blocked: the registry does not know the host',
  notFound: 'Finds no route: 404',
  http: 'Carries HTTP, decided request by request',
  refused: 'Is refused: nothing at this port takes it',
};

function Explained({ answer }: { readonly answer: RouteAnswer }) {
  const { fault, mirrors, rule } = answer;
  return (
    <div className={css.explained} role="status">
      <p className={css.outcome}>
        {OUTCOMES[answer.outcome]}
        {answer.status !== null &&
          ` (${answer.status}${answer.location ? ` ${answer.location}` : ''})`}
      </p>
      <ul className={css.targets}>
        {answer.destinations.map((one) => (
          <li key={`${one.host} ${one.subset} ${one.port}`}>
            <IconArrowNarrowRight size={15} aria-hidden />
            <span className={css.shareName}>
              {destinationName(one)}:{one.port}
            </span>
            {one.missing !== null && <span className={css.bad}>{one.missing}</span>}
            <b>{percent(one.probability)}</b>
          </li>
        ))}
        {mirrors.map((one) => (
          <li key={`mirror ${one.host} ${one.subset}`} className={css.quiet}>
            <IconArrowNarrowRight size={15} aria-hidden />
            <span className={css.shareName}>{destinationName(one)}, a copy</span>
            <b>{percent(one.probability)}</b>
          </li>
        ))}
      </ul>
      <dl className={css.facts}>
        {rule && (
          <>
            <dt>by</dt>
            <dd>
              {rule.virtualService === null
                ? 'the service’s own default'
                : `${rule.virtualService} ${rule.ruleName || `rule ${rule.ruleIndex + 1}`}`}
            </dd>
          </>
        )}
        {answer.path !== null && answer.outcome === 'forward' && (
          <>
            <dt>path</dt>
            <dd className="mono">{answer.path}</dd>
          </>
        )}
        {answer.timeoutMs !== null && answer.timeoutMs > 0 && (
          <>
            <dt>timeout</dt>
            <dd>{duration(answer.timeoutMs * 1e6)}</dd>
          </>
        )}
        {fault && fault.abortStatus !== null && (
          <>
            <dt>fault</dt>
            <dd>
              {percent(fault.abortProbability)} answered with {fault.abortStatus}
            </dd>
          </>
        )}
        {fault && fault.delayMs !== null && (
          <>
            <dt>delay</dt>
            <dd>
              {percent(fault.delayProbability)} held {duration(fault.delayMs * 1e6)}
            </dd>
          </>
        )}
      </dl>
      <Rules rules={answer.rules} />
    </div>
  );
}

const VERDICTS = {
  matched: IconCheck,
  failed: IconX,
  closed: IconMinus,
  after: IconMinus,
} as const;

function Rules({ rules }: { readonly rules: RouteAnswer['rules'] }) {
  if (rules.length === 0) return null;
  return (
    <ol className={css.rules} aria-label="Rules in their order">
      {rules.map(({ ref, verdict, reason }, index) => {
        const Icon = VERDICTS[verdict];
        return (
          <li key={index} className={verdict === 'matched' ? css.good : css.quiet}>
            <Icon size={14} stroke={2} aria-label={verdict} />
            <span>
              {ref.virtualService ?? 'default'} {ref.ruleName || `rule ${ref.ruleIndex + 1}`}
              {reason !== '' && `: ${reason}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
