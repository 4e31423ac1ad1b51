import { Dialog } from '../components/dialog.tsx';
import css from './key-help.module.css';
import { PAGES } from './pages.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K  /', 'search or jump'],
  ['?', 'this help'],
  ['Esc', 'close what is open'],
  ...PAGES.map((page): [string, string] => [page.keys, page.title]),
  ['← →', 'move the cursor of a chart; with Shift, select in a heatmap'],
  ['↑ ↓ ← →', 'walk the spans of a trace, close and open what is below'],
  ['z  0  + −', 'in a trace: closer at a span, all of it, closer, further'],
  ['drag', 'zoom to a time range; double click goes back'],
];

export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <div className={css.help}>
        <h2>Keys</h2>
        <dl>
          {KEYS.map(([key, text]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <p>
          Everything here is also in the API (<a href="/api/docs">/api/docs</a>) and on the command
          line (<code>cloverctl help</code>).
        </p>
      </div>
    </Dialog>
  );
}
