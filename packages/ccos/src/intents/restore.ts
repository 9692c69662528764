/** What a restore would do (I8.8, I8.9): the new graph and how it differs, decided without changing anything. */
import { CcosError } from '../foundation/errors.ts';
import type { Edge, GraphBody, StorableIntent } from '../model/intent.ts';
import { sameValue } from './canonical.ts';
import { edgeFindings } from './graph-check.ts';
import { byText, IntentGraph } from './graph.ts';

/** How the two graphs come together; `prefer` decides where both have an intent and they differ. */
export interface RestoreOptions {
  readonly mode: 'replace' | 'merge';
  readonly prefer?: 'backup' | 'current' | undefined;
}

/** Ids, ascending, and edges, by ends and type. */
export interface GraphDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly edgesAdded: readonly Edge[];
  readonly edgesRemoved: readonly Edge[];
}

/** The graph behind a restore, and the difference. */
export interface RestorePlan {
  readonly graph: GraphBody;
  readonly difference: GraphDifference;
}

/** True when nothing would change (I8.9). */
export function isNoChange(difference: GraphDifference): boolean {
  return Object.values(difference).every((list: readonly unknown[]) => list.length === 0);
}

/**
 * Plans a restore of a sound backup.
 * @throws `BACKUP_CONFLICT {ids}` in `merge` without `prefer`, and where the merged edges do not go together.
 */
export function planRestore(current: GraphBody, backup: GraphBody, options: RestoreOptions): RestorePlan {
  const graph = options.mode === 'replace' ? IntentGraph.from(backup).body() : merged(current, backup, options.prefer);
  return { graph, difference: difference(current, graph) };
}

function merged(current: GraphBody, backup: GraphBody, prefer: RestoreOptions['prefer']): GraphBody {
  const own = ({ parent_intent: _parent, child_intents: _children, ...rest }: StorableIntent): object => rest;
  const conflicts = Object.keys(backup.intents).filter((id) => {
    // An intent may be called like something that every object inherits.
    if (!Object.hasOwn(current.intents, id)) return false;
    return !sameValue(own(current.intents[id] as StorableIntent), own(backup.intents[id] as StorableIntent));
  });
  if (conflicts.length > 0 && prefer === undefined)
    throw conflict(`${conflicts.length} intents differ on both sides`, { ids: conflicts.toSorted() });
  const [weak, strong] = prefer === 'current' ? [backup, current] : [current, backup];
  const graph = IntentGraph.from({ intents: { ...weak.intents, ...strong.intents }, edges: weak.edges });
  for (const edge of strong.edges) graph.putEdge(edge);
  const body = graph.body();
  const finding = edgeFindings(body).next().value;
  if (finding !== undefined) throw conflict(`together, ${finding.message}`, { ids: [], finding });
  return body;
}

function conflict(why: string, details: Readonly<Record<string, unknown>>): CcosError {
  return new CcosError('BACKUP_CONFLICT', `Cannot merge the backup: ${why}`, {
    details,
    hint: '--prefer backup or --prefer current says which side wins; without --merge the backup replaces the graph',
  });
}

function difference(before: GraphBody, after: GraphBody): GraphDifference {
  const ids = (body: GraphBody): string[] => Object.keys(body.intents).toSorted(byText);
  const edges = (body: GraphBody): Map<string, Edge> =>
    new Map(body.edges.map((edge) => [JSON.stringify(edgeParts(edge)), edge]));
  const [old, young] = [edges(before), edges(after)];
  return {
    added: ids(after).filter((id) => !Object.hasOwn(before.intents, id)),
    changed: ids(after).filter(
      (id) => Object.hasOwn(before.intents, id) && !sameValue(before.intents[id], after.intents[id]),
    ),
    removed: ids(before).filter((id) => !Object.hasOwn(after.intents, id)),
    edgesAdded: [...young].flatMap(([key, edge]) => (old.has(key) ? [] : [edge])),
    edgesRemoved: [...old].flatMap(([key, edge]) => (young.has(key) ? [] : [edge])),
  };
}

function edgeParts({ from, to, edge_type, weight, metadata }: Edge): unknown[] {
  return [
    from,
    to,
    edge_type,
    weight,
    metadata === null ? null : Object.entries(metadata).toSorted(([a], [b]) => byText(a, b)),
  ];
}
