export { type Demo, type DemoOptions, startDemo } from './demo.ts';
export type { DemoCount } from './demo-counts.ts';
