import { useEffect } from 'react';
import { navigate, pageHref } from '../router/location.ts';
import { PAGES } from './pages.ts';

const GO_MS = 900;

/** Keys of the whole page: Ctrl K or / for the palette, ? for help, `g` and a letter for a page. Not while someone types. */
export function useKeys({
  palette,
  help,
}: {
  readonly palette: () => void;
  readonly help: () => void;
}): void {
  useEffect(() => {
    let goUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        palette();
        return;
      }
      // An editor lives in a shadow root, for which the event's target stands.
      const target = event.composedPath()[0] as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        target.closest('input, textarea, select, [contenteditable], dialog')
      )
        return;
      if (Date.now() < goUntil) {
        goUntil = 0;
        const page = PAGES.find((one) => one.keys === `g ${event.key}`);
        if (page) navigate(pageHref(page.path));
        return;
      }
      if (event.key === 'g') goUntil = Date.now() + GO_MS;
      else if (event.key === '?') help();
      else if (event.key === '/') {
        event.preventDefault();
        palette();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
