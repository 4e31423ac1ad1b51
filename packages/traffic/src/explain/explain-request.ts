// One asked request to one told decision: what `explain --requests` writes a line of.

import type { RoutingTable } from '../compile.ts';
import { decide, type Decision } from '../decide.ts';
import type { TrafficRequest } from '../request.ts';
import type { AskedRequest } from './asked-request.ts';
import { answerDiffers } from './compare-answer.ts';
import { decideSeen, type AbsentHeaders } from './decide-seen.ts';
import { decisionLine, effectKey, type DecisionLine } from './decision-line.ts';
import type { CallerFinder, FoundCaller } from './find-caller.ts';

export interface ExplainedRequest {
  readonly request: TrafficRequest;
  readonly found: FoundCaller;
  readonly decision: Decision;
  readonly line: DecisionLine;
  /** Headers that nobody recorded and that could change the decision; empty when it is sure. */
  readonly undecided: readonly string[];
  /** Only for a request with an answer that is decided. */
  readonly agrees: boolean | undefined;
  readonly difference: string | undefined;
}

/** Decides a request of a file, and compares where its answer is known. */
export function explainRequest(
  table: RoutingTable,
  finder: CallerFinder,
  asked: AskedRequest,
  absent?: AbsentHeaders,
): ExplainedRequest {
  const found = finder.find(asked);
  const { caller, port, sni } = found;
  const request: TrafficRequest = {
    method: asked.method,
    path: asked.path,
    headers: asked.headers,
    port,
    ...(sni === undefined ? {} : { sni }),
    ...(asked.scheme ? { scheme: asked.scheme } : {}),
  };
  const { possible, unseen } = asked.whole
    ? { possible: [decide(table, caller, request)], unseen: [] }
    : decideSeen(table, caller, request, { absent, evidence: asked.evidence });
  const lines = possible.map((one) => decisionLine(one, request));
  const [line] = lines as [DecisionLine];
  const sure = lines.length === 1 || lines.every((one) => effectKey(one) === effectKey(line));
  const base = {
    request,
    found,
    decision: possible[0]!,
    line,
    undecided: sure ? [] : unseen,
  };
  if (!asked.answer) return { ...base, agrees: undefined, difference: undefined };
  const differences = lines.map((one) => answerDiffers(table, caller, one, asked.answer!));
  // An answer that no possible decision gives is wrong however the open headers were.
  const differs = differences.every((one) => one !== undefined);
  if (!sure && !differs) return { ...base, agrees: undefined, difference: undefined };
  return { ...base, agrees: !differs, difference: differs ? differences[0] : undefined };
}
