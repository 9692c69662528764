/**
 * A persistent index from hashes to positions (a hash array mapped trie). It knows no keys: whoever looks one up
 * compares the keys
 * at the positions found. `edit` says that the index is not shared yet and may be changed in place.
 */

/** All positions with one hash. */
interface Leaf {
  readonly hash: number;
  readonly at: readonly number[];
}
/** Children by five bits of the hash, only the present ones stored. */
interface Branch {
  bits: number;
  slots: (Leaf | Branch)[];
}
/** The index itself. */
export type HashIndex = Branch;

const BITS = 5;
const NONE: readonly number[] = [];

/** An index without positions. */
export function emptyIndex(): HashIndex {
  return { bits: 0, slots: [] };
}

function count(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function isLeaf(slot: Leaf | Branch): slot is Leaf {
  return 'at' in slot;
}

/** The positions whose key has this hash. */
export function positions(index: HashIndex, hash: number): readonly number[] {
  let branch = index;
  for (let shift = 0; ; shift += BITS) {
    const bit = 1 << ((hash >>> shift) & 31);
    if ((branch.bits & bit) === 0) return NONE;
    const slot = branch.slots[count(branch.bits & (bit - 1))] as Leaf | Branch;
    if (isLeaf(slot)) return slot.hash === hash ? slot.at : NONE;
    branch = slot;
  }
}

function pair(a: Leaf, b: Leaf, shift: number): Branch {
  const left = (a.hash >>> shift) & 31;
  const right = (b.hash >>> shift) & 31;
  if (left === right) return { bits: 1 << left, slots: [pair(a, b, shift + BITS)] };
  return { bits: (1 << left) | (1 << right), slots: left < right ? [a, b] : [b, a] };
}

/** An index that has `at` for this hash too. */
export function withPosition(index: HashIndex, hash: number, at: number, edit: boolean): HashIndex {
  return insert(index, { hash, at: [at] }, 0, edit);
}

function insert(branch: Branch, leaf: Leaf, shift: number, edit: boolean): Branch {
  const bit = 1 << ((leaf.hash >>> shift) & 31);
  const place = count(branch.bits & (bit - 1));
  const target = edit ? branch : { bits: branch.bits, slots: branch.slots.slice() };
  if ((branch.bits & bit) === 0) {
    target.bits |= bit;
    target.slots.splice(place, 0, leaf);
    return target;
  }
  const slot = branch.slots[place] as Leaf | Branch;
  if (!isLeaf(slot)) target.slots[place] = insert(slot, leaf, shift + BITS, edit);
  else if (slot.hash === leaf.hash) target.slots[place] = { hash: slot.hash, at: [...slot.at, ...leaf.at] };
  else target.slots[place] = pair(slot, leaf, shift + BITS);
  return target;
}

/** An index without `at` for this hash. */
export function withoutPosition(index: HashIndex, hash: number, at: number): HashIndex {
  return remove(index, hash, at, 0);
}

function remove(branch: Branch, hash: number, at: number, shift: number): Branch {
  const bit = 1 << ((hash >>> shift) & 31);
  const place = count(branch.bits & (bit - 1));
  const slot = branch.slots[place];
  if ((branch.bits & bit) === 0 || slot === undefined) return branch;
  const slots = branch.slots.slice();
  const rest = isLeaf(slot) ? leafWithout(slot, at) : remove(slot, hash, at, shift + BITS);
  if (rest === null || (!isLeaf(rest) && rest.slots.length === 0)) {
    slots.splice(place, 1);
    return { bits: branch.bits & ~bit, slots };
  }
  slots[place] = rest;
  return { bits: branch.bits, slots };
}

function leafWithout(leaf: Leaf, at: number): Leaf | null {
  const rest = leaf.at.filter((other) => other !== at);
  return rest.length === 0 ? null : { hash: leaf.hash, at: rest };
}
