/**
 * The chain as a fold over its lines: everything that L11.1–L11.6 demand of a line, given the lines before it. Verification,
 * recovery and the writer all look at lines through this one door.
 */
import { canonicalText, parseCanonicalText } from '../foundation/canonical-json.ts';
import { isHash } from '../foundation/digest.ts';
import { headVerifies, sameHead, type Head } from './head.ts';
import { publicKeyFrom, type PublicKey } from './keys.ts';
import { MerkleTree } from './merkle.ts';
import type { ChainRecord, RecordDraft } from './record.ts';
import { hashOfLine, NO_HASH, recordFault } from './schema.ts';
import { segmentName, type Line } from './segments.ts';
import { pointerOf } from './shape.ts';

/** Why a line, or the head, does not stand (L11.1–L11.7). */
export type Reason =
  | 'form'
  | 'hash'
  | 'seq'
  | 'link'
  | 'schema'
  | 'parent'
  | 'id'
  | 'signature'
  | 'key'
  | 'root'
  | 'head-missing'
  | 'head-old'
  | 'truncated';

/** The first thing that is wrong: the record it concerns, what was expected and what is there. */
export interface Fault {
  readonly seq: number;
  readonly reason: Reason;
  readonly expected: string;
  readonly found: string;
}

/** A line that was looked at: its record when it stands, else its fault. `hash` is its own, null when it has none. */
export type Judged =
  | { readonly record: ChainRecord }
  | { readonly fault: Fault; readonly prev: string | null; readonly hash: string | null };

/** What a fold is behind a record, as data. `newestId` is the greatest id so far. */
export interface FoldState {
  readonly seq: number;
  readonly last: string;
  readonly chain: string;
  readonly publicKey: string;
  readonly segment: number;
  readonly segmentBytes: number;
  readonly segmentRecords: number;
  readonly previousSegmentRecords: number;
  readonly previousKind: string;
  readonly beforeOpening: { readonly size: number; readonly last: string; readonly root: string };
  readonly heads: number;
  readonly newestHead: { readonly head: Head; readonly seq: number } | null;
  readonly newestId: string;
  readonly peaks: readonly string[];
}

/** True for what `ChainFold.state` gives. */
export function isFoldState(value: unknown): value is FoldState {
  const state = (value ?? {}) as Partial<FoldState>;
  const counts = [
    state.seq,
    state.segment,
    state.segmentBytes,
    state.segmentRecords,
    state.previousSegmentRecords,
    state.heads,
  ];
  const texts = [state.last, state.chain, state.publicKey, state.previousKind, state.newestId];
  return (
    counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
    texts.every((text) => typeof text === 'string') &&
    typeof state.beforeOpening === 'object' &&
    typeof state.newestHead === 'object' &&
    Array.isArray(state.peaks) &&
    state.peaks.every(isHash)
  );
}

/** The state of a chain behind a record. */
export class ChainFold {
  #seq = 0;
  #last = NO_HASH;
  #chain: string | null = null;
  #key: PublicKey | null = null;
  #segment = 1;
  #segmentBytes = 0;
  #segmentRecords = 0;
  #previousSegmentRecords = 0;
  #previousKind = '';
  #beforeOpening = { size: 0, last: NO_HASH, root: '' };
  #heads = 0;
  #newestHead: { readonly head: Head; readonly seq: number } | null = null;
  #expected: Head | null = null;
  readonly #ids = new Set<string>();
  #newestId = '';
  /** Ids of records that this fold has not taken itself, all of them at most `newest`; read when one of those is asked for. */
  #earlier: { readonly newest: string; readonly ids: () => ReadonlySet<string> } | null = null;
  #tree = new MerkleTree();

  /** The fold of a state; `ids` answers those of the records behind it. It has no key when the state is none of a chain. */
  static from(state: FoldState, ids: () => ReadonlySet<string>): ChainFold {
    const fold = new ChainFold();
    const tree = MerkleTree.from(state.seq, state.peaks);
    if (tree === null) return fold;
    fold.#seq = state.seq;
    fold.#last = state.last;
    fold.#chain = state.chain;
    fold.#key = publicKeyFrom(state.publicKey);
    fold.#segment = state.segment;
    fold.#segmentBytes = state.segmentBytes;
    fold.#segmentRecords = state.segmentRecords;
    fold.#previousSegmentRecords = state.previousSegmentRecords;
    fold.#previousKind = state.previousKind;
    fold.#beforeOpening = state.beforeOpening;
    fold.#heads = state.heads;
    fold.#newestHead = state.newestHead;
    fold.#newestId = state.newestId;
    fold.#tree = tree;
    let known: ReadonlySet<string> | null = null;
    fold.#earlier = { newest: state.newestId, ids: () => (known ??= ids()) };
    return fold;
  }

  /** What this fold is, as data. */
  state(): FoldState {
    return {
      seq: this.#seq,
      last: this.#last,
      chain: this.#chain ?? '',
      publicKey: this.#key?.raw ?? '',
      segment: this.#segment,
      segmentBytes: this.#segmentBytes,
      segmentRecords: this.#segmentRecords,
      previousSegmentRecords: this.#previousSegmentRecords,
      previousKind: this.#previousKind,
      beforeOpening: this.#beforeOpening,
      heads: this.#heads,
      newestHead: this.#newestHead,
      newestId: this.#newestId,
      peaks: this.#tree.peaks(),
    };
  }

  /** The last record's `seq`; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }
  /** The last record's hash. */
  get last(): string {
    return this.#last;
  }
  /** The id of the chain; null before the first record. */
  get chain(): string | null {
    return this.#chain;
  }
  /** The key that heads are signed with; null before the first record. */
  get key(): PublicKey | null {
    return this.#key;
  }
  /** The number of the segment that the next line belongs to. */
  get segment(): number {
    return this.#segment;
  }
  /** Bytes and records of that segment so far. */
  get segmentBytes(): number {
    return this.#segmentBytes;
  }
  get segmentRecords(): number {
    return this.#segmentRecords;
  }
  /** How many `ChainHead` records there are, and the newest. */
  get heads(): number {
    return this.#heads;
  }
  get newestHead(): { readonly head: Head; readonly seq: number } | null {
    return this.#newestHead;
  }

  /** The Merkle root of all records so far. */
  root(): string {
    return this.#tree.root();
  }
  /** True when a record of this id has been. */
  has(id: string): boolean {
    if (this.#ids.has(id)) return true;
    // Ids ascend with time, so that a new one is not looked for among those of earlier records.
    return this.#earlier !== null && id <= this.#earlier.newest && this.#earlier.ids().has(id);
  }

  /** The head in `head.json`: at its size the chain must be what it says, and the record behind is its `ChainHead` (L11.6). */
  expectHead(head: Head): void {
    this.#expected = head;
  }

  /** The next line belongs to the next segment. */
  nextSegment(): void {
    this.#segment++;
    this.#segmentBytes = 0;
    this.#previousSegmentRecords = this.#segmentRecords;
    this.#segmentRecords = 0;
  }

  /** Judges a line and, when it stands, takes it. */
  take(line: Line): Judged {
    const read = line.complete ? this.#read(line) : null;
    if (read === null) {
      const found = line.complete ? 'bytes that are not' : 'a line without its newline';
      return { fault: this.#fault('form', 'one canonical JSON object a line', found), prev: null, hash: null };
    }
    const { record, hash } = read;
    const fault = this.#unsound(record, hash) ?? this.#headFault(record, hash, line.bytes);
    if (fault !== null) return { fault, prev: typeof record.prev === 'string' ? record.prev : null, hash };
    this.advance(record, line.bytes);
    return { record };
  }

  /** Takes a record that is known to stand: the writer's own. `bytes` are those of its line. */
  advance(record: ChainRecord, bytes: number): void {
    if (record.kind === 'SegmentOpened') this.#beforeOpening = this.#state();
    this.#seq = record.seq;
    this.#last = record.hash;
    this.#tree.add(record.hash);
    this.#ids.add(record.id);
    if (record.id > this.#newestId) this.#newestId = record.id;
    this.#segmentBytes += bytes;
    this.#segmentRecords++;
    this.#previousKind = record.kind;
    if (record.kind === 'ChainHead') {
      this.#heads++;
      this.#newestHead = { head: record.payload as unknown as Head, seq: record.seq };
    } else if (record.kind === 'ChainCreated') {
      this.#chain = record.payload['chain'] as string;
      this.#key = publicKeyFrom(record.payload['publicKey'] as string);
    }
  }

  /** What is wrong with a head over the records so far (a `SegmentOpened` at their end aside), or null (L11.6). */
  judgeHead(head: Head): Fault | null {
    const { size, last, root } = this.#previousKind === 'SegmentOpened' ? this.#beforeOpening : this.#state();
    if (this.#key === null || head.key !== this.#key.id) return this.#fault('key', this.#key?.id ?? 'a key', head.key);
    if (!headVerifies(head, this.#key)) return this.#fault('signature', `a signature of ${head.key}`, 'another');
    if (head.size !== size) return this.#fault('root', `size ${size}`, `size ${head.size}`);
    if (head.chain !== this.#chain) return this.#fault('root', `chain ${this.#chain}`, `chain ${head.chain}`);
    if (head.last !== last) return this.#fault('root', `last record ${head.last}`, last);
    return head.root === root ? null : this.#fault('root', `root ${head.root}`, root);
  }

  #state(): { readonly size: number; readonly last: string; readonly root: string } {
    return { size: this.#seq, last: this.#last, root: this.root() };
  }

  #read(line: Line): { readonly record: ChainRecord; readonly hash: string } | null {
    if (line.text === null || !line.text.startsWith('{')) return null;
    try {
      return { record: parseCanonicalText(line.text) as unknown as ChainRecord, hash: hashOfLine(line.text) };
    } catch {
      return null;
    }
  }

  /** L11.2–L11.5, in order. */
  #unsound(record: ChainRecord, hash: string): Fault | null {
    const seq = this.#seq + 1;
    const fault = (reason: Reason, expected: string, found: string): Fault => ({ seq, reason, expected, found });
    if (record.hash !== hash) return fault('hash', hash, String(record.hash));
    if (record.seq !== seq) return fault('seq', String(seq), String(record.seq));
    if (record.prev !== this.#last) return fault('link', this.#last, String(record.prev));
    const shape = recordFault(record);
    if (shape !== null) return fault('schema', shape.expected, pointerOf(shape));
    if ((seq === 1) !== (record.kind === 'ChainCreated'))
      return fault('schema', 'ChainCreated as the first record, and only there', record.kind);
    if (record.parent !== undefined && !this.has(record.parent))
      return fault('parent', 'an earlier record', record.parent);
    if (this.has(record.id)) return fault('id', 'an id of its own', record.id);
    return this.#segmentFault(record);
  }

  /** A segment begins with `SegmentOpened`, but for the first, and no other record is one (L8.8). */
  #segmentFault(record: ChainRecord): Fault | null {
    const begins = this.#segment > 1 && this.#segmentRecords === 0;
    if (begins !== (record.kind === 'SegmentOpened'))
      return this.#fault('schema', 'SegmentOpened at the start of a segment, and only there', record.kind);
    if (!begins) return null;
    const expected = canonicalText(this.segmentOpening());
    const found = canonicalText(record.payload);
    return found === expected ? null : this.#fault('schema', expected, found);
  }

  /** The payload of the `SegmentOpened` that begins the present segment (L4). */
  segmentOpening(): RecordDraft['payload'] {
    const previous = {
      segment: segmentName(this.#segment - 1),
      records: this.#previousSegmentRecords,
      last: this.#last,
    };
    return { segment: segmentName(this.#segment), previous };
  }

  /** L11.6, and what `head.json` says of the record at its size and of the one behind. */
  #headFault(record: ChainRecord, hash: string, bytes: number): Fault | null {
    if (record.kind === 'ChainCreated') {
      const key = publicKeyFrom(record.payload['publicKey'] as string);
      if (key?.id !== record.payload['key'])
        return this.#fault('key', key?.id ?? 'an Ed25519 key', String(record.payload['key']));
    }
    if (record.kind === 'ChainHead') {
      const fault = this.judgeHead(record.payload as unknown as Head);
      if (fault !== null) return fault;
    }
    const behind = this.#expected === null ? 0 : this.#seq + 1 - this.#expected.size;
    if (this.#expected === null || behind < 0 || behind > 2) return null;
    if (behind === 0) return this.#rootFault(this.#expected, record, hash, bytes);
    if (behind === 1 && record.kind === 'SegmentOpened') return null;
    if (behind === 2 && this.#previousKind !== 'SegmentOpened') return null;
    const same = record.kind === 'ChainHead' && sameHead(this.#expected, record.payload);
    return same ? null : this.#fault('root', 'the ChainHead of head.json', record.kind);
  }

  /** Whether the chain with this record is what `head.json` says. */
  #rootFault(head: Head, record: ChainRecord, hash: string, bytes: number): Fault | null {
    const place = { segment: segmentName(this.#segment), bytes: this.#segmentBytes + bytes };
    const chain = this.#chain ?? String(record.payload['chain']);
    if (head.chain !== chain) return this.#fault('root', `chain ${head.chain}`, `chain ${chain}`);
    if (head.last !== hash) return this.#fault('root', `last record ${head.last}`, hash);
    if (head.segment !== place.segment || head.bytes !== place.bytes) {
      return this.#fault('root', `${head.bytes} bytes in ${head.segment}`, `${place.bytes} bytes in ${place.segment}`);
    }
    const root = this.#tree.rootWith(record.hash);
    return head.root === root ? null : this.#fault('root', `root ${head.root}`, root);
  }

  #fault(reason: Reason, expected: string, found: string): Fault {
    return { seq: this.#seq + 1, reason, expected, found };
  }
}
