import { useState } from 'react';
import { IconDots } from '@tabler/icons-react';
import { useScope } from '../hooks/use-scope.ts';
import { IconButton } from './button.tsx';
import css from './command-menu.module.css';
import { Popover } from './popover.tsx';

interface CopiedProps {
  readonly command: string;
  readonly json?: unknown;
}

/** The same answer elsewhere: as a command, as JSON, as a link. */
export function CommandMenu(props: CopiedProps) {
  const [open, setOpen] = useState(false);
  const [copied, copy] = useCopy(() => setOpen(false));
  const items: readonly (readonly [string, () => string])[] = [
    ['Copy as command', useCommand(props.command)],
    ...(props.json === undefined
      ? []
      : [['Copy as JSON', () => JSON.stringify(props.json, null, 2)] as const]),
    ['Copy link', () => window.location.href],
  ];
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="end"
      trigger={(props) => (
        <IconButton label="Copy this answer" {...props}>
          <IconDots size={18} />
        </IconButton>
      )}
    >
      <ul className={css.menu}>
        {items.map(([title, text]) => (
          <li key={title}>
            <button type="button" onClick={() => copy(title, text())}>
              {copied === title ? 'Copied' : title}
            </button>
          </li>
        ))}
      </ul>
    </Popover>
  );
}

/** Under a table: its rows elsewhere. */
export function CopyAs(props: CopiedProps) {
  const [copied, copy] = useCopy();
  const items: readonly (readonly [string, () => string])[] = [
    ['command', useCommand(props.command)],
    ['JSON', () => JSON.stringify(props.json, null, 2)],
  ];
  return (
    <p className={css.copyAs}>
      Copy as
      {items.map(([title, text]) => (
        <button key={title} type="button" onClick={() => copy(title, text())}>
          {copied === title ? 'copied' : title}
        </button>
      ))}
    </p>
  );
}

const SAID_MS = 700;

/** What was copied last, for a moment, and how to copy. */
function useCopy(done?: () => void): [string, (what: string, text: string) => void] {
  const [copied, setCopied] = useState('');
  const copy = (what: string, text: string) => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(what);
      setTimeout(() => {
        setCopied('');
        done?.();
      }, SAID_MS);
    });
  };
  return [copied, copy];
}

/** The command with the page's time range and filters. */
function useCommand(command: string): () => string {
  const scope = useScope();
  return () => {
    const flags = [
      scope.range
        ? `--start ${new Date(scope.range.startMs).toISOString()} --end ${new Date(scope.range.endMs).toISOString()}`
        : scope.since === '15m'
          ? ''
          : `--since ${scope.since}`,
      ...scope.filters.map((filter) => `--filter '${filter.replaceAll("'", "'\\''")}'`),
    ];
    return [command, ...flags].filter((one) => one !== '').join(' ');
  };
}
