/**
 * The writer of the chain (L8): one object a process, group commit, the lock of the state folder held for a batch. A batch is
 * one write and at most one sync; what others appended meanwhile is read and judged before.
 */
import { join } from 'node:path';
import { makeFolders, syncNewFolders, writeFileAtomic } from '../foundation/atomic-file.ts';
import { pause, systemClock, type Clock } from '../foundation/clock.ts';
import { sha256 } from '../foundation/digest.ts';
import { asCcosError, CcosError, errnoOf } from '../foundation/errors.ts';
import { systemFiles, writeAll, type Files } from '../foundation/files.ts';
import { actionId, chainId } from '../foundation/ids.ts';
import { openLock, type FolderLock } from '../foundation/lock.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import { SyncPace } from '../foundation/sync-pace.ts';
import { keyLost, parentFault, unavailable } from './chain-errors.ts';
import { ChainFollower } from './follow.ts';
import type { ChainFold } from './fold.ts';
import { headPath, readHeadFile, signedHead, writeHeadFile, type Head } from './head.ts';
import { loadKeyPair, makeKeys, type KeyPair } from './keys.ts';
import { ChainReader } from './reader.ts';
import type { ChainRecord, ChainWriter, Durability, RecordDraft } from './record.ts';
import { keepRest, readRest, restOf } from './rest.ts';
import { checkedDraft, seal } from './schema.ts';
import { readLines, SEGMENT_BYTES_MAX, segmentName } from './segments.ts';
import { broken } from './stored.ts';
import { readChain, type Reading } from './verify.ts';

/** A head is signed after so many records (L6.2). */
const HEAD_RECORDS_MAX = 256;
/** A head is signed so long after the first record that none covers (L6.2). */
const HEAD_AFTER_MS = 1_000;
/** The lock is kept at most so long while more is queued (L8.7), and then left free for so long. */
const LOCK_KEPT_MS = 20;
const LOCK_FREE_MS = 2;
/** Microtasks that a caller may need until it comes with the next record. */
const ANSWER_TURNS = 8;

async function turns(): Promise<void> {
  for (let turn = 0; turn < ANSWER_TURNS; turn++) await Promise.resolve();
}

/** How a chain is opened. */
export interface ChainOptions {
  readonly clock?: Clock;
  readonly files?: Files;
  /** Bytes at which a segment is left; 64 MiB unless a test wants less. */
  readonly segmentBytesMax?: number;
}

interface Waiting {
  readonly draft: RecordDraft;
  readonly durability: Durability;
  resolve(record: ChainRecord): void;
  reject(error: unknown): void;
}
/** A batch that is decided when its turn comes (`update`). */
interface Turn {
  decide(): Promise<readonly RecordDraft[]>;
  resolve(records: readonly ChainRecord[]): void;
  reject(error: unknown): void;
}
interface HeadWish {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Opens the chain of a home for appending: makes folder, keys and `ChainCreated` at first use, and sets a torn tail aside (L14).
 * @throws `STATE_OPEN`, `CHAIN_KEY_MODE`, `CHAIN_BROKEN`, `CHAIN_UNAVAILABLE`, `STORE_LOCKED`, `IO`.
 */
export async function openChain(home: string, options: ChainOptions = {}): Promise<Chain> {
  const files = options.files ?? systemFiles;
  const clock = options.clock ?? systemClock;
  const path = await openStateFolder(home, 'write', files);
  const lock = openLock(path, clock);
  return lock.run(async () => {
    const folder = join(path, 'chain');
    let key = loadKeyPair(path, files);
    const reading = readRest(folder, files) ?? soundReading(folder, files);
    if (key === null && reading.fold.seq > 0) throw keyLost(path);
    syncNewFolders(files, makeFolders(files, folder));
    key ??= await makeKeys(path, files);
    if (reading.fold.key !== null && reading.fold.key.id !== key.id) throw keyLost(path);
    const chain = new Chain(
      { folder, key, lock, files, clock, segmentBytesMax: options.segmentBytesMax ?? SEGMENT_BYTES_MAX },
      reading,
    );
    await chain.begin();
    return chain;
  });
}

/** The chain read and judged; a torn tail is no obstacle. Throws `CHAIN_BROKEN {seq, reason}` (L14.2, L14.3). */
function soundReading(folder: string, files: Files): Reading {
  const reading = readChain(folder, files);
  if (reading.bad === null) return reading;
  const { bad, segments } = reading;
  // A first use that was cut short has a head nowhere and at most one record: it is begun again (L14.1).
  const unborn =
    reading.headFile.head === null && reading.headFile.found === 'absent' && bad.seq === 1 && bad.reason === 'form';
  const [segment] = segments;
  if (!unborn || segment === undefined || segments.length > 1) throw broken(bad.seq, bad.reason);
  return { ...reading, bad: null, torn: { segment, offset: 0, bytes: segment.size, reason: bad.reason } };
}

interface Place {
  readonly folder: string;
  readonly key: KeyPair;
  readonly lock: FolderLock;
  readonly files: Files;
  readonly clock: Clock;
  readonly segmentBytesMax: number;
}

/** An open chain. Reading methods see what is on disk now. */
export class Chain implements ChainWriter {
  readonly #place: Place;
  readonly #pace: SyncPace;
  /** The records as they can be read (L10). */
  readonly reader: ChainReader;
  #fold: ChainFold;
  #torn: Reading['torn'];
  #fd: number | null = null;
  #fdSegment = 0;
  #head: Head | null = null;
  #headStamp: string | null = null;
  /** What is kept of the chain for the next opening, once this process signed a head (L17.5). */
  #rest: string | null = null;
  /** Records behind the head that are more than a `ChainHead` and the like (L6.2). */
  #uncovered = 0;
  #unsynced = false;
  #headTimer: ReturnType<typeof setTimeout> | null = null;
  #waiting: Waiting[] = [];
  #turns: Turn[] = [];
  #headWishes: HeadWish[] = [];
  #pumping = false;
  #failure: CcosError | null = null;
  #closed: Promise<void> | null = null;

  /** Made by `openChain` alone. */
  constructor(place: Place, reading: Reading) {
    this.#place = place;
    this.#pace = new SyncPace(place.files, place.clock);
    this.reader = new ChainReader(place.folder, { files: place.files });
    this.#fold = reading.fold;
    this.#torn = reading.torn;
    this.#adopt(reading);
  }

  /** The public key that heads are signed with, in the form of `--show-key` (L7.5). */
  get publicKey(): { readonly id: string; readonly raw: string } {
    return { id: this.#place.key.id, raw: this.#place.key.raw };
  }

  /** The id of the chain. */
  get id(): string {
    return this.#fold.chain as string;
  }

  /** Follows the records from the first on; within `update`, all of them are there. */
  follow(): ChainFollower {
    return new ChainFollower(this.#place.folder, this.#place.files);
  }

  /** First use: `ChainCreated` and its head (L6.2). Called by `openChain`, under the lock. */
  async begin(): Promise<void> {
    if (this.#torn !== null || this.#fold.seq === 0) await this.#commit([]);
    if (this.#head === null) await this.#signHead();
  }

  /**
   * Appends a record (L8.1). `durable`, the default, resolves after the sync; `written` after the write; `queued` when the record
   * has its place in the chain.
   * @throws `CHAIN_SCHEMA`, `CHAIN_PARENT`, `CHAIN_UNAVAILABLE {errno}`, `CHAIN_BROKEN`, `STORE_LOCKED`.
   */
  append(draft: RecordDraft, durability: Durability = 'durable'): Promise<ChainRecord> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) throw unavailable('EBADF', 'it was closed');
      if (this.#failure !== null) throw this.#failure;
      this.#waiting.push({ draft: checkedDraft(draft), durability, resolve, reject });
      this.#wake();
    });
  }

  /**
   * Appends what `decide` says when its turn has come: under the lock, and behind everything that others appended, so that what it
   * read of the record then still holds. Its records stand together, in one write, and are durable; of none, nothing is written.
   * @throws what `decide` throws, with nothing appended, and what `append` throws.
   */
  update(decide: () => Promise<readonly RecordDraft[]>): Promise<readonly ChainRecord[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) throw unavailable('EBADF', 'it was closed');
      if (this.#failure !== null) throw this.#failure;
      this.#turns.push({ decide, resolve, reject });
      this.#wake();
    });
  }

  /** Makes everything appended so far durable and signs it (L6.2); at the end of a run. Throws as `append` does. */
  signHead(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      this.#headWishes.push({ resolve, reject });
      this.#wake();
    });
  }

  /** Waits for what is queued, signs a head and gives the files back. Idempotent; a failed chain closes without a head. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      try {
        if (this.#failure === null) await this.signHead();
        if (this.#rest !== null) await keepRest(this.#place.folder, this.#place.files, this.#rest);
      } finally {
        if (this.#headTimer !== null) clearTimeout(this.#headTimer);
        this.#closeSegment();
      }
    })();
    return this.#closed;
  }

  #wake(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#pump();
  }

  async #pump(): Promise<void> {
    // Drafts of one turn share the batch, and those that their writer says next: a decision and its call are one sync (L17.6).
    await turns();
    while (this.#waiting.length + this.#turns.length + this.#headWishes.length > 0) {
      const start = this.#place.clock.monotonic();
      try {
        const release = this.#place.lock.tryAcquire() ?? (await this.#place.lock.acquire());
        try {
          await this.#work(start + LOCK_KEPT_MS);
        } finally {
          release();
        }
      } catch (error) {
        this.#fail(asCcosError(error));
      }
      // Other processes try at random moments: without a gap they might never see the lock free.
      if (this.#waiting.length + this.#turns.length > 0) await pause(LOCK_FREE_MS);
    }
    this.#pumping = false;
  }

  /** Batches, under the lock, until nothing is queued or the lock has been held long enough (L8.7). */
  async #work(until: number): Promise<void> {
    this.#catchUp();
    do {
      const batch = this.#waiting.splice(0, Math.max(1, HEAD_RECORDS_MAX - this.#uncovered));
      if (batch.length > 0) await this.#commit(batch);
      const turn = this.#turns.shift();
      if (turn !== undefined) await this.#take(turn);
      if (this.#headWishes.length > 0 && this.#waiting.length + this.#turns.length === 0) {
        const wishes = this.#headWishes.splice(0);
        try {
          await this.#signHead();
        } catch (error) {
          this.#headWishes.push(...wishes);
          throw error;
        }
        for (const wish of wishes) wish.resolve();
      } else if (this.#uncovered >= HEAD_RECORDS_MAX) await this.#signHead();
      // Whoever was just answered may append again at once, into the next batch: they are given their turn.
      await turns();
    } while (this.#waiting.length + this.#turns.length > 0 && this.#place.clock.monotonic() < until);
  }

  /** Decides and writes one batch of `update`, all of it or nothing. */
  async #take(turn: Turn): Promise<void> {
    let drafts: RecordDraft[];
    try {
      drafts = (await turn.decide()).map(checkedDraft);
      const fault = drafts.map((draft) => parentFault(this.#fold, draft)).find((found) => found !== null);
      if (fault !== undefined) throw fault;
    } catch (error) {
      turn.reject(error);
      return;
    }
    const records: ChainRecord[] = [];
    const { reject } = turn;
    try {
      if (this.#uncovered > 0 && this.#uncovered + drafts.length > HEAD_RECORDS_MAX) await this.#signHead();
      const resolve = (record: ChainRecord): unknown => records.push(record);
      if (drafts.length > 0)
        await this.#commit(drafts.map((draft) => ({ draft, durability: 'durable', resolve, reject })));
    } catch (error) {
      reject(error);
      throw error;
    }
    turn.resolve(records);
  }

  /** Everybody who waits learns why; nothing is appended any more (L8.5). */
  #fail(error: CcosError): void {
    // A lock that was not free in time spoils nothing; everything else leaves the end of the chain unknown.
    if (error.code !== 'STORE_LOCKED') this.#failure = error;
    for (const { reject } of [...this.#waiting.splice(0), ...this.#turns.splice(0), ...this.#headWishes.splice(0)])
      reject(error);
  }

  /** Writes a batch, and before it what the chain itself has to say; syncs when somebody waits for that (L8.4). */
  async #commit(batch: readonly Waiting[]): Promise<void> {
    const accepted: { readonly waiting: Waiting; readonly record: ChainRecord }[] = [];
    let settled = 0;
    try {
      if (this.#fold.segmentBytes >= this.#place.segmentBytesMax) await this.#rotate();
      const fd = this.#openSegment();
      let lines = '';
      const add = (draft: RecordDraft): ChainRecord => {
        const { record, line } = this.#seal(draft);
        lines += line;
        return record;
      };
      const opening = await this.#preface();
      for (const draft of opening) add(draft);
      for (const waiting of batch) {
        const fault = parentFault(this.#fold, waiting.draft);
        if (fault !== null) {
          waiting.reject(fault);
          continue;
        }
        accepted.push({ waiting, record: add(waiting.draft) });
      }
      for (const { waiting, record } of accepted) if (waiting.durability === 'queued') waiting.resolve(record);
      this.#unsynced ||= lines.length > 0;
      writeAll(this.#place.files, fd, Buffer.from(lines, 'utf8'));
      this.#uncovered += accepted.length;
      for (const { waiting, record } of accepted) if (waiting.durability === 'written') waiting.resolve(record);
      const recovering = opening.some(({ kind }) => kind === 'ChainRecovered' || kind === 'ChainCreated');
      if (recovering || accepted.some(({ waiting }) => waiting.durability === 'durable')) await this.#sync(fd);
      for (const { waiting, record } of accepted) if (waiting.durability === 'durable') waiting.resolve(record);
      settled = accepted.length;
    } catch (error) {
      const reason =
        error instanceof CcosError && error.code !== 'IO'
          ? error
          : unavailable(
              errnoOf(error) ?? String((error as CcosError).details?.['errno'] ?? 'EIO'),
              'writing it failed',
              error,
            );
      // Those whose record stands already keep it; their promise ignores this.
      for (const { reject } of batch) reject(reason);
      throw reason;
    }
    if (settled > 0) this.#armHeadTimer();
  }

  /** What must stand before the next record: the opening of a segment, the head that covers all before, a recovery (L6.2, L8.8, L14.1). */
  async #preface(): Promise<RecordDraft[]> {
    const drafts: RecordDraft[] = [];
    const say = (kind: RecordDraft['kind'], payload: RecordDraft['payload']): void => {
      drafts.push({ kind, principal: 'system', payload });
    };
    const recovered = this.#torn === null ? null : await this.#setAside(this.#torn);
    this.#torn = null;
    const { id, raw } = this.#place.key;
    if (this.#fold.seq === 0) say('ChainCreated', { chain: chainId(this.#place.clock), key: id, publicKey: raw });
    const atHead = this.#head !== null && this.#fold.seq === this.#head.size;
    if (this.#fold.segment > 1 && this.#fold.segmentBytes === 0) say('SegmentOpened', this.#fold.segmentOpening());
    const afterOpening =
      this.#head !== null &&
      this.#fold.seq === this.#head.size + 1 &&
      this.#fold.segmentRecords === 1 &&
      this.#fold.segment > 1;
    if (atHead || afterOpening) say('ChainHead', { ...this.#head });
    if (recovered !== null) {
      say('ChainRecovered', recovered);
      this.#uncovered++;
    }
    return drafts;
  }

  #seal(draft: RecordDraft): { readonly record: ChainRecord; readonly line: string } {
    const { clock } = this.#place;
    const sealed = seal({
      ...(draft as Omit<RecordDraft, 'payload'> & Pick<ChainRecord, 'payload'>),
      id: draft.id ?? actionId(clock),
      prev: this.#fold.last,
      seq: this.#fold.seq + 1,
      time: clock.now(),
      v: 1,
    } as Omit<ChainRecord, 'hash'>);
    this.#fold.advance(sealed.record, Buffer.byteLength(sealed.line));
    return sealed;
  }

  async #sync(fd: number): Promise<void> {
    if (!this.#unsynced) return;
    const slow = this.#pace.sync(fd);
    if (slow !== undefined) await slow;
    this.#unsynced = false;
  }

  /** Signs the chain as it stands, all of it durable; nothing when no record came since the last head (L6.2). Under the lock. */
  async #signHead(): Promise<void> {
    if (this.#headTimer !== null) clearTimeout(this.#headTimer);
    this.#headTimer = null;
    const { folder, key, files, clock } = this.#place;
    if (this.#head !== null && this.#uncovered === 0) return;
    if (this.#fd !== null) await this.#sync(this.#fd);
    const fold = this.#fold;
    const head = signedHead(
      {
        bytes: fold.segmentBytes,
        chain: fold.chain as string,
        last: fold.last,
        root: fold.root(),
        segment: segmentName(fold.segment),
        size: fold.seq,
        time: clock.now(),
      },
      key,
    );
    await writeHeadFile(folder, head, files);
    this.#head = head;
    this.#headStamp = files.status(headPath(folder))?.stamp ?? null;
    this.#uncovered = 0;
    this.#rest = restOf(folder, files, { fold, head });
  }

  #armHeadTimer(): void {
    if (this.#headTimer !== null || this.#uncovered === 0) return;
    // A failure of this head fails the chain, and whoever appends next is told.
    this.#headTimer = setTimeout(() => {
      this.#headTimer = null;
      this.signHead().catch(() => undefined);
    }, HEAD_AFTER_MS);
    this.#headTimer.unref();
  }

  /** Leaves the segment: head signed, the file never written again (L8.8). The next `#openSegment` makes the new one. */
  async #rotate(): Promise<void> {
    if (this.#fd !== null) await this.#sync(this.#fd);
    await this.#signHead();
    this.#place.files.setMode(join(this.#place.folder, segmentName(this.#fold.segment)), 0o400);
    this.#fold.nextSegment();
  }

  #openSegment(): number {
    if (this.#fd !== null && this.#fdSegment === this.#fold.segment) return this.#fd;
    this.#closeSegment();
    const { files, folder } = this.#place;
    const path = join(folder, segmentName(this.#fold.segment));
    const isNew = files.status(path) === null;
    this.#fd = files.open(path, 'append', 0o600);
    this.#fdSegment = this.#fold.segment;
    if (isNew) files.syncFolder(folder);
    return this.#fd;
  }

  #closeSegment(): void {
    if (this.#fd !== null) this.#place.files.close(this.#fd);
    this.#fd = null;
  }

  /** Copies a torn tail to a file of its own and cuts it (L14.1); the payload of the record that says so. */
  async #setAside(torn: NonNullable<Reading['torn']>): Promise<RecordDraft['payload']> {
    const { files, folder, clock } = this.#place;
    const bytes = Buffer.alloc(torn.bytes);
    const fd = this.#openSegment();
    for (let filled = 0; filled < bytes.length;) {
      const count = files.read(fd, bytes.subarray(filled), torn.offset + filled);
      if (count === 0) break;
      filled += count;
    }
    const digest = sha256(bytes);
    const keptAs = `torn-${new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, '')}-${digest.slice(0, 6)}.bin`;
    await writeFileAtomic(join(folder, keptAs), bytes, { files });
    files.truncate(fd, torn.offset);
    files.fdatasync(fd);
    return { bytes: bytes.length, sha256: digest, keptAs, afterSeq: this.#fold.seq, reason: torn.reason };
  }

  /** Takes in what other processes did since this one last held the lock (L8.7). Throws `CHAIN_BROKEN`. */
  #catchUp(): void {
    const { files, folder } = this.#place;
    const path = join(folder, segmentName(this.#fold.segment));
    const size = files.status(path)?.size ?? 0;
    const stamp = files.status(headPath(folder))?.stamp ?? null;
    if (size === this.#fold.segmentBytes && stamp === this.#headStamp) return;
    if (size < this.#fold.segmentBytes) throw broken(this.#fold.seq, 'truncated');
    const file = readHeadFile(folder, files);
    if (file.head === null) throw broken(this.#fold.seq, 'head-missing');
    for (;;) {
      if (!this.#takeSegment(file.head)) break;
      if (files.status(join(folder, segmentName(this.#fold.segment + 1))) === null) break;
      this.#fold.nextSegment();
    }
    this.#adoptHead(file.head);
    this.#headStamp = stamp;
  }

  /** Folds the lines behind what is known of the present segment; false when they end in a torn tail. */
  #takeSegment(head: Head): boolean {
    const { files, folder } = this.#place;
    const fold = this.#fold;
    const segment = {
      number: fold.segment,
      name: segmentName(fold.segment),
      path: join(folder, segmentName(fold.segment)),
      size: 0,
    };
    const size = files.status(segment.path)?.size ?? 0;
    for (const line of readLines(files, segment, {
      from: fold.segmentBytes,
      to: size,
      firstLine: fold.segmentRecords + 1,
    })) {
      const judged = fold.take(line);
      if ('record' in judged) {
        this.#count(judged.record);
        if (fold.seq === head.size) {
          const fault = fold.judgeHead(head);
          if (fault !== null) throw broken(fold.seq, fault.reason);
        }
        continue;
      }
      if (judged.fault.seq <= head.size) throw broken(judged.fault.seq, judged.fault.reason);
      this.#torn = {
        segment: { ...segment, size },
        offset: line.offset,
        bytes: size - line.offset,
        reason: judged.fault.reason,
      };
      return false;
    }
    return true;
  }

  #count(record: ChainRecord): void {
    if (record.kind !== 'ChainHead' && record.kind !== 'SegmentOpened') this.#uncovered++;
  }

  #adoptHead(head: Head): void {
    if (head.size > this.#fold.seq) throw broken(this.#fold.seq + 1, 'truncated');
    this.#head = head;
    this.#uncovered = Math.min(this.#uncovered, this.#fold.seq - head.size);
  }

  #adopt(reading: Reading): void {
    const { files, folder } = this.#place;
    this.#head = reading.headFile.head;
    this.#headStamp = files.status(headPath(folder))?.stamp ?? null;
    const behind = reading.fold.seq - (this.#head?.size ?? 0);
    // Behind a head stand its `ChainHead` and perhaps a `SegmentOpened`, which need no head of their own.
    const newest = reading.fold.newestHead;
    const opened = reading.fold.segment > 1 && reading.fold.segmentRecords === 1 ? 1 : 0;
    const own = this.#head !== null && newest?.head.size === this.#head.size ? newest.seq - this.#head.size : opened;
    this.#uncovered = this.#head === null ? behind : Math.max(0, behind - own);
  }
}
