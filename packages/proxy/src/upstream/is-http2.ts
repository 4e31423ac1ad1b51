// Which protocols of a service's port are spoken over HTTP/2, without being asked.

const HTTP2_PROTOCOLS = new Set(['HTTP2', 'GRPC', 'GRPC-WEB', 'KUBERNETES.IO/H2C']);

export const isHttp2 = (protocol: string): boolean => HTTP2_PROTOCOLS.has(protocol.toUpperCase());
