import { useState } from 'react';
import { IconDots } from '@tabler/icons-react';
import { useScope } from '../hooks/use-scope.ts';
import { IconButton } from './button.tsx';
import css from './command-menu.module.css';
import { Popover } from './popover.tsx';

/** The same answer elsewhere: as a command, as JSON, as a link. */
export function CommandMenu({
  command,
  json,
}: {
  readonly command: string;
  readonly json?: unknown;
}) {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState('');
  const scope = useScope();
  const flags = [
    scope.range
      ? `--start ${new Date(scope.range.startMs).toISOString()} --end ${new Date(scope.range.endMs).toISOString()}`
      : scope.since === '15m'
        ? ''
        : `--since ${scope.since}`,
    ...scope.filters.map((filter) => `--filter '${filter.replaceAll("'", "'\\''")}'`),
  ].filter((one) => one !== '');
  const copy = (what: string, text: string) => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(what);
      setTimeout(() => {
        setCopied('');
        setOpen(false);
      }, 700);
    });
  };
  const items: readonly (readonly [string, string])[] = [
    ['Copy as command', [command, ...flags].join(' ')],
    ...(json === undefined ? [] : [['Copy as JSON', JSON.stringify(json, null, 2)] as const]),
    ['Copy link', window.location.href],
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
            <button type="button" onClick={() => copy(title, text)}>
              {copied === title ? 'Copied' : title}
            </button>
          </li>
        ))}
      </ul>
    </Popover>
  );
}
