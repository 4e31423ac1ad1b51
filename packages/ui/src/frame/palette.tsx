import { useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { IconArrowRight } from '@tabler/icons-react';
import { client } from '../api/client.ts';
import { Dialog } from '../components/dialog.tsx';
import { serviceColor } from '../domain/service-color.ts';
import { addFilter, useScope } from '../hooks/use-scope.ts';
import { toggleTheme } from '../hooks/use-theme.ts';
import { navigate, pageHref } from '../router/location.ts';
import { PAGES } from './pages.ts';
import css from './palette.module.css';

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly color?: string;
  run(): void;
}

const SHOWN = 12;

/** Pages, services, a trace by its id, a filter: one box for all. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const { query } = useScope();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const services = useQuery({
    queryKey: ['services', query, {}],
    queryFn: ({ signal }) => client.services(query, { signal }),
    staleTime: 30_000,
  });
  const entries = useMemo(
    () => found(text.trim(), services.data?.items.map((one) => one.service) ?? []),
    [text, services.data],
  );
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  return (
    <Dialog label="Search or jump" onClose={onClose} top>
      <input
        className={css.input}
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
        aria-label="Search or jump"
        placeholder="A page, a service, a trace id, or a filter such as statusCode=500"
        value={text}
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setChosen(Math.min(chosen + 1, entries.length - 1));
          else if (event.key === 'ArrowUp') setChosen(Math.max(chosen - 1, 0));
          else if (event.key === 'Enter') run(entries[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul className={css.list} id="palette-list" role="listbox" aria-label="Results">
        {entries.map((entry, index) => (
          // The box has the keyboard; this is for the mouse.
          <li
            key={entry.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={css.entry}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(entry)}
          >
            {entry.color === undefined ? (
              <IconArrowRight size={14} className={css.icon} />
            ) : (
              <span className={css.dot} style={{ background: entry.color }} />
            )}
            <span className={css.title}>{entry.title}</span>
            <span className={css.detail}>{entry.detail}</span>
          </li>
        ))}
        {entries.length === 0 && <li className={css.none}>Nothing by that name.</li>}
      </ul>
    </Dialog>
  );
}

function found(text: string, services: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  if (/^[0-9a-f]{16,32}$/i.test(text))
    entries.push({
      id: 'trace',
      title: text,
      detail: 'open this trace',
      run: () => navigate(pageHref(`/traces/${text.toLowerCase()}`)),
    });
  if (/^[^\s=!<>~]+(=|!=|=~|!~|[<>]=?)./.test(text))
    entries.push({
      id: 'filter',
      title: text,
      detail: 'add as a filter',
      run: () => addFilter(text),
    });
  const lower = text.toLowerCase();
  const fits = (name: string) => name.toLowerCase().includes(lower);
  for (const page of PAGES)
    if (fits(page.title))
      entries.push({
        id: page.path,
        title: page.title,
        detail: page.question,
        run: () => navigate(pageHref(page.path)),
      });
  for (const service of services) {
    if (fits(service))
      entries.push({
        id: `service ${service}`,
        title: service,
        detail: 'service',
        color: serviceColor(service),
        run: () => navigate(pageHref(`/services/${encodeURIComponent(service)}`)),
      });
  }
  if (fits('clear stored data'))
    entries.push({
      id: 'clear',
      title: 'Clear stored data …',
      detail: 'asks first',
      run: () => navigate(pageHref('/sources', { clear: '1' })),
    });
  if (fits('theme: light or dark'))
    entries.push({
      id: 'theme',
      title: 'Theme: light or dark',
      detail: 'switch',
      run: toggleTheme,
    });
  return entries.slice(0, SHOWN);
}
