import { useState } from 'react';
import { IconX } from '@tabler/icons-react';
import { IconButton } from '../../components/button.tsx';
import { Link } from '../../router/link.tsx';
import { pageHref } from '../../router/location.ts';
import css from './first-run.module.css';

const KEY = 'clover.welcomed';

function welcomed(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** Three steps for the first visit; closed once, it stays away. */
export function FirstRun() {
  const [gone, setGone] = useState(welcomed);
  if (gone) return null;
  const close = () => {
    setGone(true);
    try {
      localStorage.setItem(KEY, '1');
    } catch {
      /* private mode: for this visit only */
    }
  };
  return (
    <aside className={css.strip} aria-label="Welcome">
      <ol>
        <li>
          <b>1</b>
          <span>
            <strong>Look around.</strong> Every number is a door to the traces behind it.{' '}
            <Link to={pageHref('/map')}>See who calls whom</Link>
          </span>
        </li>
        <li>
          <b>2</b>
          <span>
            <strong>Connect your own.</strong> OpenTelemetry, Istio, Jaeger, Zipkin, Prometheus.{' '}
            <Link to={pageHref('/sources')}>Copy a snippet</Link>
          </span>
        </li>
        <li>
          <b>3</b>
          <span>
            <strong>Ask from a terminal.</strong> <code>./clover ctl top</code> gives the same
            answers.
          </span>
        </li>
      </ol>
      <IconButton label="Close" onClick={close}>
        <IconX size={16} />
      </IconButton>
    </aside>
  );
}
