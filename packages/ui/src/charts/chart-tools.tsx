import { useState } from 'react';
import { IconChartLine, IconCheck, IconLink, IconTable } from '@tabler/icons-react';
import { chartLink } from './chart-link.ts';
import css from './time-chart.module.css';

interface ChartToolsProps {
  readonly label: string;
  readonly id: string;
  readonly table: boolean;
  readonly onTable: (table: boolean) => void;
  /** Whether the y axis is logarithmic; undefined where it cannot be. */
  readonly log?: boolean | undefined;
  readonly onLog?: (log: boolean) => void;
  /** The window that is drawn; the link keeps it. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

/** What a chart offers beside its lines, seen on hover and focus. */
export function ChartTools({
  label,
  id,
  table,
  onTable,
  log,
  onLog,
  startMs,
  endMs,
}: ChartToolsProps) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard
      .writeText(chartLink(window.location.href, id, startMs, endMs))
      .then(() => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      });
  const view = table ? 'View as chart' : 'View as table';
  return (
    <div className={css.tools}>
      {log !== undefined && onLog && (
        <button
          type="button"
          className={css.word}
          title={log ? 'Linear scale' : 'Logarithmic scale'}
          aria-label={`${label}: logarithmic scale`}
          aria-pressed={log}
          onClick={() => onLog(!log)}
        >
          log
        </button>
      )}
      <button
        type="button"
        title={view}
        aria-label={`${label}: ${view.toLowerCase()}`}
        onClick={() => onTable(!table)}
      >
        {table ? <IconChartLine size={14} /> : <IconTable size={14} />}
      </button>
      <button
        type="button"
        title={copied ? 'Copied' : 'Copy link to this chart and window'}
        aria-label={`${label}: copy link`}
        onClick={copy}
      >
        {copied ? <IconCheck size={14} /> : <IconLink size={14} />}
      </button>
    </div>
  );
}
