/** Questions about a graph (I5): pure functions, whose answers have one order. */
import { CcosError } from '../foundation/errors.ts';
import {
  EDGE_TYPES,
  INTENT_STATUSES,
  type Edge,
  type EdgeType,
  type IntentStatus,
  type StorableIntent,
  type StringMap,
} from '../model/intent.ts';
import { notFound } from './edge-checks.ts';
import { byEnds, byText, type IntentGraph } from './graph.ts';
import { foldCase, scores } from './search.ts';

/** Conditions that must all hold; substrings are case-sensitive, bounds inclusive (I5.1). */
export interface IntentFilter {
  readonly status?: IntentStatus | undefined;
  readonly nameContains?: string | undefined;
  readonly goalContains?: string | undefined;
  readonly priorityMin?: number | undefined;
  readonly priorityMax?: number | undefined;
}

/** Times in Unix seconds, bounds inclusive (I5.2). */
export interface IntentQuery {
  readonly status?: readonly IntentStatus[];
  /** Without regard to case. */
  readonly goalContains?: string;
  /** Each a substring of the member of that name. */
  readonly metadata?: StringMap;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly updatedAfter?: number;
  readonly updatedBefore?: number;
  readonly hasEdge?: readonly { readonly type: EdgeType; readonly direction: 'out' | 'in' | 'either' }[];
  /** Joined by an edge to each of these. */
  readonly connectedTo?: readonly string[];
  /** Only what the search finds (I6). */
  readonly text?: string;
  readonly limit?: number;
  readonly offset?: number;
  readonly sortBy?: 'created' | 'updated' | 'goal' | 'connections' | 'relevance';
  readonly order?: 'ascending' | 'descending';
}

/** `totalCount` is before limit and offset. */
export interface QueryResult {
  readonly intents: readonly StorableIntent[];
  readonly totalCount: number;
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** Which edges (I5.4); one without weight matches no bound of weight. */
export interface EdgeFilter {
  readonly types?: readonly EdgeType[];
  readonly minWeight?: number;
  readonly maxWeight?: number;
  readonly from?: string;
  readonly to?: string;
  readonly involves?: string;
  readonly metadata?: StringMap;
}

/** Intents in the order of lists: by creation, then by id (I5.1). */
export function listed(intents: readonly StorableIntent[]): StorableIntent[] {
  return intents.toSorted((a, b) => a.created_at - b.created_at || byText(a.intent_id, b.intent_id));
}

/** The intents that match (I5.1). Throws `INTENT_QUERY` for a status that is none. */
export function listIntents(graph: IntentGraph, filter: IntentFilter = {}): StorableIntent[] {
  const { status, nameContains, goalContains, priorityMin = 0, priorityMax = Infinity } = filter;
  checkWords('status', status === undefined ? [] : [status], INTENT_STATUSES);
  const candidates = status === undefined ? graph.intents() : [...graph.withStatus([status])];
  return listed(
    candidates.filter(
      ({ name, goal, priority }) =>
        (nameContains === undefined || name?.includes(nameContains) === true) &&
        (goalContains === undefined || goal.includes(goalContains)) &&
        priority >= priorityMin &&
        priority <= priorityMax,
    ),
  );
}

/** The intents that match, ordered, a part of them (I5.2). Throws `INTENT_QUERY {pointer}`. `now` tells milliseconds that only go up. */
export function queryIntents(graph: IntentGraph, query: IntentQuery, now: () => number): QueryResult {
  const start = now();
  checkQuery(query);
  const relevance = query.text === undefined ? null : scores(graph, query.text);
  const found = candidatesOf(graph, query).filter((intent) => matches(graph, intent, query, relevance));
  const compare = comparison(graph, query.sortBy ?? 'created', relevance);
  const sign = (query.order ?? defaultOrder(query.sortBy)) === 'descending' ? -1 : 1;
  const sorted = found.toSorted((a, b) => sign * compare(a, b) || byText(a.intent_id, b.intent_id));
  const offset = query.offset ?? 0;
  const intents = sorted.slice(offset, query.limit === undefined ? undefined : offset + query.limit);
  return {
    intents,
    totalCount: found.length,
    truncated: offset + intents.length < found.length,
    durationMs: now() - start,
  };
}

/** The most relevant and the best connected come first, everything else from the smallest. */
function defaultOrder(sortBy: IntentQuery['sortBy']): 'ascending' | 'descending' {
  return sortBy === 'relevance' || sortBy === 'connections' ? 'descending' : 'ascending';
}

/** The fewest that an index gives. */
function candidatesOf(graph: IntentGraph, { connectedTo, status }: IntentQuery): StorableIntent[] {
  const [first] = connectedTo ?? [];
  if (first !== undefined) {
    const ids = new Set([
      ...graph.outgoing(first).map(({ to }) => to),
      ...graph.incoming(first).map(({ from }) => from),
    ]);
    return [...ids].flatMap((id) => graph.get(id) ?? []);
  }
  return status === undefined ? graph.intents() : [...graph.withStatus(status)];
}

function matches(
  graph: IntentGraph,
  intent: StorableIntent,
  query: IntentQuery,
  relevance: ReadonlyMap<string, number> | null,
): boolean {
  const { intent_id: id, status, goal, metadata, created_at: created, updated_at: updated } = intent;
  const within = (at: number, after = -Infinity, before = Infinity): boolean => at >= after && at <= before;
  return (
    (query.status === undefined || query.status.includes(status)) &&
    (query.goalContains === undefined || foldCase(goal).includes(foldCase(query.goalContains))) &&
    hasSubstrings(metadata, query.metadata) &&
    within(created, query.createdAfter, query.createdBefore) &&
    within(updated, query.updatedAfter, query.updatedBefore) &&
    (query.hasEdge ?? []).every(({ type, direction }) => hasEdge(graph, id, type, direction)) &&
    (query.connectedTo ?? []).every((other) => isConnected(graph, id, other)) &&
    (relevance === null || relevance.has(id))
  );
}

function hasSubstrings(metadata: StringMap | null, wanted: StringMap | undefined): boolean {
  return Object.entries(wanted ?? {}).every(
    ([name, part]) => metadata !== null && Object.hasOwn(metadata, name) && (metadata[name] as string).includes(part),
  );
}

function hasEdge(graph: IntentGraph, id: string, type: EdgeType, direction: 'out' | 'in' | 'either'): boolean {
  return (
    (direction !== 'in' && graph.outgoing(id, type).length > 0) ||
    (direction !== 'out' && graph.incoming(id, type).length > 0)
  );
}

function isConnected(graph: IntentGraph, id: string, other: string): boolean {
  return graph.outgoing(id).some(({ to }) => to === other) || graph.incoming(id).some(({ from }) => from === other);
}

function comparison(
  graph: IntentGraph,
  sortBy: NonNullable<IntentQuery['sortBy']>,
  relevance: ReadonlyMap<string, number> | null,
): (a: StorableIntent, b: StorableIntent) => number {
  switch (sortBy) {
    case 'created':
      return (a, b) => a.created_at - b.created_at;
    case 'updated':
      return (a, b) => a.updated_at - b.updated_at;
    case 'goal':
      return (a, b) => byText(a.goal, b.goal);
    case 'connections':
      return (a, b) => graph.degree(a.intent_id) - graph.degree(b.intent_id);
    case 'relevance':
      return (a, b) => (relevance?.get(a.intent_id) ?? 0) - (relevance?.get(b.intent_id) ?? 0);
  }
}

function checkQuery(query: IntentQuery): void {
  checkWords('status', query.status ?? [], INTENT_STATUSES);
  checkWords('sortBy', query.sortBy === undefined ? [] : [query.sortBy], [
    'created',
    'updated',
    'goal',
    'connections',
    'relevance',
  ]);
  checkWords(
    'hasEdge',
    (query.hasEdge ?? []).map(({ type }) => type),
    EDGE_TYPES,
  );
  if (query.sortBy === 'relevance' && query.text === undefined)
    throw badQuery('sortBy', 'relevance only beside a text');
  for (const name of ['limit', 'offset'] as const) {
    const value = query[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      throw badQuery(name, 'a whole number from 0');
  }
}

function checkWords(name: string, given: readonly string[], words: readonly string[]): void {
  if (given.some((word) => !words.includes(word))) throw badQuery(name, `one of ${words.join(', ')}`);
}

/** `INTENT_QUERY {pointer}`. */
function badQuery(name: string, expected: string): CcosError {
  return new CcosError('INTENT_QUERY', `Cannot ask for intents by ${name}: it must be ${expected}`, {
    details: { pointer: `/${name}` },
    hint: expected,
  });
}

function present(graph: IntentGraph, id: string): StorableIntent {
  const found = graph.get(id);
  if (found === undefined) throw notFound(id);
  return found;
}

/** The intents at the other ends, by id. Throws `INTENT_NOT_FOUND`. */
function others(graph: IntentGraph, id: string, type: EdgeType, direction: 'out' | 'in' | 'either'): StorableIntent[] {
  present(graph, id);
  const ids = new Set<string>();
  if (direction !== 'in') for (const { to } of graph.outgoing(id, type)) ids.add(to);
  if (direction !== 'out') for (const { from } of graph.incoming(id, type)) ids.add(from);
  return [...ids].toSorted(byText).map((other) => present(graph, other));
}

/** The direct subgoals (I5.3). Each of these throws `INTENT_NOT_FOUND`. */
export const children = (graph: IntentGraph, id: string): StorableIntent[] => others(graph, id, 'IsSubgoalOf', 'in');
/** The intent of which it is a subgoal, at most one. */
export const parents = (graph: IntentGraph, id: string): StorableIntent[] => others(graph, id, 'IsSubgoalOf', 'out');
/** What it needs first. */
export const dependencies = (graph: IntentGraph, id: string): StorableIntent[] => others(graph, id, 'DependsOn', 'out');
/** What needs it first. */
export const dependents = (graph: IntentGraph, id: string): StorableIntent[] => others(graph, id, 'DependsOn', 'in');
/** What it conflicts with, whichever end says so. */
export const conflicts = (graph: IntentGraph, id: string): StorableIntent[] =>
  others(graph, id, 'ConflictsWith', 'either');

/** All descendants over `IsSubgoalOf`, by id. Throws `INTENT_NOT_FOUND`. */
export function subgoals(graph: IntentGraph, id: string): StorableIntent[] {
  return below(graph, id)
    .toSorted(byText)
    .map((other) => present(graph, other));
}

function below(graph: IntentGraph, id: string): string[] {
  present(graph, id);
  const found: string[] = [];
  const queue = [id];
  for (let at = 0; at < queue.length; at++)
    for (const { from } of graph.incoming(queue[at] as string, 'IsSubgoalOf')) {
      found.push(from);
      queue.push(from);
    }
  return found;
}

/** The way up to the root, the nearest first, and everything below, by id (I5.3). */
export interface Hierarchy {
  readonly ancestors: readonly StorableIntent[];
  readonly intent: StorableIntent;
  readonly descendants: readonly StorableIntent[];
}

/** Where an intent stands among goals and subgoals. Throws `INTENT_NOT_FOUND`. */
export function hierarchy(graph: IntentGraph, id: string): Hierarchy {
  const ancestors: StorableIntent[] = [];
  for (let up = graph.parentOf(id); up !== null; up = graph.parentOf(up)) ancestors.push(present(graph, up));
  return { ancestors, intent: present(graph, id), descendants: subgoals(graph, id) };
}

/** What lies within some steps over edges of any type and direction, the nearest first, then by id. Throws `INTENT_NOT_FOUND`, `INTENT_QUERY`. */
export function neighbourhood(
  graph: IntentGraph,
  id: string,
  depth: number,
): { readonly intent: StorableIntent; readonly distance: number }[] {
  if (!(Number.isSafeInteger(depth) && depth >= 0)) throw badQuery('depth', 'a whole number from 0');
  const found = [{ intent: present(graph, id), distance: 0 }];
  const seen = new Set([id]);
  let ring = [id];
  for (let distance = 1; distance <= depth && ring.length > 0; distance++) {
    const next = new Set<string>();
    for (const at of ring)
      for (const { from, to } of [...graph.outgoing(at), ...graph.incoming(at)]) next.add(from === at ? to : from);
    ring = [...next].filter((other) => !seen.has(other)).toSorted(byText);
    for (const other of ring) {
      seen.add(other);
      found.push({ intent: present(graph, other), distance });
    }
  }
  return found;
}

/** The edges that match, by ends and type (I5.4). Throws `INTENT_QUERY` for a type that is none. */
export function findEdges(graph: IntentGraph, filter: EdgeFilter = {}): Edge[] {
  const { types, minWeight, maxWeight, from, to, involves, metadata } = filter;
  checkWords('types', types ?? [], EDGE_TYPES);
  const bounded = minWeight !== undefined || maxWeight !== undefined;
  const about = involves ?? from ?? to;
  // An edge is looked for at the end that is known.
  const candidates = about === undefined ? graph.edges() : [...graph.outgoing(about), ...graph.incoming(about)];
  return candidates
    .filter(
      (edge) =>
        (types === undefined || types.includes(edge.edge_type)) &&
        (from === undefined || edge.from === from) &&
        (to === undefined || edge.to === to) &&
        (involves === undefined || edge.from === involves || edge.to === involves) &&
        (!bounded || (edge.weight !== null && edge.weight >= (minWeight ?? 0) && edge.weight <= (maxWeight ?? 1))) &&
        hasSubstrings(edge.metadata, metadata),
    )
    .toSorted(byEnds);
}
