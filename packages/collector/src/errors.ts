import { CloverError } from '@clover/model';
import type { MalformedError } from './decode-error.ts';

// The collector's expected failures. `status` is what an HTTP edge answers.

/** The queue has no room: come back later. */
export function fullError(what: 'spans' | 'points' = 'spans'): CloverError {
  return new CloverError('collector.full', `too many ${what} wait for the store`, {
    hint: 'send again after the time in Retry-After; nothing of this request was kept',
    status: 429,
  });
}

/** One request alone does not fit into a batch. */
export function tooLargeError(limit: string): CloverError {
  return new CloverError('collector.request_too_large', `the request alone has too many ${limit}`, {
    hint: 'send fewer spans in one request',
    status: 413,
  });
}

/** The store did not take the batch. */
export function insertFailedError(cause: unknown): CloverError {
  return new CloverError('collector.insert_failed', 'the store did not take it', {
    hint: 'send again; nothing of this request was kept',
    status: 503,
    cause,
  });
}

/** No more requests: the process ends. */
export function closedError(): CloverError {
  return new CloverError('collector.closed', 'the collector is shutting down', {
    hint: 'send again to the next process',
    status: 503,
  });
}

/** The request is not of its protocol's form. */
export function malformedError(fault: MalformedError): CloverError {
  return new CloverError('collector.malformed', fault.message, {
    hint: 'nothing of this request was kept; sending it again will not help',
    status: 400,
    issues: [{ at: fault.place, message: fault.what }],
    cause: fault,
  });
}

/** This receiver was started without a place for metrics. */
export function noMetricsError(): CloverError {
  return new CloverError('collector.no_metrics', 'this receiver takes traces only', {
    hint: 'send metrics elsewhere or turn their export off',
    status: 404,
  });
}
