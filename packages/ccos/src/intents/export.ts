/** The graph for other programs (I7): nodes and edges as JSON, Graphviz, Mermaid. Two exports of one graph are identical. */
import type { Edge, EdgeType, IntentStatus, StorableIntent, StringMap } from '../model/intent.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';
import type { IntentGraph } from './graph.ts';
import { listIntents, type IntentFilter } from './queries.ts';

/** The colour of each status. */
export const STATUS_COLOURS: Readonly<Record<IntentStatus, string>> = {
  Executing: '#FFC107',
  Active: '#4CAF50',
  Completed: '#2196F3',
  Failed: '#F44336',
  Archived: '#9E9E9E',
  Suspended: '#FF9800',
};
/** Edges without a direction (I3). */
export const UNDIRECTED: ReadonlySet<EdgeType> = new Set(['ConflictsWith', 'RelatedTo']);

const LABEL_MAX = 50;
const CUT_AT = 47;
const SIZE_MIN = 10;
const SIZE_GROWTH_MAX = 90;
const SIZE_PER_EDGE = 5;

/** A node of the export. `size` grows with the number of edges. */
export interface ExportNode {
  readonly id: string;
  readonly label: string;
  readonly type: 'intent';
  readonly status: IntentStatus;
  readonly size: number;
  readonly color: string;
  readonly metadata: StringMap;
}

/** A graph for other programs; `droppedEdges` counts those with an end outside (I7.2). */
export interface GraphExport {
  readonly nodes: readonly ExportNode[];
  readonly edges: readonly Edge[];
  readonly metadata: { readonly nodes: number; readonly edges: number; readonly droppedEdges: number };
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A goal as a label: at most fifty characters as people count them (I7.1). */
export function labelOf({ goal }: StorableIntent): string {
  const characters = [...graphemes.segment(goal)];
  if (characters.length <= LABEL_MAX) return goal;
  return `${goal.slice(0, characters[CUT_AT]?.index)}…`;
}

/** The intents that match and the edges between them, by id and by ends (I7.1, I7.4). Throws `INTENT_QUERY`. */
export function exportGraph(graph: IntentGraph, filter: IntentFilter = {}): GraphExport {
  const wanted = new Set(listIntents(graph, filter).map(({ intent_id: id }) => id));
  const nodes = graph.intents().flatMap((intent): ExportNode[] => {
    const { intent_id: id, status, metadata } = intent;
    if (!wanted.has(id)) return [];
    const size = SIZE_MIN + Math.min(SIZE_PER_EDGE * graph.degree(id), SIZE_GROWTH_MAX);
    return [{ id, label: labelOf(intent), type: 'intent', status, size, color: STATUS_COLOURS[status], metadata }];
  });
  const all = graph.edges();
  const edges = all.filter(({ from, to }) => wanted.has(from) && wanted.has(to));
  return {
    nodes,
    edges,
    metadata: { nodes: nodes.length, edges: edges.length, droppedEdges: all.length - edges.length },
  };
}

/** Short names for the nodes, in the order of their ids (I7.3). */
function shortNames(nodes: readonly ExportNode[]): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
}

/** The graph for Graphviz (I7.3). */
export function dotText({ nodes, edges }: GraphExport): string {
  const names = shortNames(nodes);
  const quoted = (text: string): string =>
    `"${visibleOnOneLine(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [
    'digraph intents {',
    '  node [shape=box, style="rounded,filled"];',
    ...nodes.map(({ id, label, color }) => `  ${names.get(id)} [label=${quoted(label)}, fillcolor="${color}"];`),
    ...edges.map(({ from, to, edge_type: type }) => {
      const plain = UNDIRECTED.has(type) ? ', dir=none' : '';
      return `  ${names.get(from)} -> ${names.get(to)} [label="${type}"${plain}];`;
    }),
    '}',
    '',
  ].join('\n');
}

/** The graph for Mermaid (I7.3): whatever could mean something there stands as its number. */
export function mermaidText({ nodes, edges }: GraphExport): string {
  const names = shortNames(nodes);
  const escaped = (text: string): string =>
    visibleOnOneLine(text).replace(/[^\p{L}\p{N} ,.]/gu, (char) => `#${char.codePointAt(0)};`);
  return [
    'flowchart TB',
    ...nodes.map(({ id, label }) => `  ${names.get(id)}["${escaped(label)}"]`),
    ...nodes.map(({ id, color }) => `  style ${names.get(id)} fill:${color}`),
    ...edges.map(({ from, to, edge_type: type }) => {
      const line = UNDIRECTED.has(type) ? '---' : '-->';
      return `  ${names.get(from)} ${line}|${type}| ${names.get(to)}`;
    }),
    '',
  ].join('\n');
}
