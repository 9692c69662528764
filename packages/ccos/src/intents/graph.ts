/**
 * The graph of intents: a value in memory, with the indices that its questions need (I5.5). Everything that changes it goes
 * through `putIntent` and `putEdge`; a trial undoes what they did.
 */
import type { Edge, EdgeType, GraphBody, IntentStatus, StorableIntent } from '../model/intent.ts';

/** Edges that say the same in both directions (I3). */
const SYMMETRIC: ReadonlySet<EdgeType> = new Set(['ConflictsWith', 'RelatedTo']);

/** What names an edge: its ends and its type. */
export type EdgeKey = Pick<Edge, 'from' | 'to' | 'edge_type'>;

/** Compares by UTF-16 units. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The order of edges (I7.4): from, to, type. */
export function byEnds(a: EdgeKey, b: EdgeKey): number {
  return byText(a.from, b.from) || byText(a.to, b.to) || byText(a.edge_type, b.edge_type);
}

const keyOf = ({ from, to, edge_type }: EdgeKey): string => `${from} ${to} ${edge_type}`;

/** Intents and edges. Both are never changed in place. */
export class IntentGraph {
  readonly #intents = new Map<string, StorableIntent>();
  readonly #edges = new Map<string, Edge>();
  readonly #out = new Map<string, Map<string, Edge>>();
  readonly #in = new Map<string, Map<string, Edge>>();
  readonly #byStatus = new Map<IntentStatus, Set<string>>();
  #undo: (() => void)[] | null = null;

  /** A graph of what stands in a body, which is not checked here. */
  static from(body: GraphBody): IntentGraph {
    const graph = new IntentGraph();
    graph.replace(body);
    return graph;
  }

  get size(): number {
    return this.#intents.size;
  }
  get edgeCount(): number {
    return this.#edges.size;
  }

  /** True when there is an intent of that id. */
  has(id: string): boolean {
    return this.#intents.has(id);
  }

  /** The intent of an id, its parent and children as the edges say (I4.6). */
  get(id: string): StorableIntent | undefined {
    const intent = this.#intents.get(id);
    return intent === undefined ? undefined : this.#derived(intent);
  }

  /** Every intent, by id. */
  intents(): StorableIntent[] {
    return [...this.#intents.values()]
      .toSorted((a, b) => byText(a.intent_id, b.intent_id))
      .map((intent) => this.#derived(intent));
  }

  /** The intents of some statuses, in no order. */
  *withStatus(statuses: readonly IntentStatus[]): Generator<StorableIntent> {
    for (const status of new Set(statuses))
      for (const id of this.#byStatus.get(status) ?? []) yield this.get(id) as StorableIntent;
  }

  /** Every edge, by ends and type. */
  edges(): Edge[] {
    return [...this.#edges.values()].toSorted(byEnds);
  }

  /** The edge of that name; a symmetric one in either direction (I4.3). */
  edge(key: EdgeKey): Edge | undefined {
    const found = this.#edges.get(keyOf(key));
    if (found !== undefined || !SYMMETRIC.has(key.edge_type)) return found;
    return this.#edges.get(keyOf({ ...key, from: key.to, to: key.from }));
  }

  /** The edges that begin at an intent, by ends and type. */
  outgoing(id: string, type?: EdgeType): Edge[] {
    return sorted(this.#out.get(id), type);
  }
  /** The edges that end at an intent. */
  incoming(id: string, type?: EdgeType): Edge[] {
    return sorted(this.#in.get(id), type);
  }
  /** How many edges an intent has. */
  degree(id: string): number {
    return (this.#out.get(id)?.size ?? 0) + (this.#in.get(id)?.size ?? 0);
  }

  /** The intent of which this one is a subgoal, or null. */
  parentOf(id: string): string | null {
    for (const edge of this.#out.get(id)?.values() ?? []) if (edge.edge_type === 'IsSubgoalOf') return edge.to;
    return null;
  }

  /** The whole graph as data: names ascending. */
  body(): GraphBody {
    return {
      intents: Object.fromEntries(this.intents().map((intent) => [intent.intent_id, intent])),
      edges: this.edges(),
    };
  }

  /** Puts an intent in place of the one with its id. */
  putIntent(intent: StorableIntent): void {
    this.#setIntent(intent.intent_id, intent);
  }
  /** Takes an intent out; its edges are the caller's to take out before. */
  removeIntent(id: string): void {
    this.#setIntent(id, undefined);
  }
  /** Puts an edge in place of the one of its name. */
  putEdge(edge: Edge): void {
    const present = this.edge(edge);
    if (present !== undefined) this.#setEdge(present, undefined);
    this.#setEdge(edge, edge);
  }
  removeEdge(key: EdgeKey): void {
    this.#setEdge(this.edge(key) ?? key, undefined);
  }

  /** Puts another graph in place of this one. */
  replace(body: GraphBody): void {
    for (const edge of this.#edges.values()) this.#setEdge(edge, undefined);
    for (const id of this.#intents.keys()) this.#setIntent(id, undefined);
    for (const intent of Object.values(body.intents)) this.putIntent(intent);
    for (const edge of body.edges) this.#setEdge(edge, edge);
  }

  /** Runs something that may change the graph, and undoes it, so that each step can be checked against those before it. */
  trial<T>(work: () => T): T {
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      return work();
    } finally {
      this.#undo = null;
      for (const step of undo.toReversed()) step();
    }
  }

  #derived(intent: StorableIntent): StorableIntent {
    const id = intent.intent_id;
    const children = this.incoming(id, 'IsSubgoalOf').map(({ from }) => from);
    return { ...intent, parent_intent: this.parentOf(id), child_intents: children };
  }

  #setIntent(id: string, intent: StorableIntent | undefined): void {
    const before = this.#intents.get(id);
    if (before !== undefined) this.#byStatus.get(before.status)?.delete(id);
    if (intent === undefined) this.#intents.delete(id);
    else {
      this.#intents.set(id, intent);
      const same = this.#byStatus.get(intent.status);
      if (same === undefined) this.#byStatus.set(intent.status, new Set([id]));
      else same.add(id);
    }
    this.#undo?.push(() => this.#setIntent(id, before));
  }

  #setEdge(key: EdgeKey, edge: Edge | undefined): void {
    const name = keyOf(key);
    const before = this.#edges.get(name);
    setIn(this.#edges, name, edge);
    setIn(at(this.#out, key.from), name, edge);
    setIn(at(this.#in, key.to), name, edge);
    this.#undo?.push(() => this.#setEdge(key, before));
  }
}

function at(index: Map<string, Map<string, Edge>>, id: string): Map<string, Edge> {
  const found = index.get(id);
  if (found !== undefined) return found;
  const made = new Map<string, Edge>();
  index.set(id, made);
  return made;
}

function setIn(map: Map<string, Edge>, name: string, edge: Edge | undefined): void {
  if (edge === undefined) map.delete(name);
  else map.set(name, edge);
}

function sorted(edges: ReadonlyMap<string, Edge> | undefined, type: EdgeType | undefined): Edge[] {
  return [...(edges?.values() ?? [])].filter((edge) => type === undefined || edge.edge_type === type).toSorted(byEnds);
}
