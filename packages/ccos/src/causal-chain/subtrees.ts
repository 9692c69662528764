/**
 * Inclusion and consistency paths of RFC 6962 (L12): made from the roots of full subtrees, of which each takes a logarithmic
 * number, and checked from nothing but the path itself.
 */
import { hash } from 'node:crypto';
import { leafOf, nodeOf } from './merkle.ts';

/**
 * The root of a full subtree: `level` 0 are the leaves, and `at` counts the subtrees of a level from 0. It is asked only for
 * subtrees that lie wholly within the tree.
 */
export type Subtree = (level: number, at: number) => string;

/** The subtrees over the records of these hashes (hex), each made once. */
export function subtreesOf(hashes: readonly string[]): Subtree {
  const levels: (string | undefined)[][] = [];
  const subtree: Subtree = (level, at) => {
    const known = (levels[level] ??= []);
    return (known[at] ??=
      level === 0 ? leafOf(hashes[at] ?? '') : nodeOf(subtree(level - 1, 2 * at), subtree(level - 1, 2 * at + 1)));
  };
  return subtree;
}

/** The largest power of two below a size of at least 2, and its exponent. */
function split(size: number): { readonly left: number; readonly level: number } {
  let left = 1,
    level = 0;
  while (left * 2 < size) {
    left *= 2;
    level++;
  }
  return { left, level };
}

/** The hash of the leaves from `start` up to `end`; such a range always starts where a full subtree of its size could. */
function rangeRoot(subtree: Subtree, start: number, end: number): string {
  const size = end - start;
  if (size === 1) return subtree(0, start);
  const { left, level } = split(size);
  if (left * 2 === size) return subtree(level + 1, start / size);
  return nodeOf(rangeRoot(subtree, start, start + left), rangeRoot(subtree, start + left, end));
}

/** The root of a tree of so many leaves, in hex. */
export function rootOf(subtree: Subtree, size: number): string {
  return size === 0 ? hash('sha256', '', 'hex') : rangeRoot(subtree, 0, size);
}

/** The inclusion path of the leaf `index` (from 0) in a tree of `size` leaves (§2.1.1), in hex. `0 <= index < size`. */
export function inclusionPath(subtree: Subtree, index: number, size: number): string[] {
  const path: string[] = [];
  let start = 0,
    end = size;
  while (end - start > 1) {
    const middle = start + split(end - start).left;
    if (index < middle) {
      path.push(rangeRoot(subtree, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(subtree, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/** The path that shows the first `old` leaves to be the same in a tree of `size` (§2.1.2), in hex. `0 < old <= size`. */
export function consistencyPath(subtree: Subtree, old: number, size: number): string[] {
  const path: string[] = [];
  let start = 0,
    end = size,
    /** True while the old tree's own root is one that the checker knows. */
    known = true;
  while (old < end) {
    const middle = start + split(end - start).left;
    if (old <= middle) {
      path.push(rangeRoot(subtree, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(subtree, start, middle));
      start = middle;
      known = false;
    }
  }
  if (!known) path.push(rangeRoot(subtree, start, end));
  return path.reverse();
}

const half = (n: number): number => Math.floor(n / 2);

/** True when the path leads from a record's hash (hex) at `index` to the root of `size` leaves. */
export function includes(
  recordHash: string,
  index: number,
  size: number,
  path: readonly string[],
  root: string,
): boolean {
  if (!(index >= 0 && index < size)) return false;
  let node = leafOf(recordHash);
  let [at, last] = [index, size - 1];
  for (const step of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeOf(step, node);
      // A node without a right neighbour goes up as it is.
      while (at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    } else node = nodeOf(node, step);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && node === root;
}

interface Tree {
  readonly size: number;
  readonly root: string;
}

/** True when the path shows that the first `old.size` leaves of the tree `now` are those of the tree `old`. */
export function extendsTree(old: Tree, now: Tree, path: readonly string[]): boolean {
  if (!(old.size > 0 && old.size <= now.size)) return false;
  if (old.size === now.size) return path.length === 0 && old.root === now.root;
  let [at, last] = [old.size - 1, now.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  const steps = [...path];
  // A full subtree of the new tree is the old tree itself, whose root the path leaves out.
  const first = at === 0 ? old.root : steps.shift();
  if (first === undefined) return false;
  let oldNode = first,
    newNode = first;
  for (const step of steps) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldNode = nodeOf(step, oldNode);
      newNode = nodeOf(step, newNode);
      while (at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    } else newNode = nodeOf(newNode, step);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && oldNode === old.root && newNode === now.root;
}
