export { type Demo, type DemoOptions, startDemo } from './demo.ts';
export type { DemoCount } from './demo-counts.ts';
export type { DemoMesh } from './demo-mesh.ts';
export { sdcResources } from './sdc-resources.ts';
export { type ControlClient, createControlClient } from './control/control-client.ts';
export { SERVICES_ERRORS } from './errors.ts';
export type { Reports } from './reports.ts';
export { startWaf, type Waf, type WafDenial, type WafOptions } from './waf/start-waf.ts';
