/**
 * The end of a chain at rest, kept beside it so that opening does not read again what its writer had read or written: the cost of a
 * start does not grow with the record (L17.5). It is derived, bound to the identity of every segment and to the boot, and believed only
 * as far as the signed head bears it out; anything else is read from the first byte. `ccos verify` never looks at it.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { canonicalText } from '../foundation/canonical-json.ts';
import { readWhole, type Files } from '../foundation/files.ts';
import { isId } from '../foundation/ids.ts';
import { ChainFold, isFoldState, type FoldState } from './fold.ts';
import { readHeadFile, sameHead, type Head } from './head.ts';
import { listSegments, readLines, type SegmentFile } from './segments.ts';
import type { Reading } from './verify.ts';

interface KeptEnd {
  readonly head: Head;
  readonly boot: string;
  readonly segments: readonly string[];
  readonly fold: FoldState;
}

/** Where it is kept. */
export function restPath(folder: string): string {
  return join(folder, 'index', 'rest.json');
}

/** The chain as it was left, or null where it must be read: nothing was kept, or a file is not the one that was left. */
export function readRest(folder: string, files: Files): Reading | null {
  const kept = readKept(folder, files);
  const boot = bootId();
  if (kept === null || boot === null || kept.boot !== boot) return null;
  const headFile = readHeadFile(folder, files);
  if (headFile.head === null || !sameHead(headFile.head, kept.head)) return null;
  const { segments } = listSegments(folder, files);
  const identities = identitiesOf(segments, files);
  if (identities === null || identities.join('\n') !== kept.segments.join('\n')) return null;
  const fold = ChainFold.from(kept.fold, () => idsOf(segments, files));
  // Key, signature, size, last record and root: a state that was made up bears out no signed head.
  if (fold.judgeHead(kept.head) !== null) return null;
  fold.expectHead(kept.head);
  return { fold, headFile, segments, foreign: [], bad: null, range: null, torn: null };
}

/** What is to be kept of a chain that stands exactly at its head; under the lock. Null where a file is not as it was written. */
export function restOf(folder: string, files: Files, { fold, head }: { fold: ChainFold; head: Head }): string | null {
  const boot = bootId();
  const { segments } = listSegments(folder, files);
  const identities = identitiesOf(segments, files);
  const newest = segments.at(-1);
  if (boot === null || identities === null || newest === undefined || fold.seq !== head.size) return null;
  if (newest.number !== fold.segment || newest.size !== fold.segmentBytes) return null;
  return JSON.stringify({ head, boot, segments: identities, fold: fold.state() } satisfies KeptEnd);
}

/** Keeps it. Where it cannot be written the next opening reads the chain. */
export async function keepRest(folder: string, files: Files, text: string): Promise<void> {
  try {
    await writeFileAtomic(restPath(folder), text, { files, durability: 'relaxed' });
  } catch {
    return;
  }
}

function readKept(folder: string, files: Files): KeptEnd | null {
  try {
    const text = readWhole(files, restPath(folder))?.toString('utf8');
    if (text === undefined) return null;
    const { head, boot, segments, fold } = JSON.parse(text) as Partial<KeptEnd>;
    if (typeof head !== 'object' || typeof boot !== 'string' || !Array.isArray(segments) || !isFoldState(fold))
      return null;
    canonicalText(head);
    return { head, boot, segments, fold };
  } catch {
    return null;
  }
}

/** Device, inode, size and times of each segment: a byte that is changed changes them, whatever its changer sets back. */
function identitiesOf(segments: readonly SegmentFile[], files: Files): string[] | null {
  const stamps = segments.map(({ name, path }) => ({ name, stamp: files.status(path)?.stamp }));
  return stamps.every(({ stamp }) => stamp !== undefined) ? stamps.map(({ name, stamp }) => `${name} ${stamp}`) : null;
}

/** The ids of all records, for the rare question after one from before. */
function idsOf(segments: readonly SegmentFile[], files: Files): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const segment of segments)
    for (const { text, complete } of readLines(files, segment, { to: segment.size })) {
      const id = text === null || !complete ? null : (JSON.parse(text) as { readonly id?: unknown }).id;
      if (isId('action', id)) ids.add(id);
    }
  return ids;
}

/** The kernel's name of this boot: what was kept before a crash of the machine is not believed after it. */
function bootId(): string | null {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
