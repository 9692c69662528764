/** What is wrong with an edge that is to be added (I4), and the way round a cycle. */
import { CcosError } from '../foundation/errors.ts';
import type { Edge, EdgeType } from '../model/intent.ts';
import type { EdgeKey, IntentGraph } from './graph.ts';

/** Edges of these types never close a cycle (I4.4). */
const ACYCLIC: ReadonlySet<EdgeType> = new Set(['IsSubgoalOf', 'DependsOn']);

/** `INTENT_NOT_FOUND {id}`. */
export function notFound(id: string): CcosError {
  return new CcosError('INTENT_NOT_FOUND', `Cannot find the intent ${JSON.stringify(id)}`, {
    details: { id },
    hint: 'ccos intent list names the intents',
  });
}

/** An edge as people read it. */
export function edgeText({ from, to, edge_type }: EdgeKey): string {
  return `${from} ${edge_type} ${to}`;
}

/** What stands against adding an edge to the graph, or null; an equal one that exists is the caller's to look for. */
export function edgeFault(graph: IntentGraph, edge: Edge): CcosError | null {
  const { from, to, edge_type } = edge;
  const refuse = (code: CcosError['code'], why: string, details: object, hint: string): CcosError =>
    new CcosError(code, `Cannot add the edge ${edgeText(edge)}: ${why}`, {
      details: { from, to, type: edge_type, ...details },
      hint,
    });
  if (from === to) return refuse('INTENT_EDGE_SELF', 'both its ends are the same', {}, 'name two intents');
  const absent = [from, to].find((id) => !graph.has(id));
  if (absent !== undefined)
    return refuse(
      'INTENT_EDGE_DANGLING',
      `there is no intent ${absent}`,
      { id: absent },
      'ccos intent list names the intents',
    );
  if (graph.edge(edge) !== undefined)
    return refuse('INTENT_EDGE_DUPLICATE', 'it exists, with another weight or metadata', {}, 'change the present edge');
  const parent = edge_type === 'IsSubgoalOf' ? graph.parentOf(from) : null;
  if (parent !== null)
    return refuse(
      'INTENT_EDGE_PARENT',
      `${from} is a subgoal of ${parent} already`,
      { parent },
      'remove that edge first',
    );
  const path = ACYCLIC.has(edge_type) ? pathBetween(graph, to, from, edge_type) : null;
  if (path === null) return null;
  const cycle = [from, ...path];
  return refuse(
    'INTENT_EDGE_CYCLE',
    `it closes the cycle ${cycle.join(' → ')}`,
    { path: cycle },
    'leave out one edge of the cycle',
  );
}

/** A shortest way along edges of one type, both ends included, or null. */
function pathBetween(graph: IntentGraph, start: string, end: string, type: EdgeType): string[] | null {
  const from = new Map<string, string | null>([[start, null]]);
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const id = queue[at] as string;
    if (id === end) {
      const path: string[] = [];
      for (let step: string | null = id; step !== null; step = from.get(step) ?? null) path.unshift(step);
      return path;
    }
    for (const { to } of graph.outgoing(id, type)) {
      if (from.has(to)) continue;
      from.set(to, id);
      queue.push(to);
    }
  }
  return null;
}
