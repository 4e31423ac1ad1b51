// How to connect one's own system, ready to copy.

import type { SourcesAnswer } from '@clover/model';

export interface Addresses {
  readonly controller: string;
  readonly otlpHttp: string;
  /** host:port */
  readonly otlpGrpc: string;
  readonly zipkin: string;
}

export function snippets({
  controller,
  otlpHttp,
  otlpGrpc,
  zipkin,
}: Addresses): SourcesAnswer['snippets'] {
  const [grpcHost, grpcPort] = splitPort(otlpGrpc);
  const zipkinHost = zipkin.replace(/^https?:\/\//, '');
  return [
    {
      title: 'Any OpenTelemetry SDK',
      language: 'sh',
      text: `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttp}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nexport OTEL_SERVICE_NAME=my-service`,
    },
    {
      title: 'OpenTelemetry Collector',
      language: 'yaml',
      text: `exporters:\n  otlp/clover:\n    endpoint: ${otlpGrpc}\n    tls: {insecure: true}\nservice:\n  pipelines:\n    traces:\n      exporters: [otlp/clover]\n    metrics:\n      exporters: [otlp/clover]`,
    },
    {
      title: 'Istio',
      language: 'yaml',
      text: `# mesh configuration\nextensionProviders:\n- name: clover\n  opentelemetry: {service: ${grpcHost}, port: ${grpcPort}}\n---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: clover, namespace: istio-system}\nspec:\n  tracing:\n  - providers: [{name: clover}]\n    randomSamplingPercentage: 100`,
    },
    {
      title: 'Zipkin (Envoy, Spring, Brave …)',
      language: 'sh',
      text: `curl -X POST ${zipkin}/api/v2/spans -H 'Content-Type: application/json' -d @spans.json\n# or: spring.zipkin.base-url=http://${zipkinHost}`,
    },
    {
      title: 'Prometheus remote write',
      language: 'yaml',
      text: `remote_write:\n- url: ${controller}/api/v1/write`,
    },
    {
      title: 'A Jaeger or Prometheus that is there already',
      language: 'sh',
      text: `cat > visibility.yaml <<EOF\nsample_interval: 2\nt_host: 127.0.0.1\nt_port: 16686\nm_host: 127.0.0.1\nm_port: 9090\nEOF\ncloverctl start visibility -f visibility.yaml`,
    },
    { title: 'A file', language: 'sh', text: 'cloverctl import traces.json.gz metrics.prom' },
  ];
}

function splitPort(address: string): [string, string] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), address.slice(colon + 1)];
}
