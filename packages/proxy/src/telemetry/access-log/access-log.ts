// Access logs: a compiled format and a writer that never blocks.

import type { RequestRecord } from '../../request-record.ts';
import {
  compileFormat,
  compileJsonFormat,
  type CompiledFormat,
  type JsonFormat,
} from '../format/compile-format.ts';
import type { HeaderLookup } from '../format/operators.ts';
import {
  ENVOY_TEXT_FORMAT,
  ISTIO_JSON_FORMAT,
  ISTIO_TEXT_FORMAT,
} from '../format/access-log-formats.ts';
import { createFileTarget, createStdoutTarget, type FileTargetOptions } from './log-target.ts';
import { createLogWriter, type LogWriter, type LogWriterStats } from './log-writer.ts';

export interface AccessLogOptions {
  /** A file with its rotation, or `stdout`. */
  readonly to: 'stdout' | FileTargetOptions;
  /** One of the well-known ones, or an operator's own: text, or an object for JSON. Default `envoy`. */
  readonly format?: 'envoy' | 'istio' | 'istio-json' | { text: string } | { json: JsonFormat };
  /** Of lines that wait for a slow log. */
  readonly maxPendingBytes?: number;
  /** Only requests that went wrong: a response flag, or a status of 400 and more. */
  readonly onlyErrors?: boolean;
}

export interface AccessLog {
  readonly needsHeaders: boolean;
  log(record: RequestRecord, headers?: HeaderLookup): void;
  stats(): LogWriterStats;
  flush(timeoutMs?: number): Promise<void>;
  reopen(): Promise<void>;
  close(timeoutMs?: number): Promise<void>;
}

/** Throws `proxy.bad_format`. The log itself is opened with its first lines: a failure is counted, not thrown. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const format = compile(options.format ?? 'envoy');
  const writer: LogWriter = createLogWriter({
    target: options.to === 'stdout' ? createStdoutTarget() : createFileTarget(options.to),
    ...(options.maxPendingBytes === undefined ? {} : { maxPendingBytes: options.maxPendingBytes }),
  });
  const { onlyErrors = false } = options;
  return {
    needsHeaders: format.needsHeaders,
    log(record, headers) {
      if (onlyErrors && record.responseFlags === '' && record.status < 400 && record.status > 0)
        return;
      writer.write(format(record, headers));
    },
    stats: writer.stats,
    flush: writer.flush,
    reopen: writer.reopen,
    close: writer.close,
  };
}

function compile(format: NonNullable<AccessLogOptions['format']>): CompiledFormat {
  if (format === 'envoy') return compileFormat(ENVOY_TEXT_FORMAT);
  if (format === 'istio') return compileFormat(ISTIO_TEXT_FORMAT);
  if (format === 'istio-json') return compileJsonFormat(ISTIO_JSON_FORMAT);
  if ('json' in format) return compileJsonFormat(format.json);
  const { text } = format;
  return compileFormat(asBytes(text.endsWith('\n') ? text : `${text}\n`));
}

/** The writer takes one byte a character. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
