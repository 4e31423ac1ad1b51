// What a program in the mesh is told: where to send its requests, and where to listen.
import type { WorkloadStatus } from '@clover/model';

/**
 * HTTP_PROXY and HTTPS_PROXY for programs that heed them; for all others the variables that Kubernetes gives a pod
 * (HTTP_LB_SERVICE_HOST, HTTP_LB_SERVICE_PORT), each with the local address of a service. PORT is the
 * first port that the program is to listen on, PORT_9180 that of the service's port 9180.
 */
export function programEnvironment({
  ports,
  listeners,
  name,
  namespace,
}: Pick<WorkloadStatus, 'ports' | 'listeners' | 'name' | 'namespace'>): Record<string, string> {
  const env: Record<string, string> = { CLOVER_WORKLOAD: `${namespace}/${name}` };
  if (ports[0]) env['PORT'] = String(ports[0].targetPort);
  for (const { port, targetPort } of ports) env[`PORT_${port}`] = String(targetPort);
  if (!listeners) return env;
  if (listeners.httpProxy !== null) {
    env['HTTP_PROXY'] = listeners.httpProxy;
    env['http_proxy'] = listeners.httpProxy;
    env['HTTPS_PROXY'] = listeners.httpProxy;
    env['https_proxy'] = listeners.httpProxy;
    // What runs beside it on this machine is no part of the mesh.
    env['NO_PROXY'] = 'localhost,127.0.0.1,::1';
    env['no_proxy'] = env['NO_PROXY'];
  }
  const seen = new Set<string>();
  for (const { host, port, address } of listeners.outbound) {
    const at = address.lastIndexOf(':');
    const [short, of] = host.split('.') as [string, string?];
    // Kubernetes tells a pod of the services of its own namespace.
    if (of !== undefined && of !== namespace) continue;
    const stem = short.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
    env[`${stem}_SERVICE_PORT_${port}`] = address.slice(at + 1);
    if (seen.has(stem)) continue;
    seen.add(stem);
    env[`${stem}_SERVICE_HOST`] = address.slice(0, at);
    env[`${stem}_SERVICE_PORT`] = address.slice(at + 1);
  }
  return env;
}
