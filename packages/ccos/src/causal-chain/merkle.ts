/** The Merkle tree of RFC 6962 §2.1 over the records (L3.4), grown leaf by leaf: only the roots of full subtrees are kept. */
import { hash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The leaf of a record's hash: SHA-256 of 0x00 and its 32 bytes, in hex. */
export function leafHash(recordHash: string): string {
  return sha256(LEAF, Buffer.from(recordHash, 'hex')).toString('hex');
}

/** A tree that can only grow. Its memory and the cost of a leaf are logarithmic in its size. */
export class MerkleTree {
  #size = 0;
  /** Roots of the full subtrees, largest first: one for each set bit of the size. */
  readonly #peaks: Buffer[] = [];

  /** The tree of so many leaves whose full subtrees have these roots, in hex; null when it would be none. */
  static from(size: number, peaks: readonly string[]): MerkleTree | null {
    let bits = 0;
    for (let left = size; left > 0; left = Math.floor(left / 2)) bits += left % 2;
    if (peaks.length !== bits) return null;
    const tree = new MerkleTree();
    tree.#size = size;
    tree.#peaks.push(...peaks.map((peak) => Buffer.from(peak, 'hex')));
    return tree;
  }

  /** Roots of the full subtrees, largest first, in hex. */
  peaks(): readonly string[] {
    return this.#peaks.map((peak) => peak.toString('hex'));
  }

  /** Records so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds the record of this hash (64 hex). */
  add(recordHash: string): void {
    let node = sha256(LEAF, Buffer.from(recordHash, 'hex'));
    // Each full subtree that the new leaf completes joins its left neighbour of the same size. (Not by bit operations: sizes pass 2^31.)
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2)
      node = sha256(NODE, this.#peaks.pop() as Buffer, node);
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
    if (root === undefined) return sha256().toString('hex');
    for (let at = this.#peaks.length - 2; at >= 0; at--) root = sha256(NODE, this.#peaks[at] as Buffer, root);
    return root.toString('hex');
  }
}
