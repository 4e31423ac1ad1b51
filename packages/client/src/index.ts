export { createClient, type Client, type ScopeInput } from './create-client.ts';
export { CLIENT_ERRORS } from './errors.ts';
export { type ConnectionState, type EventsOptions, type ReceivedEvent } from './events.ts';
export { type ImportOptions, type ImportProgress } from './import-file.ts';
export { queryString } from './query-string.ts';
export { type CallOptions, type ClientOptions, type RequestBody } from './transport.ts';
export { CloverError } from '@clover/model/errors';
