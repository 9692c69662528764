/** The Merkle tree of RFC 6962 §2.1 over the records (L3.4), grown leaf by leaf: only the roots of full subtrees are kept. */
import { hash } from 'node:crypto';

/** What is hashed, put together in one place: a byte that says what it is, and one or two hashes. */
const leafBytes = Buffer.alloc(33, 0);
const nodeBytes = Buffer.alloc(65, 1);

/** The leaf of a record's hash, in hex as that is: SHA-256 of 0x00 and its 32 bytes. Throws `TypeError` for anything else. */
export function leafOf(recordHash: string): string {
  // Less than 32 bytes would leave those of another record in their place.
  if (leafBytes.write(recordHash, 1, 'hex') !== 32) throw new TypeError(`not a hash: ${recordHash.slice(0, 80)}`);
  return hash('sha256', leafBytes, 'hex');
}

/** The node above two, in hex: SHA-256 of 0x01 and both. Throws `TypeError` for what is no hash. */
export function nodeOf(left: string, right: string): string {
  if (nodeBytes.write(left, 1, 32, 'hex') + nodeBytes.write(right, 33, 32, 'hex') !== 64)
    throw new TypeError(`not two hashes: ${left.slice(0, 80)} ${right.slice(0, 80)}`);
  return hash('sha256', nodeBytes, 'hex');
}

/** A tree that can only grow. Its memory and the cost of a leaf are logarithmic in its size. */
export class MerkleTree {
  #size = 0;
  /** Roots of the full subtrees, largest first: one for each set bit of the size. */
  readonly #peaks: string[] = [];

  /** The tree of so many leaves whose full subtrees have these roots, in hex; null when it would be none. */
  static from(size: number, peaks: readonly string[]): MerkleTree | null {
    let bits = 0;
    for (let left = size; left > 0; left = Math.floor(left / 2)) bits += left % 2;
    if (peaks.length !== bits) return null;
    const tree = new MerkleTree();
    tree.#size = size;
    tree.#peaks.push(...peaks);
    return tree;
  }

  /** Roots of the full subtrees, largest first, in hex. */
  peaks(): readonly string[] {
    return [...this.#peaks];
  }

  /** Records so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds the record of this hash (64 hex). */
  add(recordHash: string): void {
    let node = leafOf(recordHash);
    // Each full subtree that the new leaf completes joins its left neighbour of the same size. (Not by bit operations: sizes pass 2^31.)
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) node = nodeOf(this.#peaks.pop() as string, node);
    this.#peaks.push(node);
    this.#size++;
  }

  /** What the root would be with one record more. */
  rootWith(recordHash: string): string {
    const grown = new MerkleTree();
    grown.#size = this.#size;
    grown.#peaks.push(...this.#peaks);
    grown.add(recordHash);
    return grown.root();
  }

  /** The root of all leaves, in hex; of an empty tree SHA-256 of nothing. */
  root(): string {
    let root = this.#peaks.at(-1);
    if (root === undefined) return hash('sha256', '', 'hex');
    for (let at = this.#peaks.length - 2; at >= 0; at--) root = nodeOf(this.#peaks[at] as string, root);
    return root;
  }
}
