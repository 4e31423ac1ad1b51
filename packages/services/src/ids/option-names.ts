// The names of options that are about buffers, and of those that change nothing.

import type { BufferName } from './rule.ts';

/** Before a content (Snort 3, Suricata's dotted names) or behind it (Snort 2). */
export const BUFFERS: Readonly<Record<string, BufferName>> = {
  http_uri: 'uri',
  http_raw_uri: 'rawUri',
  http_method: 'method',
  http_version: 'version',
  http_header: 'header',
  http_raw_header: 'header',
  http_cookie: 'cookie',
  http_raw_cookie: 'cookie',
  http_client_body: 'clientBody',
  http_user_agent: 'field:user-agent',
  http_host: 'field:host',
  http_raw_host: 'field:host',
  http_referer: 'field:referer',
  http_content_type: 'field:content-type',
  http_raw_request: 'requestLine',
  http_request_line: 'requestLine',
  'http.uri': 'uri',
  'http.uri.raw': 'rawUri',
  'http.method': 'method',
  'http.protocol': 'version',
  'http.header': 'header',
  'http.header.raw': 'header',
  'http.cookie': 'cookie',
  'http.request_body': 'clientBody',
  'http.request_line': 'requestLine',
  'http.user_agent': 'field:user-agent',
  'http.host': 'field:host',
  'http.host.raw': 'field:host',
  'http.referer': 'field:referer',
  'http.content_type': 'field:content-type',
  'http.accept': 'field:accept',
  'http.accept_enc': 'field:accept-encoding',
  'http.accept_lang': 'field:accept-language',
  'http.connection': 'field:connection',
  'http.content_len': 'field:content-length',
  pkt_data: 'pkt',
  raw_data: 'pkt',
};

/** Options that a match does not depend on. */
export const SAYS_NOTHING = new Set(['metadata', 'rem', 'service', 'rawbytes', 'target', 'soid']);
/** Options about answers, which a sensor of copied requests never sees. */
export const OF_ANSWERS =
  /^(http[_.](stat_code|stat_msg|server_body|response_body|response_line|server|location|set_cookie)|file[_.]data|file_type|filemagic|filestore)$/;
