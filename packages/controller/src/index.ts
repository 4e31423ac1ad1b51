export { createApp, ENDPOINTS } from './app.ts';
export type { AppDeps, AppLimits, Importer, Visibility } from './deps.ts';
