import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const media = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
media.addEventListener('change', () => listeners.forEach((listener) => listener()));

function current(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : media.matches ? 'dark' : 'light';
}

/** The theme on screen: the chosen one, else the system's. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

/** Chooses the other theme; choosing what the system has follows the system again. */
export function toggleTheme(): void {
  const next: Theme = current() === 'dark' ? 'light' : 'dark';
  const system: Theme = media.matches ? 'dark' : 'light';
  if (next === system) delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  try {
    if (next === system) localStorage.removeItem('clover.theme');
    else localStorage.setItem('clover.theme', next);
  } catch {
    /* private mode: for this visit only */
  }
  listeners.forEach((listener) => listener());
}
