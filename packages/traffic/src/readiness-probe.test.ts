import { describe, expect, it } from 'vitest';
import { PROBE_ANNOTATION, probeFault, readinessProbe } from './readiness-probe.ts';

const annotated = (text: string) => ({
  name: 'a',
  namespace: 'default',
  annotations: { [PROBE_ANNOTATION]: text },
});

describe('readinessProbe', () => {
  it('has Kubernetes’ defaults', () => {
    expect(readinessProbe(annotated('{httpGet: {path: /healthz, port: 8080}}'))).toEqual({
      http: { path: '/healthz', host: '', headers: {} },
      port: 8080,
      initialDelayMs: 0,
      intervalMs: 10_000,
      timeoutMs: 1000,
      unhealthyThreshold: 3,
      healthyThreshold: 1,
    });
    expect(readinessProbe(annotated('{tcpSocket: {}, periodSeconds: 2}'))).toMatchObject({
      http: undefined,
      port: undefined,
      intervalMs: 2000,
    });
  });

  it.each([
    ['{', 'it is not YAML'],
    ['7', 'it is not a map'],
    ['{}', 'it must have either httpGet or tcpSocket'],
    ['{httpGet: {port: 0}}', 'its port is not a port'],
    ['{tcpSocket: {}, periodSeconds: 0}', 'its periodSeconds is not a number from 0.1'],
    ['{httpGet: {scheme: HTTPS}}', 'only scheme HTTP can be checked'],
  ])('says what is wrong with %s', (text, fault) => {
    expect(readinessProbe(annotated(text))).toBeUndefined();
    expect(probeFault(annotated(text))).toBe(fault);
  });

  it('is none without the annotation', () => {
    expect(readinessProbe({ name: 'a', namespace: 'b' })).toBeUndefined();
    expect(probeFault({ name: 'a', namespace: 'b' })).toBeUndefined();
  });
});
