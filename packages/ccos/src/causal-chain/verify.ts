/** Verification (L11): reads a chain from its first byte, writes nothing, and names the first record that does not stand. */
import { join } from 'node:path';
import { errnoOf } from '../foundation/errors.ts';
import { ioError, systemFiles, type Files } from '../foundation/files.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import { ChainFold, type Fault, type Reason } from './fold.ts';
import { headPath, headVerifies, readHeadFile, type Head, type HeadFile } from './head.ts';
import { checkKeyModes } from './keys.ts';
import { listSegments, readLines, type Line, type SegmentFile } from './segments.ts';

/** The first thing that is wrong, and where it stands. `seq` names the record; `segment` is null when it stands nowhere. */
export interface FirstBad {
  readonly seq: number;
  readonly segment: string | null;
  readonly line: number | null;
  readonly offset: number | null;
  readonly reason: Reason;
  readonly expected: string;
  readonly found: string;
}

/** What a verification found (L11). `signedUpTo` is the size of the head; what stands behind it is `unsignedTail` records. */
export interface VerifyReport {
  readonly ok: boolean;
  readonly records: number;
  readonly segments: number;
  readonly heads: number;
  readonly signedUpTo: number;
  readonly unsignedTail: number;
  readonly trust: 'pinned' | 'self';
  readonly firstBad: FirstBad | null;
  /** When only a head fails: the records since the last good one, among which the change is (L11.8). */
  readonly range: { readonly from: number; readonly to: number } | null;
  readonly warnings: readonly {
    readonly code: 'TORN_TAIL';
    readonly afterSeq: number;
    readonly bytes: number;
    readonly message: string;
  }[];
  /** Files in the folder that are none of the chain's (L1.1). */
  readonly foreign: readonly string[];
}

/** A chain read as far as it stands. `torn` are the bytes from the first line that fails, when nobody has signed them. */
export interface Reading {
  readonly fold: ChainFold;
  readonly headFile: HeadFile;
  readonly segments: readonly SegmentFile[];
  readonly foreign: readonly string[];
  readonly bad: FirstBad | null;
  readonly range: { readonly from: number; readonly to: number } | null;
  readonly torn: {
    readonly segment: SegmentFile;
    readonly offset: number;
    readonly bytes: number;
    readonly reason: Reason;
  } | null;
}

/**
 * Verifies the chain of a home (L11). Takes no lock and may run while others append.
 * @throws `STATE_OPEN`, `CHAIN_KEY_MODE`, `IO`; a chain that does not verify is a report, not an error.
 */
export async function verifyChain(
  home: string,
  options: { readonly key?: string; readonly against?: Head; readonly files?: Files } = {},
): Promise<VerifyReport> {
  const files = options.files ?? systemFiles;
  const path = await openStateFolder(home, 'read', files);
  checkKeyModes(path, files);
  const reading = readChain(join(path, 'chain'), files, { pinnedKey: options.key, against: options.against });
  const { fold, headFile, torn, bad } = reading;
  const signedUpTo =
    headFile.head === null || bad !== null ? Math.min(headFile.head?.size ?? 0, fold.seq) : headFile.head.size;
  const tornMessage = (bytes: number): string =>
    `${bytes} bytes behind record ${fold.seq} do not verify; nobody has signed them`;
  return {
    ok: bad === null,
    records: fold.seq,
    segments: reading.segments.length,
    heads: fold.heads,
    signedUpTo,
    unsignedTail: fold.seq - signedUpTo,
    trust: options.key === undefined ? 'self' : 'pinned',
    firstBad: bad,
    range: reading.range,
    warnings:
      torn === null
        ? []
        : [{ code: 'TORN_TAIL', afterSeq: fold.seq, bytes: torn.bytes, message: tornMessage(torn.bytes) }],
    foreign: reading.foreign,
  };
}

/**
 * What a chain is held to beside itself: `pinnedKey` is base64 of the first key's 32 bytes (L7.5), `against` a head that was kept
 * elsewhere and of which the chain must be the continuation (L6.4).
 */
export interface KeptElsewhere {
  readonly pinnedKey?: string | undefined;
  readonly against?: Head | undefined;
}

/** Reads and judges a whole chain. Throws `IO`. */
export function readChain(folder: string, files: Files, kept: KeptElsewhere = {}): Reading {
  try {
    return new ChainReading(folder, files, kept).run();
  } catch (error) {
    throw ioError('read the chain in', folder, error);
  }
}

class ChainReading {
  readonly #folder: string;
  readonly #files: Files;
  readonly #kept: KeptElsewhere;
  readonly #fold = new ChainFold();
  #headFile: HeadFile = { head: null, found: 'absent' };
  #headSigned = false;
  #previous: Line | null = null;

  constructor(folder: string, files: Files, kept: KeptElsewhere) {
    this.#folder = folder;
    this.#files = files;
    this.#kept = kept;
  }

  run(): Reading {
    const { segments, foreign } = this.#snapshot();
    for (const [at, segment] of segments.entries()) {
      if (at > 0) this.#fold.nextSegment();
      const found = this.#readSegment(segment, segments.slice(at + 1));
      if (found !== null) return { fold: this.#fold, headFile: this.#headFile, segments, foreign, ...found };
    }
    return {
      fold: this.#fold,
      headFile: this.#headFile,
      segments,
      foreign,
      bad: this.#judgeEnd(),
      range: null,
      torn: null,
    };
  }

  /** The head, and the segments as they stand at one moment: looked at again when a head was written meanwhile (L11.11). */
  #snapshot(): ReturnType<typeof listSegments> {
    for (;;) {
      const stamp = this.#stamp();
      this.#headFile = readHeadFile(this.#folder, this.#files);
      const listed = listSegments(this.#folder, this.#files);
      if (this.#stamp() === stamp) return listed;
    }
  }

  #stamp(): string | null {
    return this.#files.status(headPath(this.#folder))?.stamp ?? null;
  }

  #readSegment(segment: SegmentFile, later: readonly SegmentFile[]): Pick<Reading, 'bad' | 'range' | 'torn'> | null {
    const lines = readLines(this.#files, segment, { to: segment.size });
    for (let next = lines.next(); next.done !== true; next = lines.next()) {
      const line = next.value;
      const judged = this.#fold.take(line);
      if ('record' in judged) {
        if (this.#fold.seq === 1) this.#openHead();
        const kept = this.#pinFault() ?? this.#againstFault();
        if (kept !== null) return this.#broken(kept, line);
        this.#previous = line;
        continue;
      }
      if (!line.complete && later.length === 0 && this.#growing(segment)) return null;
      const bad =
        judged.fault.reason === 'link'
          ? this.#linkFault(judged.fault, { hash: judged.hash, line, following: this.#lineAfter(lines, later) })
          : this.#at(judged.fault, line);
      // Behind a head that verifies nobody has signed anything: not a finding but a torn tail (L11.12).
      if (
        this.#headSigned &&
        this.#headFile.head !== null &&
        bad.seq > this.#headFile.head.size &&
        later.length === 0 &&
        this.#headOld() === null
      ) {
        return {
          bad: null,
          range: null,
          torn: { segment, offset: line.offset, bytes: segment.size - line.offset, reason: judged.fault.reason },
        };
      }
      return { bad: this.#headOld() ?? bad, range: this.#range(bad), torn: null };
    }
    return null;
  }

  #broken(fault: Fault, line: Line): Pick<Reading, 'bad' | 'range' | 'torn'> {
    const bad = this.#at(fault, line);
    return { bad, range: this.#range(bad), torn: null };
  }

  /** The first record names the key: now the signature of `head.json` can be looked at. */
  #openHead(): void {
    const { head } = this.#headFile;
    this.#headSigned = head !== null && this.#fold.key !== null && headVerifies(head, this.#fold.key);
    if (!this.#headSigned || head === null) return;
    if (head.size > 1) this.#fold.expectHead(head);
  }

  #pinFault(): Fault | null {
    const { pinnedKey } = this.#kept;
    if (this.#fold.seq !== 1 || pinnedKey === undefined || this.#fold.key?.raw === pinnedKey) return null;
    return { seq: 1, reason: 'key', expected: pinnedKey, found: this.#fold.key?.raw ?? 'none' };
  }

  /** What the head kept elsewhere says of the records up to its size: the chain that it was made of must have them all (L12.3). */
  #againstFault(): Fault | null {
    const { against } = this.#kept;
    const { seq, key, chain, last } = this.#fold;
    if (against === undefined) return null;
    const fault = (reason: Reason, expected: string, found: string): Fault => ({ seq, reason, expected, found });
    if (seq === 1) {
      if (against.chain !== chain) return fault('root', `chain ${against.chain}`, `chain ${chain}`);
      if (key === null || !headVerifies(against, key))
        return fault('signature', `a head signed by ${key?.id ?? 'a key'}`, against.key);
    }
    if (seq !== against.size) return null;
    const root = this.#fold.root();
    if (against.root !== root) return fault('root', `root ${against.root}`, root);
    return against.last === last ? null : fault('root', `last record ${against.last}`, last);
  }

  /** Which of two neighbours that do not link was changed: the earlier when the chain goes on from the later's hash (L11.4). */
  #linkFault(
    fault: Fault,
    { hash, line, following }: { hash: string | null; line: Line; following: Line | null },
  ): FirstBad {
    const previous = this.#previous;
    const goesOnFrom = following === null ? this.#headFile.head?.last : prevOf(following);
    return previous !== null && goesOnFrom === hash
      ? this.#at({ ...fault, seq: fault.seq - 1 }, previous)
      : this.#at(fault, line);
  }

  /** The line behind one, in its segment or at the start of the next; null at the end of the chain. */
  #lineAfter(rest: Iterator<Line>, [next]: readonly SegmentFile[]): Line | null {
    const here = rest.next();
    if (here.done !== true) return here.value;
    if (next === undefined) return null;
    for (const line of readLines(this.#files, next, { to: next.size })) return line;
    return null;
  }

  /** L11.7: what the end of a chain whose lines all stand must be. */
  #judgeEnd(): FirstBad | null {
    const { head } = this.#headFile;
    const { seq } = this.#fold;
    const nowhere = (fault: Fault): FirstBad => ({ ...fault, segment: null, line: null, offset: null });
    const { against } = this.#kept;
    if (against !== undefined && against.size > seq)
      return nowhere({
        seq: seq + 1,
        reason: 'truncated',
        expected: `${against.size} records`,
        found: `${seq} records`,
      });
    if (head === null) {
      const absent = this.#headFile.found === 'absent';
      if (absent && seq <= 1) return null;
      return nowhere({
        seq,
        reason: absent ? 'head-missing' : 'signature',
        expected: 'a signed head in head.json',
        found: this.#headFile.found,
      });
    }
    if (head.size > seq && (this.#headSigned || seq === 0)) {
      return nowhere({ seq: seq + 1, reason: 'truncated', expected: `${head.size} records`, found: `${seq} records` });
    }
    if (!this.#headSigned)
      return nowhere({ seq, reason: 'signature', expected: `a head signed by ${this.#fold.key?.id}`, found: head.key });
    const old = this.#headOld();
    if (old !== null) return old;
    // A head of the first record alone is judged here: no line stands behind whose taking could have judged it.
    const fault = head.size === 1 && seq === 1 ? this.#fold.judgeHead(head) : null;
    return fault === null ? null : nowhere({ ...fault, seq: 1 });
  }

  /** A `head.json` older than the newest head in the chain itself. */
  #headOld(): FirstBad | null {
    const newest = this.#fold.newestHead;
    const { head } = this.#headFile;
    if (newest === null || head === null || !this.#headSigned || head.size >= newest.head.size) return null;
    return {
      seq: newest.seq,
      segment: null,
      line: null,
      offset: null,
      reason: 'head-old',
      expected: `a head of ${newest.head.size} records or more`,
      found: `a head of ${head.size} records`,
    };
  }

  #range(bad: FirstBad): Reading['range'] {
    return bad.reason === 'root' ? { from: (this.#fold.newestHead?.head.size ?? 0) + 1, to: bad.seq } : null;
  }

  #at(fault: Fault, line: Line): FirstBad {
    return { ...fault, segment: line.segment, line: line.line, offset: line.offset };
  }

  /** True when somebody is appending the line whose end is not there yet. */
  #growing(segment: SegmentFile): boolean {
    return this.#files.status(segment.path)?.size !== segment.size;
  }
}

function prevOf(line: Line): string | null {
  try {
    return String((JSON.parse(line.text ?? '') as { prev?: unknown }).prev);
  } catch (error) {
    if (errnoOf(error) !== null) throw error;
    return null;
  }
}
