import { statusLine } from '../codec/write-head.ts';
import { httpDate } from '../exchange/http-date.ts';

/** The whole answer to what never became a request; the connection ends after it. */
export function refusal(status: number, body: string, serverName: string): string {
  const type = body === '' ? '' : 'content-type: text/plain\r\n';
  return `${statusLine(status)}${type}date: ${httpDate()}\r\nserver: ${serverName}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
