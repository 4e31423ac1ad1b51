// Server-sent events, WHATWG HTML 9.2.6 "interpreting an event stream". Pure: text in, events out.

export interface SseMessage {
  readonly event: string;
  readonly data: string;
  /** The last id seen on this stream, empty before the first. */
  readonly id: string;
}

export interface SseParser {
  /** The messages that this piece of text completes; comments and `retry:` give none. */
  push(text: string): SseMessage[];
  readonly lastId: string;
  /** What the server asked for by `retry:`, in ms. */
  readonly retryMs: number | undefined;
}

/** Takes the stream in pieces cut anywhere; lines may end in LF, CR or CRLF. */
export function createSseParser(lastId = ''): SseParser {
  let rest = '';
  let first = true;
  let event = '';
  let lines: string[] = [];
  const state = { lastId, retryMs: undefined as number | undefined };

  function take(line: string, messages: SseMessage[]) {
    if (line === '') {
      if (lines.length > 0) {
        messages.push({ event: event || 'message', data: lines.join('\n'), id: state.lastId });
      }
      event = '';
      lines = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') lines.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) state.lastId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) state.retryMs = Number(value);
  }

  return {
    push(text) {
      const messages: SseMessage[] = [];
      rest += first ? text.replace(/^\uFEFF/, '') : text;
      if (text !== '') first = false;
      for (;;) {
        const end = /\r\n|\n|\r/.exec(rest);
        // A CR at the end may be half of a CRLF: wait for the next piece.
        if (!end || (end[0] === '\r' && end.index === rest.length - 1)) return messages;
        take(rest.slice(0, end.index), messages);
        rest = rest.slice(end.index + end[0].length);
      }
    },
    get lastId() {
      return state.lastId;
    },
    get retryMs() {
      return state.retryMs;
    },
  };
}
