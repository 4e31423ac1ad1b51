// Every command, in the order of the help. To add one: write its file, name it here.
import type { Command, Group } from '../command.ts';
import { compare } from './compare/compare.ts';
import { completion } from './completion.ts';
import { configView } from './config/view.ts';
import { getAttributes } from './counts/attributes.ts';
import { getCounts, getNodes, getStatusCodes, getUrls, getUserAgents } from './counts/get.ts';
import { explainErrors, explainSlow } from './errors/explain.ts';
import { getErrors } from './errors/get.ts';
import { endFault, getFaults, injectFault } from './faults/fault.ts';
import { getEdges } from './graph/edges.ts';
import { graph } from './graph/graph.ts';
import { getLost } from './graph/lost.ts';
import { help } from './help.ts';
import { getAlerts } from './ids/alerts.ts';
import { getUploads } from './ids/uploads.ts';
import { createIdsRules, startIds, stopIds } from './ids/control.ts';
import { importFiles } from './import/import.ts';
import { getLatency } from './latency/get.ts';
import { getMetrics } from './metrics/get.ts';
import { getOperations } from './operations/get.ts';
import { getOverview } from './overview/get.ts';
import { meshAdd, meshRemove } from './mesh/add.ts';
import { getMesh, getWorkloads } from './mesh/get.ts';
import { meshGateway } from './mesh/gateway.ts';
import { meshRun } from './mesh/run.ts';
import { meshWait } from './mesh/wait.ts';
import { getRates } from './rates/get.ts';
import { apply } from './resources/apply.ts';
import { deleteResources } from './resources/delete.ts';
import { describe } from './resources/describe.ts';
import { diff } from './traffic/diff.ts';
import { getKinds, getResources } from './resources/get.ts';
import { history } from './resources/history.ts';
import { undo } from './resources/undo.ts';
import { setLoadBalancer, setProxy, setServer } from './sdc/set.ts';
import { getServices } from './services/get.ts';
import { getResponseTimes } from './services/response-times.ts';
import { createSystem, deleteSystem, getSystem } from './system/sample-system.ts';
import { getSources } from './sources/get.ts';
import { top } from './top/top.ts';
import { analyze } from './traffic/analyze.ts';
import { explainRoute } from './traffic/explain.ts';
import { testRoutes } from './traffic/test-routes.ts';
import { verifyTraffic } from './traffic/verify.ts';
import { getCriticalPath } from './traces/critical-path.ts';
import { getTrace } from './traces/get-trace.ts';
import { getTraces } from './traces/get.ts';
import { version } from './version.ts';
import {
  clearVisibility,
  initVisibility,
  setVisibility,
  startVisibility,
  stopVisibility,
} from './visibility/control.ts';
import { getVisibility } from './visibility/get.ts';

export const COMMANDS: readonly Command[] = [
  getOverview,
  getServices,
  getOperations,
  getResponseTimes,
  getRates,
  getLatency,
  getUrls,
  getStatusCodes,
  getUserAgents,
  getNodes,
  getCounts,
  getAttributes,
  getEdges,
  getLost,
  getErrors,
  getTraces,
  getTrace,
  getCriticalPath,
  getMetrics,
  getSources,
  getAlerts,
  getUploads,
  getVisibility,
  getResources,
  ...getKinds,
  getFaults,
  getWorkloads,
  getMesh,
  getSystem,
  top,
  graph,
  compare,
  explainErrors,
  explainSlow,
  importFiles,
  explainRoute,
  analyze,
  testRoutes,
  apply,
  describe,
  deleteResources,
  diff,
  history,
  undo,
  meshRun,
  meshWait,
  meshGateway,
  meshAdd,
  meshRemove,
  injectFault,
  endFault,
  verifyTraffic,
  initVisibility,
  startVisibility,
  setVisibility,
  stopVisibility,
  clearVisibility,
  setProxy,
  setLoadBalancer,
  setServer,
  createSystem,
  deleteSystem,
  createIdsRules,
  startIds,
  stopIds,
  configView,
  completion,
  version,
  help,
];

/** Words that have commands under them. */
export const GROUPS: readonly Group[] = [
  { word: 'get', summary: 'Ask for services, traces, counts, metrics and more' },
  {
    word: 'explain',
    summary: 'Why a request goes where it goes, what failed or slow requests have in common',
  },
  { word: 'init', summary: 'init visibility: prepare the store' },
  { word: 'start', summary: 'Start to pull (visibility), or to examine requests (ids)' },
  { word: 'set', summary: 'Choose what is tracked (visibility); change proxy, lb, server' },
  { word: 'create', summary: 'Start the sample system (system); rules for the IDS (idsrules)' },
  { word: 'delete', summary: 'Remove Istio resources; end the sample system (system)' },
  { word: 'stop', summary: 'End the pulls (visibility), or the examination of requests (ids)' },
  { word: 'clear', summary: 'clear visibility: remove what is stored' },
  { word: 'test', summary: 'test routes: unit tests of routing' },
  { word: 'mesh', summary: 'Programs into the mesh and out of it' },
  { word: 'fault', summary: 'fault inject: make requests fail or wait, for a while' },
  { word: 'verify', summary: 'verify traffic: does it obey the declared rules' },
  { word: 'config', summary: 'Settings and where they come from' },
];
