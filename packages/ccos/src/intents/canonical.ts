/** Equality and identity of graphs and their parts, by their canonical JSON (A1). */
import { canonicalText } from '../foundation/canonical-json.ts';
import { hash, type Hash } from '../foundation/digest.ts';
import type { GraphBody } from '../model/intent.ts';

/** The type tag of graphs. */
export const GRAPH_TYPE = 'intent-graph';

/** True for equal JSON values, whatever the order of their members. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || canonicalText(a) === canonicalText(b);
}

/** The hash of a graph (I8.1). */
export function graphHash({ edges, intents }: GraphBody): Hash {
  return hash(GRAPH_TYPE, { edges, intents });
}
