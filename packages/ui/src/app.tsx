import { lazy, Suspense, type ComponentType } from 'react';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { CLIENT_ERRORS, CloverError } from '@clover/client';
import { SkeletonRows } from './components/states.tsx';
import { meetServices } from './domain/service-color.ts';
import { servicesOf } from './domain/services-of.ts';
import { Frame } from './frame/frame.tsx';
import { LiveProvider } from './frame/live-provider.tsx';
import { PageBoundary } from './frame/page-boundary.tsx';
import { useLocation } from './router/location.ts';

const queries = new QueryClient({
  // Together and before anything is drawn with them, so that their order on a page does not decide about colours.
  queryCache: new QueryCache({ onSuccess: (answer) => meetServices(servicesOf(answer)) }),
  defaultOptions: {
    queries: {
      staleTime: 2000,
      refetchOnWindowFocus: false,
      // A connection that broke is tried again at once; a wrong question stays wrong, and a store that took too long
      // must not be asked three times as often.
      retry: (count, error) =>
        count < 2 && error instanceof CloverError && error.code === CLIENT_ERRORS.unreachable,
    },
  },
});

const ROUTES: readonly (readonly [
  pattern: RegExp,
  page: ComponentType<{ readonly param: string }>,
])[] = [
  [/^\/$/, lazy(() => import('./pages/overview/page.tsx'))],
  [/^\/map$/, lazy(() => import('./pages/map/page.tsx'))],
  [/^\/services$/, lazy(() => import('./pages/services/page.tsx'))],
  [/^\/services\/([^/]+)$/, lazy(() => import('./pages/service/page.tsx'))],
  [/^\/traces$/, lazy(() => import('./pages/traces/page.tsx'))],
  [/^\/traces\/([0-9a-fA-F]+)$/, lazy(() => import('./pages/trace/page.tsx'))],
  [/^\/compare$/, lazy(() => import('./pages/compare/page.tsx'))],
  [/^\/series$/, lazy(() => import('./pages/metrics/page.tsx'))],
  [/^\/traffic$/, lazy(() => import('./pages/traffic/page.tsx'))],
  [/^\/sources$/, lazy(() => import('./pages/sources/page.tsx'))],
];
const NotFound = lazy(() => import('./pages/not-found.tsx'));

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <LiveProvider>
        <Frame>
          <Page />
        </Frame>
      </LiveProvider>
    </QueryClientProvider>
  );
}

function Page() {
  const { path } = useLocation();
  const found = ROUTES.map(([pattern, page]) => ({ match: pattern.exec(path), page })).find(
    ({ match }) => match,
  );
  const Content = found?.page ?? NotFound;
  return (
    <PageBoundary key={path}>
      <Suspense fallback={<SkeletonRows rows={10} />}>
        <Content param={decodeURIComponent(found?.match?.[1] ?? '')} />
      </Suspense>
    </PageBoundary>
  );
}
