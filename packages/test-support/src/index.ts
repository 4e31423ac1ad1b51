export { chromiumLaunch, type ChromiumLaunch } from './chromium.ts';
export {
  startProgram,
  type ProgramOptions,
  type ReadyFile,
  type RunningProgram,
} from './clover.ts';
export { startJaeger, type JaegerOptions, type RunningJaeger } from './jaeger.ts';
export {
  findPart,
  hasParts,
  requirePart,
  titleWith,
  type FoundPart,
  type PartName,
} from './parts.ts';
export { freePort, freePorts } from './ports.ts';
export { startProcess, type RunningProcess, type StartOptions } from './process.ts';
export { startPrometheus, type PrometheusOptions, type RunningPrometheus } from './prometheus.ts';
export { tempDir, type TempDir } from './temp-dir.ts';
export { testData } from './test-data.ts';
export { answers, waitFor } from './wait-for.ts';
