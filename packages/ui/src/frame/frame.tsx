// What stands around every page: rail, bar, filters, status line, palette, keys.

import { useEffect, useState, type ReactNode } from 'react';
import { IconHelp, IconLayoutSidebar, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { IconButton } from '../components/button.tsx';
import { useStale } from '../hooks/use-stale.ts';
import { toggleTheme, useTheme } from '../hooks/use-theme.ts';
import { Link } from '../router/link.tsx';
import { pageHref, useLocation } from '../router/location.ts';
import { FilterBar } from './filter-bar.tsx';
import css from './frame.module.css';
import { KeyHelp } from './key-help.tsx';
import { LiveButton } from './live-button.tsx';
import { Logo } from './logo.tsx';
import { pageOf, PAGES, partOf } from './pages.ts';
import { Palette } from './palette.tsx';
import { Progress } from './progress.tsx';
import { StatusLine } from './status-line.tsx';
import { TimePicker } from './time-picker.tsx';
import { StaleNote } from './stale-note.tsx';
import { useKeys } from './use-keys.ts';

export function Frame({ children }: { readonly children: ReactNode }) {
  const { path } = useLocation();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const page = pageOf(path);
  const part = partOf(path);
  const stale = useStale();
  useKeys({ palette: () => setPalette(true), help: () => setHelp(true) });
  useEffect(() => {
    document.title =
      part !== undefined
        ? `${part} · Clover`
        : page && page.path !== '/'
          ? `${page.title} · Clover`
          : 'Clover';
  }, [page, part]);
  const [pinned, setPinned] = useState(() => readPinned());
  const pin = () => {
    setPinned(!pinned);
    keepPinned(!pinned);
  };
  return (
    <div className={`${css.frame} ${pinned ? css.pinned : ''}`}>
      <a href="#main" className={css.skip}>
        Skip to content
      </a>
      <Rail path={path} onHelp={() => setHelp(true)} pinned={pinned} onPin={pin} />
      <div className={css.column}>
        <header className={css.top}>
          <div className={css.title}>
            {page && part !== undefined ? (
              <>
                <Link to={pageHref(page.path)}>{page.title}</Link>
                <span className={css.part} title={part}>
                  {part}
                </span>
              </>
            ) : (
              (page?.title ?? 'Clover')
            )}
          </div>
          <button type="button" className={css.search} onClick={() => setPalette(true)}>
            <IconSearch size={15} stroke={1.75} />
            <span>Search or jump</span>
            <kbd>Ctrl K</kbd>
          </button>
          <div className={css.time}>
            <TimePicker />
            <LiveButton />
          </div>
        </header>
        <Progress />
        <FilterBar />
        <StaleNote stale={stale} />
        <main
          id="main"
          className={`${css.main} ${stale && !stale.error ? css.old : ''}`}
          tabIndex={-1}
        >
          {children}
        </main>
        <StatusLine />
      </div>
      {palette && <Palette onClose={() => setPalette(false)} />}
      {help && <KeyHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

const PINNED_KEY = 'clover.rail';

function readPinned(): boolean {
  try {
    return localStorage.getItem(PINNED_KEY) === 'pinned';
  } catch {
    return false;
  }
}

function keepPinned(pinned: boolean): void {
  try {
    if (pinned) localStorage.setItem(PINNED_KEY, 'pinned');
    else localStorage.removeItem(PINNED_KEY);
  } catch {
    /* private mode: for this visit only */
  }
}

interface RailProps {
  readonly path: string;
  readonly onHelp: () => void;
  /** Open, with words beside the icons. */
  readonly pinned: boolean;
  readonly onPin: () => void;
}

function Rail({ path, onHelp, pinned, onPin }: RailProps) {
  const theme = useTheme();
  const current = pageOf(path);
  return (
    <nav className={css.rail} aria-label="Pages">
      <Link to={pageHref('/')} className={css.logo} aria-label="Clover, overview">
        <Logo />
      </Link>
      <ul className={css.pages}>
        {PAGES.map((page) => (
          <li key={page.path}>
            <Link
              to={pageHref(page.path)}
              className={`${css.page} ${page === current ? css.current : ''}`}
              aria-current={page === current ? 'page' : undefined}
            >
              <page.icon size={20} stroke={1.6} aria-hidden />
              <span className={css.label}>{page.title}</span>
            </Link>
          </li>
        ))}
      </ul>
      <div className={css.foot}>
        <IconButton
          label={pinned ? 'Close the rail' : 'Pin the rail open'}
          aria-pressed={pinned}
          onClick={onPin}
        >
          <IconLayoutSidebar size={18} stroke={1.6} />
        </IconButton>
        <IconButton label={theme === 'dark' ? 'Light theme' : 'Dark theme'} onClick={toggleTheme}>
          {theme === 'dark' ? (
            <IconSun size={18} stroke={1.6} />
          ) : (
            <IconMoon size={18} stroke={1.6} />
          )}
        </IconButton>
        <IconButton label="Keys and help" onClick={onHelp}>
          <IconHelp size={18} stroke={1.6} />
        </IconButton>
      </div>
    </nav>
  );
}
