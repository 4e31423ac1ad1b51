import { useState } from 'react';
import { IconCalendarTime, IconChevronDown } from '@tabler/icons-react';
import { Popover } from '../components/popover.tsx';
import { Button } from '../components/button.tsx';
import { rangeLabel } from '../format/time.ts';
import { setRange, setSince, useScope } from '../hooks/use-scope.ts';
import css from './time-picker.module.css';

const PRESETS: readonly (readonly [since: string, label: string])[] = [
  ['5m', 'Last 5 minutes'],
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
];

export function TimePicker() {
  const scope = useScope();
  const [open, setOpen] = useState(false);
  const label = scope.range
    ? rangeLabel(scope.range.startMs, scope.range.endMs)
    : (PRESETS.find(([since]) => since === scope.since)?.[1] ?? `Last ${scope.since}`);
  const choose = (since: string) => {
    setSince(since);
    setOpen(false);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="end"
      trigger={(props) => (
        <button
          type="button"
          className={css.trigger}
          aria-label={`Time range: ${label}`}
          {...props}
        >
          <IconCalendarTime size={15} stroke={1.75} />
          <span className="num">{label}</span>
          <IconChevronDown size={13} />
        </button>
      )}
    >
      <div className={css.panel}>
        <ul className={css.presets}>
          {PRESETS.map(([since, text]) => (
            <li key={since}>
              <button
                type="button"
                className={since === scope.since ? css.chosen : ''}
                onClick={() => choose(since)}
              >
                {text}
              </button>
            </li>
          ))}
        </ul>
        <Absolute range={scope.range} onDone={() => setOpen(false)} />
      </div>
    </Popover>
  );
}

function Absolute({
  range,
  onDone,
}: {
  readonly range: { startMs: number; endMs: number } | undefined;
  readonly onDone: () => void;
}) {
  const [start, setStart] = useState(() => inputText(range?.startMs ?? Date.now() - 3_600_000));
  const [end, setEnd] = useState(() => inputText(range?.endMs ?? Date.now()));
  const valid = Date.parse(start) < Date.parse(end);
  return (
    <form
      className={css.absolute}
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        setRange(Date.parse(start), Date.parse(end));
        onDone();
      }}
    >
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          value={start}
          onChange={(event) => setStart(event.target.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          value={end}
          onChange={(event) => setEnd(event.target.value)}
        />
      </label>
      {!valid && <p role="alert">The end is not after the start.</p>}
      <Button primary type="submit" disabled={!valid}>
        Apply
      </Button>
      <p className={css.hint}>Or drag over any chart.</p>
    </form>
  );
}

/** What a datetime-local input takes: local time without zone. */
function inputText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
