/** Whether a whole graph is one that changes could have made (I4, I8.6); in time that grows with its size alone. */
import type { Edge, EdgeType, GraphBody } from '../model/intent.ts';
import { edgeText } from './edge-checks.ts';
import { IntentGraph } from './graph.ts';
import { sameValue } from './canonical.ts';

/** What is wrong with a backup: a word for programs, and a sentence. */
export interface BackupFinding {
  readonly code:
    | 'unreadable'
    | 'version'
    | 'shape'
    | 'intent'
    | 'key'
    | 'edge'
    | 'self'
    | 'dangling'
    | 'duplicate'
    | 'parent'
    | 'cycle'
    | 'derived'
    | 'counts'
    | 'digest'
    | 'signature'
    | 'snapshot';
  readonly message: string;
}

/** Findings about the edges of a body whose intents and edges have the right shape. */
export function* edgeFindings({ intents, edges }: GraphBody): Generator<BackupFinding> {
  const graph = IntentGraph.from({ intents, edges: [] });
  for (const edge of edges) {
    const { from, to, edge_type } = edge;
    const absent = [from, to].find((id) => !graph.has(id));
    if (absent !== undefined) yield { code: 'dangling', message: `${edgeText(edge)}: there is no intent ${absent}` };
    if (from === to) yield { code: 'self', message: `${edgeText(edge)}: both ends are the same` };
    if (graph.edge(edge) !== undefined) yield { code: 'duplicate', message: `${edgeText(edge)} stands twice` };
    else if (edge_type === 'IsSubgoalOf' && graph.parentOf(from) !== null)
      yield { code: 'parent', message: `${from} is a subgoal of ${graph.parentOf(from)} and of ${to}` };
    graph.putEdge(edge);
  }
  for (const type of ['IsSubgoalOf', 'DependsOn'] as const) {
    const cycle = cycleOf(edges, type);
    if (cycle !== null) yield { code: 'cycle', message: `${cycle.join(' → ')} is a cycle of ${type}` };
  }
  for (const [id, intent] of Object.entries(intents)) {
    const said = [intent.parent_intent, intent.child_intents];
    const meant = graph.get(id);
    if (meant !== undefined && !sameValue(said, [meant.parent_intent, meant.child_intents]))
      yield { code: 'derived', message: `${id} names another parent or other children than its edges` };
  }
}

/** A cycle along edges of one type, its first member again at the end, or null. */
function cycleOf(edges: readonly Edge[], type: EdgeType): string[] | null {
  const next = new Map<string, string[]>();
  for (const { from, to, edge_type } of edges) {
    if (edge_type !== type || from === to) continue;
    const known = next.get(from);
    if (known === undefined) next.set(from, [to]);
    else known.push(to);
  }
  const done = new Set<string>();
  for (const start of next.keys()) {
    /** The way to where we are, each with what is still to be tried from there. */
    const path = [{ id: start, rest: [...(next.get(start) ?? [])] }];
    const onPath = new Set([start]);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const to = here.rest.pop();
      if (to === undefined) {
        done.add(here.id);
        onPath.delete(here.id);
        path.pop();
      } else if (onPath.has(to)) {
        const ids = path.map(({ id }) => id);
        return [...ids.slice(ids.indexOf(to)), to];
      } else if (!done.has(to)) {
        path.push({ id: to, rest: [...(next.get(to) ?? [])] });
        onPath.add(to);
      }
    }
  }
  return null;
}
