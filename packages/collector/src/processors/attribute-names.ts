// Attribute names at the door: what older OpenTelemetry, Envoy, Istio, Zipkin and Jaeger clients call a
// thing -> its name in OpenTelemetry's stable semantic conventions. Unknown names stay as they are.

/** One name, or one for each side of a call: `net.peer.name` is the server for a client and the client for a server. */
export type CanonicalName = string | { readonly server: string; readonly client: string };

/** OpenTelemetry's migration guides (http, db, messaging, rpc, network), Envoy's tracer, Istio's custom tags, OpenTracing. */
export const RENAMED_ATTRIBUTES: Readonly<Record<string, CanonicalName>> = {
  // HTTP, before semantic conventions 1.23
  'http.method': 'http.request.method',
  'http.status_code': 'http.response.status_code',
  'http.status': 'http.response.status_code',
  'http.url': 'url.full',
  'http.target': 'url.path',
  'http.path': 'url.path',
  'http.scheme': 'url.scheme',
  'http.host': 'server.address',
  'http.server_name': 'server.address',
  'http.client_ip': 'client.address',
  'http.user_agent': 'user_agent.original',
  'http.useragent': 'user_agent.original',
  'http.flavor': 'network.protocol.version',
  'http.request_content_length': 'http.request.body.size',
  'http.response_content_length': 'http.response.body.size',
  'http.request.size': 'http.request.body.size',
  'http.response.size': 'http.response.body.size',
  'http.resend_count': 'http.request.resend_count',
  // network
  'net.peer.name': { server: 'client.address', client: 'server.address' },
  'net.peer.port': { server: 'client.port', client: 'server.port' },
  'net.peer.ip': 'network.peer.address',
  'net.host.name': 'server.address',
  'net.host.port': 'server.port',
  'net.host.ip': 'network.local.address',
  'net.transport': 'network.transport',
  'net.protocol.name': 'network.protocol.name',
  'net.protocol.version': 'network.protocol.version',
  'net.app.protocol.name': 'network.protocol.name',
  'net.app.protocol.version': 'network.protocol.version',
  'net.sock.peer.addr': 'network.peer.address',
  'net.sock.peer.name': { server: 'client.address', client: 'server.address' },
  'net.sock.peer.port': 'network.peer.port',
  'net.sock.host.addr': 'network.local.address',
  'net.sock.host.port': 'network.local.port',
  // OpenTracing and Zipkin
  'peer.address': 'network.peer.address',
  'peer.ipv4': 'network.peer.address',
  'peer.ipv6': 'network.peer.address',
  'peer.port': 'network.peer.port',
  'peer.hostname': { server: 'client.address', client: 'server.address' },
  'db.type': 'db.system.name',
  'db.instance': 'db.namespace',
  'message_bus.destination': 'messaging.destination.name',
  // Envoy and Istio
  user_agent: 'user_agent.original',
  request_size: 'http.request.body.size',
  response_size: 'http.response.body.size',
  'http.protocol': 'network.protocol.version',
  'guid:x-request-id': 'http.request.header.x-request-id',
  'grpc.status_code': 'rpc.grpc.status_code',
  // databases
  'db.system': 'db.system.name',
  'db.name': 'db.namespace',
  'db.statement': 'db.query.text',
  'db.operation': 'db.operation.name',
  'db.sql.table': 'db.collection.name',
  'db.mongodb.collection': 'db.collection.name',
  'db.cassandra.table': 'db.collection.name',
  'db.cosmosdb.container': 'db.collection.name',
  'db.redis.database_index': 'db.namespace',
  'db.elasticsearch.cluster.name': 'db.namespace',
  // messaging
  'messaging.destination': 'messaging.destination.name',
  'messaging.message_id': 'messaging.message.id',
  'messaging.conversation_id': 'messaging.message.conversation_id',
  'messaging.operation': 'messaging.operation.type',
  'messaging.message_payload_size_bytes': 'messaging.message.body.size',
  'messaging.message.payload_size_bytes': 'messaging.message.body.size',
  'messaging.kafka.partition': 'messaging.destination.partition.id',
  'messaging.kafka.destination.partition': 'messaging.destination.partition.id',
  'messaging.kafka.consumer_group': 'messaging.consumer.group.name',
  'messaging.kafka.consumer.group': 'messaging.consumer.group.name',
  'messaging.kafka.message_key': 'messaging.kafka.message.key',
  'messaging.client_id': 'messaging.client.id',
  'messaging.consumer_id': 'messaging.client.id',
  // code, deployment
  'code.filepath': 'code.file.path',
  'code.lineno': 'code.line.number',
  'code.column': 'code.column.number',
  'deployment.environment': 'deployment.environment.name',
};

/** Names whose values are whole numbers even where a client writes them as text (Envoy, Zipkin). */
export const NUMERIC_ATTRIBUTES: ReadonlySet<string> = new Set([
  'http.response.status_code',
  'http.request.body.size',
  'http.response.body.size',
  'http.request.resend_count',
  'server.port',
  'client.port',
  'network.peer.port',
  'network.local.port',
  'rpc.grpc.status_code',
  'messaging.message.body.size',
  'code.line.number',
  'code.column.number',
]);

/** How a value is rewritten along with its name. */
export type ValueShape = 'asIs' | 'protocolVersion' | 'target' | 'hostPort' | 'transport';

const VALUE_SHAPES: Readonly<Record<string, ValueShape>> = {
  'http.protocol': 'protocolVersion', // Envoy: HTTP/1.1
  'http.flavor': 'protocolVersion', // 1.1, 2.0
  'http.target': 'target', // path?query
  'http.path': 'target',
  'http.host': 'hostPort',
  'peer.address': 'hostPort', // Envoy: 10.0.0.1:8080
  'net.transport': 'transport', // ip_tcp
};

export interface AttributeRule {
  readonly server: string;
  readonly client: string;
  readonly shape: ValueShape;
}

/** The rule for a name as it arrives; itself when nothing is known of it. */
export function attributeRule(name: string): AttributeRule {
  const renamed = Object.hasOwn(RENAMED_ATTRIBUTES, name) ? RENAMED_ATTRIBUTES[name]! : name;
  const shape = Object.hasOwn(VALUE_SHAPES, name) ? VALUE_SHAPES[name]! : 'asIs';
  return typeof renamed === 'string'
    ? { server: renamed, client: renamed, shape }
    : { ...renamed, shape };
}

/** `HTTP/1.1` and `1.1` -> 1.1; `HTTP/2`, `2.0` -> 2; anything else as it is. */
export function protocolVersion(text: string): string {
  const match = /^(?:HTTP\/)?(\d)(?:\.(\d))?$/i.exec(text);
  if (!match) return text;
  return match[2] === undefined || (match[2] === '0' && match[1] !== '1')
    ? match[1]!
    : `${match[1]}.${match[2]}`;
}

/** `ip_tcp` -> tcp. */
export function transport(text: string): string {
  return text.replace(/^ip_/, '');
}

/** `host:port`, `[v6]:port` or a bare host; port empty when there is none. */
export function splitHostPort(text: string): { host: string; port: string } {
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return { host: text, port: '' };
  return { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
}

/** `path?query#fragment`; query empty when there is none. An absolute URL gives its path. */
export function splitTarget(text: string): { path: string; query: string } {
  const relative = text.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const at = relative.indexOf('?');
  return at < 0
    ? { path: relative || '/', query: '' }
    : { path: relative.slice(0, at) || '/', query: relative.slice(at + 1) };
}
