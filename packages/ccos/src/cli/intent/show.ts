/** `ccos intent show ID` (I10): members, edges and history of one intent. */
import { visibleOnOneLine } from '../../foundation/controls.ts';
import { edgeText, notFound } from '../../intents/edge-checks.ts';
import { statusHistory, type StatusChange } from '../../intents/life-cycle.ts';
import type { Edge, StorableIntent, StringMap } from '../../model/intent.ts';
import type { Run } from '../invocation.ts';
import { intentLine, readIntents } from './open.ts';

/** Throws `INTENT_NOT_FOUND`, `INTENT_CORRUPT`, and what opening throws. */
export const show: Run = async ({ operands, options, output }) => {
  const [id = ''] = operands;
  const reader = await readIntents({ options, output });
  const intent = await reader.getIntent(id);
  if (intent === null) throw notFound(id);
  const edges = await reader.getEdgesForIntent(id);
  const history = statusHistory(intent);
  if (output.json) output.document({ intent, edges, history });
  else for (const line of linesOf(intent, edges, history)) output.line(visibleOnOneLine(line));
  return 0;
};

function linesOf(intent: StorableIntent, edges: readonly Edge[], history: readonly StatusChange[]): string[] {
  const {
    name,
    original_request: request,
    goal,
    constraints,
    preferences,
    success_criteria: criteria,
    priority,
  } = intent;
  return [
    intentLine(intent),
    ...(name === null ? [] : [`name: ${name}`]),
    ...(request === goal ? [] : [`request: ${request}`]),
    `priority: ${priority}, created ${time(intent.created_at)}, changed ${time(intent.updated_at)}`,
    ...mapLines('constraint', constraints),
    ...mapLines('preference', preferences),
    ...(criteria === null ? [] : [`criteria: ${criteria}`]),
    ...edges.map((edge) => `edge: ${edgeText(edge)}${edge.weight === null ? '' : ` (${edge.weight})`}`),
    ...history.map(({ at, oldStatus, newStatus, reason }) => `${time(at)}: ${oldStatus} → ${newStatus}: ${reason}`),
  ];
}

function mapLines(what: string, members: StringMap): string[] {
  return Object.keys(members)
    .toSorted()
    .map((name) => `${what}: ${name} = ${members[name]}`);
}

/** Unix seconds as people read them, as far as the calendar goes. */
function time(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('T', ' ').replace('.000Z', '');
}
