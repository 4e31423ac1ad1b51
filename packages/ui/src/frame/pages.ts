// The pages of the rail, each with the question it answers.

import {
  IconArrowsDiff,
  IconArrowsSplit,
  IconChartLine,
  IconHome,
  IconListSearch,
  IconPlugConnected,
  IconServer2,
  IconTopologyStar3,
} from '@tabler/icons-react';

export const PAGES = [
  {
    path: '/',
    title: 'Overview',
    question: 'Is anything wrong right now?',
    icon: IconHome,
    keys: 'g o',
  },
  {
    path: '/map',
    title: 'Map',
    question: 'Who calls whom, and where does it hurt?',
    icon: IconTopologyStar3,
    keys: 'g m',
  },
  {
    path: '/services',
    title: 'Services',
    question: 'Which service is slow or failing?',
    icon: IconServer2,
    keys: 'g s',
  },
  {
    path: '/traces',
    title: 'Traces',
    question: 'Show me one like this',
    icon: IconListSearch,
    keys: 'g t',
  },
  {
    path: '/compare',
    title: 'Compare',
    question: 'What is different?',
    icon: IconArrowsDiff,
    keys: 'g c',
  },
  // Not /metrics: that is the process's own, for Prometheus.
  {
    path: '/series',
    title: 'Metrics',
    question: 'How does this series go?',
    icon: IconChartLine,
    keys: 'g e',
  },
  {
    path: '/traffic',
    title: 'Traffic',
    question: 'Does traffic go where it is told to?',
    icon: IconArrowsSplit,
    keys: 'g f',
  },
  {
    path: '/sources',
    title: 'Sources',
    question: 'Can I trust these numbers?',
    icon: IconPlugConnected,
    keys: 'g r',
  },
] as const;

/** The page that a path belongs to. */
export function pageOf(path: string): (typeof PAGES)[number] | undefined {
  return PAGES.find((one) =>
    one.path === '/' ? path === '/' : path === one.path || path.startsWith(`${one.path}/`),
  );
}

/** What of a page is shown: the service of `/services/http-lb`, the first digits of a trace's id; undefined on the page itself. */
export function partOf(path: string): string | undefined {
  const part = path.split('/')[2];
  if (part === undefined || part === '') return undefined;
  return path.startsWith('/traces/') ? part.slice(0, 8) : decodeURIComponent(part);
}
