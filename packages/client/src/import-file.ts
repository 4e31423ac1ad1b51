// Sending a file, and being told meanwhile how far it is.
import { CloverError } from '@clover/model/errors';
import type { ImportAnswer, ImportQuery, Problem, QueryInput } from '@clover/model';
import { CLIENT_ERRORS } from './errors.ts';
import { errorOfProblem } from './problem.ts';
import { translate, type CallOptions, type RequestBody, type Transport } from './transport.ts';

/** How far an import is; `bytes` are those that the server has read. */
export interface ImportProgress {
  readonly phase: string;
  readonly bytes: number;
  readonly spans: number;
  readonly points: number;
}

export interface ImportOptions extends CallOptions {
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

type Line =
  | { readonly progress: ImportProgress }
  | { readonly answer: ImportAnswer }
  | { readonly problem: Problem };

/** Rejects with the server's CloverError, also when it comes after the answer has begun. */
export async function importFile(
  transport: Transport,
  body: RequestBody,
  query: QueryInput<typeof ImportQuery>,
  { onProgress, ...call }: ImportOptions,
): Promise<ImportAnswer> {
  const path = '/api/v1/import';
  const headers = { 'content-type': 'application/octet-stream' };
  const request = { timeoutMs: 0, ...call, query, body };
  if (!onProgress) return transport.json<ImportAnswer>('POST', path, { ...request, headers });
  const response = await transport.send('POST', path, {
    ...request,
    headers: { ...headers, accept: 'application/x-ndjson' },
  });
  try {
    for await (const line of linesOf(response)) {
      const said = JSON.parse(line) as Line;
      if ('problem' in said) throw errorOfProblem(said.problem);
      if ('answer' in said) return said.answer;
      if ('progress' in said) onProgress(said.progress);
    }
  } catch (error) {
    throw translate(error, transport.baseUrl, call.signal);
  }
  throw new CloverError(
    CLIENT_ERRORS.unreachable,
    'the server closed the connection during the import',
    {
      hint: 'a file can be sent again: spans that were stored already count once',
      status: 503,
    },
  );
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line !== '') yield line;
    }
    if (rest !== '') yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}
