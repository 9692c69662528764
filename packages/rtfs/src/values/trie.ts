/**
 * A 32-way trie of full leaves, the large form of a vector. Nodes are plain arrays. A trie has no length of its own:
 * whoever holds
 * one knows how many leaves are theirs and never looks beyond, so leaves may be added in place to nodes that others
 * share.
 */
import type { Value } from './kinds.ts';

/** A leaf holds 32 values, an inner node up to 32 nodes. */
export type TrieNode = (TrieNode | Value)[];

/** Bits of an index that one level uses. */
export const BITS = 5;
/** Elements of a leaf. */
export const WIDTH = 32;
const MASK = WIDTH - 1;

/** A trie and the number of index bits above its leaves. */
export interface Trie {
  readonly root: TrieNode;
  readonly shift: number;
}

/** The leaf that holds index `i`. */
export function leafOf(root: TrieNode, shift: number, i: number): Value[] {
  let node = root;
  for (let level = shift; level > 0; level -= BITS) node = node[(i >>> level) & MASK] as TrieNode;
  return node as Value[];
}

function pathTo(level: number, leaf: Value[]): TrieNode {
  let node: TrieNode = leaf;
  for (let at = 0; at < level; at += BITS) node = [node];
  return node;
}

/**
 * A trie with `leaf` at index `i` (a multiple of 32); what stood there or later is forgotten. Nodes on the path are
 * copied.
 */
export function withLeaf(trie: Trie | null, i: number, leaf: Value[]): Trie {
  if (trie === null) return { root: [leaf], shift: BITS };
  let { root, shift } = trie;
  if (i >>> shift >= WIDTH) {
    root = [root];
    shift += BITS;
  }
  const top = root.slice(0, ((i >>> shift) & MASK) + 1);
  let node = top;
  for (let level = shift; ; level -= BITS) {
    const slot = (i >>> level) & MASK;
    if (level === BITS) {
      node[slot] = leaf;
      return { root: top, shift };
    }
    const child = node[slot] as TrieNode | undefined;
    // A slot that begins at `i` holds nothing that is still ours.
    if (child === undefined || (i & ((1 << level) - 1)) === 0) {
      node[slot] = pathTo(level - BITS, leaf);
      return { root: top, shift };
    }
    node = node[slot] = child.slice(0, ((i >>> (level - BITS)) & MASK) + 1);
  }
}

/** A trie with the value at index `i` replaced; `i` lies in a leaf of the trie. */
export function withValue(root: TrieNode, shift: number, i: number, x: Value): TrieNode {
  const top = root.slice();
  let node = top;
  for (let level = shift; level > 0; level -= BITS) {
    const slot = (i >>> level) & MASK;
    node = node[slot] = (node[slot] as TrieNode).slice();
  }
  node[i & MASK] = x;
  return top;
}

/** Adds `leaf` at index `i`, just behind the last leaf, in place where there is room. */
function addLeafInPlace(trie: Trie | null, i: number, leaf: Value[]): Trie {
  if (trie === null || i >>> trie.shift >= WIDTH) return withLeaf(trie, i, leaf);
  let node = trie.root;
  for (let level = trie.shift; level > BITS; level -= BITS) {
    const slot = (i >>> level) & MASK;
    if (node[slot] === undefined) {
      node[slot] = pathTo(level - BITS, leaf);
      return trie;
    }
    node = node[slot] as TrieNode;
  }
  node[(i >>> BITS) & MASK] = leaf;
  return trie;
}

/** The tries of arrays that were needed as tries, so that each element of an array moves at most once. */
const tries = new WeakMap<Value[], { trie: Trie | null; filled: number }>();

/** The trie of the first `count` elements (a multiple of 32) of an array that only ever grows. Null for none. */
export function trieOfArray(items: Value[], count: number): Trie | null {
  let known = tries.get(items);
  if (known === undefined) tries.set(items, (known = { trie: null, filled: 0 }));
  while (known.filled < count) {
    known.trie = addLeafInPlace(known.trie, known.filled, items.slice(known.filled, known.filled + WIDTH));
    known.filled += WIDTH;
  }
  return known.trie;
}
