// Fills the promoted columns of one span from the values of its roles. Whatever needs the text of a
// string is remembered by the string's id.

import type { SpanColumns } from './builder-columns.ts';
import { TEXT, type IdMemo, type StringTable } from './builder-strings.ts';
import { nodeOfNodeId, parseUpstreamCluster } from './processors/envoy.ts';
import { ROLE } from './processors/roles.ts';
import {
  weightOfProbability,
  weightOfSampleRate,
  weightOfTraceState,
} from './processors/sample-weight.ts';
import { urlParts } from './processors/url.ts';
import type { UrlTemplater } from './processors/url-template.ts';
import { userAgentFamily } from './processors/user-agent.ts';

const KIND_SERVER = 2;
const KIND_CONSUMER = 5;
const KIND_CLIENT = 3;
const KIND_PRODUCER = 4;
const INBOUND = 1;
const OUTBOUND = 2;

/** Resource-level columns, ids of strings. */
export interface ResourceColumns {
  service: number;
  version: number;
  namespace: number;
  node: number;
}

/** What is known of a span besides its roles. */
export interface PromotedSpan {
  row: number;
  kind: number;
  resource: ResourceColumns;
  traceState: number;
  exceptionType: number;
  exceptionMessage: number;
}

interface Cluster {
  readonly direction: number;
  readonly subset: number;
  readonly peer: number;
}

export class Promoter {
  private readonly strings: StringTable;
  private readonly templater: UrlTemplater;
  private readonly families: IdMemo;
  private readonly statuses: IdMemo;
  private readonly nodes: IdMemo;
  private readonly urls: IdMemo;
  private readonly routes: IdMemo;
  private readonly clusters: IdMemo;
  private readonly weights: IdMemo;
  /** By the id of a URL or path: the service it was last templated for, and the template. */
  private readonly templateServices: IdMemo;
  private readonly templates: IdMemo;
  private otherTemplates = new Map<number, number>();
  private knownUrls: { host: number; path: number }[] = [];
  private knownClusters: Cluster[] = [];
  private knownWeights: number[] = [];

  constructor(strings: StringTable, templater: UrlTemplater) {
    this.strings = strings;
    this.templater = templater;
    this.families = strings.memo();
    this.statuses = strings.memo();
    this.nodes = strings.memo();
    this.urls = strings.memo();
    this.routes = strings.memo();
    this.clusters = strings.memo();
    this.weights = strings.memo();
    this.templateServices = strings.memo();
    this.templates = strings.memo();
  }

  /** To be called when ids may come to mean other strings. */
  forget(): void {
    this.otherTemplates = new Map();
  }

  /** For a new batch: every memo of the string table is empty by now. */
  clear(): void {
    this.forget();
    this.knownUrls = [];
    this.knownClusters = [];
    this.knownWeights = [];
  }

  promote(columns: SpanColumns, span: PromotedSpan, roles: Uint32Array): void {
    const { row, kind, resource } = span;
    const to = columns.strings;
    const serverSide = kind === KIND_SERVER || kind === KIND_CONSUMER;
    const clientSide = kind === KIND_CLIENT || kind === KIND_PRODUCER;

    const clusterText = roles[ROLE.upstreamCluster]! || roles[ROLE.upstreamClusterName]!;
    let direction = serverSide ? INBOUND : clientSide ? OUTBOUND : 0;
    let subset: number = TEXT.empty;
    let clusterPeer: number = TEXT.empty;
    if (clusterText !== TEXT.empty) {
      const cluster = this.cluster(clusterText);
      // A gateway's server span names the cluster that it calls: it is inbound all the same.
      if (cluster.direction === INBOUND) direction = INBOUND;
      else if (cluster.direction === OUTBOUND && !serverSide) direction = OUTBOUND;
      if (direction === OUTBOUND) {
        subset = cluster.subset;
        clusterPeer = cluster.peer;
      }
    }
    columns.directions[row] = direction;

    const revision = roles[ROLE.canonicalRevision]!;
    const istioNamespace = roles[ROLE.istioNamespace]!;
    const nodeId = roles[ROLE.nodeId]!;
    to.service[row] = resource.service;
    to.version[row] = revision || resource.version;
    to.namespace[row] = istioNamespace || resource.namespace;
    to.node[row] = nodeId === TEXT.empty ? resource.node : this.node(nodeId);

    const method = roles[ROLE.httpMethod]!;
    const status = roles[ROLE.httpStatus]!;
    const full = roles[ROLE.urlFull]!;
    const path = roles[ROLE.urlPath]!;
    const route = roles[ROLE.httpRoute]!;
    const agent = roles[ROLE.userAgent]!;
    let host: number = TEXT.empty;
    let template: number = TEXT.empty;
    if (method !== 0 || full !== 0 || path !== 0 || route !== 0) {
      let pathText = path;
      if (full !== TEXT.empty) {
        const url = this.url(full);
        host = url.host;
        if (path === TEXT.empty) pathText = url.path;
      }
      if (host === TEXT.empty) host = roles[ROLE.serverAddress]!;
      const named = roles[ROLE.urlTemplate]! || route;
      if (named !== TEXT.empty && this.namesUrl(named)) template = named;
      else if (pathText !== TEXT.empty) template = this.template(resource.service, pathText);
      else template = named;
    }
    to.httpMethod[row] = method;
    to.httpRoute[row] = route;
    to.urlHost[row] = host;
    to.urlTemplate[row] = template;
    to.userAgent[row] = agent;
    to.userAgentFamily[row] = agent === TEXT.empty ? TEXT.empty : this.family(agent);
    columns.httpStatusCodes[row] = status === TEXT.empty ? 0 : this.status(status);

    const flags = roles[ROLE.responseFlags]!;
    to.responseFlags[row] = flags === TEXT.dash ? TEXT.empty : flags;
    to.upstreamCluster[row] = clusterText === TEXT.dash ? TEXT.empty : clusterText;
    to.subset[row] = subset;
    to.peer[row] = peerOf(roles, direction, clusterPeer, host);
    to.exceptionType[row] = span.exceptionType || roles[ROLE.exceptionType]!;
    to.exceptionMessage[row] = span.exceptionMessage || roles[ROLE.exceptionMessage]!;
    columns.sampleWeights[row] = this.weight(span.traceState, roles);
  }

  /** The string id of `make(text)`. */
  private derived(memo: IdMemo, id: number, make: (text: string) => string): number {
    const known = memo.values[id]!;
    if (known !== 0) return known - 1;
    const made = this.strings.internString(make(this.strings.text(id)));
    memo.values[id] = made + 1;
    return made;
  }

  private family(id: number): number {
    return this.derived(this.families, id, userAgentFamily);
  }

  private node(id: number): number {
    return this.derived(this.nodes, id, nodeOfNodeId);
  }

  private status(id: number): number {
    const known = this.statuses.values[id]!;
    if (known !== 0) return known - 1;
    const text = this.strings.text(id);
    const status = /^[1-9]\d\d$/.test(text) ? Number(text) : 0;
    this.statuses.values[id] = status + 1;
    return status;
  }

  private url(id: number): { host: number; path: number } {
    const known = this.urls.values[id]!;
    if (known !== 0) return this.knownUrls[known - 1]!;
    const parts = urlParts(this.strings.text(id));
    const url = {
      host: this.strings.internString(parts.host),
      path: this.strings.internString(parts.path),
    };
    this.knownUrls.push(url);
    this.urls.values[id] = this.knownUrls.length;
    return url;
  }

  private cluster(id: number): Cluster {
    const known = this.clusters.values[id]!;
    if (known !== 0) return this.knownClusters[known - 1]!;
    const parsed = parseUpstreamCluster(this.strings.text(id));
    const cluster = {
      direction:
        parsed.direction === 'inbound' ? INBOUND : parsed.direction === 'outbound' ? OUTBOUND : 0,
      subset: this.strings.internString(parsed.subset),
      peer: this.strings.internString(parsed.peer),
    };
    this.knownClusters.push(cluster);
    this.clusters.values[id] = this.knownClusters.length;
    return cluster;
  }

  /** Whether a route says more than "anything": /*, /**, * do not. */
  private namesUrl(id: number): boolean {
    const known = this.routes.values[id]!;
    if (known !== 0) return known === 2;
    const names = !/\*|^\/?$/.test(this.strings.text(id));
    this.routes.values[id] = names ? 2 : 1;
    return names;
  }

  private template(service: number, path: number): number {
    if (this.templateServices.values[path] === service + 1) return this.templates.values[path]!;
    const key = service * 0x1_0000_0000 + path;
    let template = this.otherTemplates.get(key);
    if (template === undefined) {
      template = this.strings.internString(
        this.templater.template(this.strings.text(service), this.strings.text(path)),
      );
      this.otherTemplates.set(key, template);
    }
    this.templateServices.values[path] = service + 1;
    this.templates.values[path] = template;
    return template;
  }

  private weight(traceState: number, roles: Uint32Array): number {
    let weight = 1;
    if (traceState !== TEXT.empty) {
      const known = this.weights.values[traceState]!;
      if (known !== 0) weight = this.knownWeights[known - 1]!;
      else {
        weight = weightOfTraceState(this.strings.text(traceState));
        this.knownWeights.push(weight);
        this.weights.values[traceState] = this.knownWeights.length;
      }
    }
    if (weight === 1 && roles[ROLE.sampleRate] !== TEXT.empty)
      weight = weightOfSampleRate(this.strings.text(roles[ROLE.sampleRate]!));
    if (weight === 1 && roles[ROLE.sampleProbability] !== TEXT.empty)
      weight = weightOfProbability(this.strings.text(roles[ROLE.sampleProbability]!));
    return weight;
  }
}

/** The other side's name: what the span calls it, else what it can be told from. */
function peerOf(roles: Uint32Array, direction: number, cluster: number, host: number): number {
  const named = roles[ROLE.peerService]!;
  if (named !== TEXT.empty) return named;
  const destination = roles[ROLE.destination]!;
  if (direction === OUTBOUND) {
    return (
      cluster ||
      destination ||
      roles[ROLE.serverAddress]! ||
      host ||
      roles[ROLE.dbNamespace]! ||
      roles[ROLE.dbSystem]! ||
      roles[ROLE.peerAddress]!
    );
  }
  if (direction === INBOUND)
    return destination || roles[ROLE.clientAddress]! || roles[ROLE.peerAddress]!;
  return TEXT.empty;
}
