/** `index.json` (A3.2–A3.6): a readable projection of the shards, never asked where an object is. */
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { isHash, type Hash } from '../foundation/digest.ts';
import { ioError, readWhole, type Files } from '../foundation/files.ts';
import { removeFile, sideNames, turn, utcStamp, type StorePlace } from './place.ts';
import { objectPath, walkObjects, type FoundObject, type Strays } from './shards.ts';

/** File times lag behind the clock by a timer tick; without this an object stored behind a listing could seem older than it. */
const COARSE_MS = 20;
/** So often a listing is made without the lock; if the index changed under each of them, the next is made with it. */
const LISTINGS_WITHOUT_LOCK = 3;
/** Objects between two turns for everything else. */
const TURN_EVERY = 256;
/** What Node can hold as one text; some three million objects. */
const INDEX_BYTES_MAX = 2 ** 29 - 25;

/** What the index says; `mark` is its modification time, the moment its last full listing began (A3.5). */
export type IndexState =
  | { readonly state: 'present'; readonly entries: ReadonlyMap<string, string>; readonly mark: number }
  | { readonly state: 'absent' | 'corrupt' };

/** How the index was not what it should be, and where a bad one is kept (A6.2). */
export interface Rebuilt {
  readonly reason: 'absent' | 'corrupt' | 'stale';
  readonly keptAs?: string;
}

/** How an index differs from the objects that are there (A5.4). */
export interface Difference {
  readonly missing: Hash[];
  readonly unlisted: Hash[];
  readonly pending: Hash[];
  /** Entries that name another path than the object's (A3.8). */
  readonly strayed: { readonly hash: string; readonly path: string }[];
}

/** The text of an index: one entry a line, ascending (A3.2). */
export function indexText(hashes: readonly Hash[]): string {
  const lines = hashes.map((hash) => `  "${hash}": "${objectPath(hash)}"`);
  return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`;
}

/** Reads the index of a store. Throws what the system says. */
export function readIndex(root: string, files: Files): IndexState {
  const path = join(root, 'index.json');
  const status = files.status(path);
  const readable = status?.kind === 'file' && status.size <= INDEX_BYTES_MAX;
  const bytes = status === null ? null : readable ? readWhole(files, path) : Buffer.alloc(0);
  if (bytes === null || status === null) return { state: 'absent' };
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { state: 'corrupt' };
    const entries = new Map(Object.entries(parsed as Record<string, string>));
    const sound = [...entries].every(([hash, at]) => isHash(hash) && typeof at === 'string');
    return sound ? { state: 'present', entries, mark: status.mtimeMs } : { state: 'corrupt' };
  } catch {
    return { state: 'corrupt' };
  }
}

/** Compares an index with a listing. `trashed` are objects on their way out, which count as deleted (A10.6). */
export function compareIndex(
  index: IndexState & { state: 'present' },
  objects: readonly FoundObject[],
  trashed: ReadonlySet<Hash>,
): Difference {
  const difference: Difference = { missing: [], unlisted: [], pending: [], strayed: [] };
  const present = new Set(objects.map(({ hash }) => hash));
  for (const [hash, path] of index.entries) {
    if (path !== objectPath(hash)) difference.strayed.push({ hash, path });
    if (!present.has(hash) && !trashed.has(hash)) difference.missing.push(hash);
  }
  for (const { hash, changedMs } of objects) {
    if (index.entries.has(hash)) continue;
    // When it was published counts, not when its bytes were written: a listing may have come between. File times are as coarse as a
    // timer tick, so what is as old as the mark came behind the listing.
    (changedMs >= index.mark ? difference.pending : difference.unlisted).push(hash);
  }
  return difference;
}

/** True for an index that is `stale` (A5.5). */
export function isStale({ missing, unlisted, strayed }: Difference): boolean {
  return missing.length + unlisted.length + strayed.length > 0;
}

/** The hashes of what lies in `trash/`; nothing does when something else stands in its place. Throws `IO`. */
export function trashedHashes(place: StorePlace): Set<Hash> {
  if (place.files.status(join(place.root, 'trash'))?.kind !== 'folder') return new Set();
  return new Set(sideNames(place, 'trash').map((name) => name.replace(/\.json$/, '')));
}

/**
 * Adds to the index, and takes out what lies in `trash/`, under the lock, which the caller has; the mark stays (A3.4). An index that cannot be read is made anew from a listing. Throws `ARCHIVE_PATH`, `IO`.
 */
export async function amendIndex(place: StorePlace, added: Iterable<Hash>): Promise<void> {
  const { root, files } = place;
  const index = readIndex(root, files);
  if (index.state !== 'present') {
    await publish(place, index, await list(place));
    return;
  }
  const trashed = trashedHashes(place);
  const there = (hash: Hash): boolean => files.status(join(root, objectPath(hash))) !== null;
  const out = (hash: Hash): boolean => trashed.has(hash) && !there(hash);
  const kept = [...index.entries].filter(([hash, at]) => objectPath(hash) === at && !out(hash)).map(([hash]) => hash);
  const hashes = new Set([...kept, ...[...added].filter(there)]);
  await writeText(place, [...hashes].toSorted(), index.mark);
  emptyTrash(place, trashed);
}

/**
 * Makes the index from a listing, and sweeps what dead processes left (A3.4, A6.2, A7.1, A10.6). The listing is made without the lock,
 * and made again when the index changed meanwhile. An index that is right already is not written.
 * @returns what was wrong with the index, or null. Throws `ARCHIVE_PATH`, `IO`, `STORE_LOCKED`.
 */
export async function rebuildIndex(place: StorePlace): Promise<Rebuilt | null> {
  const stamp = (): string | null => place.files.status(join(place.root, 'index.json'))?.stamp ?? null;
  const publishHere = (listing: Listing): Promise<Rebuilt | null> =>
    publish(place, readIndex(place.root, place.files), listing);
  for (let attempt = 0; attempt < LISTINGS_WITHOUT_LOCK; attempt++) {
    const before = stamp();
    const listing = await list(place);
    const done = await place
      .lock()
      .run(async () => (stamp() === before ? { rebuilt: await publishHere(listing) } : null));
    if (done !== null) return done.rebuilt;
  }
  return place.lock().run(async () => publishHere(await list(place)));
}

interface Listing extends Strays {
  readonly mark: number;
  readonly objects: readonly FoundObject[];
}

async function list({ root, files, clock }: StorePlace): Promise<Listing> {
  const strays: Strays = { misplaced: [], orphanTemps: [] };
  const mark = clock.now() - COARSE_MS;
  const objects: FoundObject[] = [];
  for (const object of walkObjects(root, files, strays)) {
    objects.push(object);
    if (objects.length % TURN_EVERY === 0) await turn();
  }
  return { ...strays, mark, objects };
}

async function publish(place: StorePlace, index: IndexState, listing: Listing): Promise<Rebuilt | null> {
  const { root, files, clock, logger, tempAgeMs } = place;
  const trashed = trashedHashes(place);
  const objects = listing.objects.filter(
    ({ hash, path }) => !trashed.has(hash) || files.status(join(root, path)) !== null,
  );
  const difference = index.state === 'present' ? compareIndex(index, objects, trashed) : null;
  const rebuilt = reasonOf(index, difference);
  const keptAs = index.state === 'corrupt' ? keepAside(place) : undefined;
  const listed = index.state === 'present' && index.entries.size === objects.length && difference?.pending.length === 0;
  if (rebuilt !== null || !listed) {
    const hashes = objects.map(({ hash }) => hash);
    await writeText(place, hashes, listing.mark);
  }
  emptyTrash(place, trashed);
  for (const { path, mtimeMs } of listing.orphanTemps)
    if (mtimeMs <= clock.now() - tempAgeMs) removeFile(files, join(root, path));
  if (rebuilt === null) return null;
  const told: Rebuilt = keptAs === undefined ? { reason: rebuilt } : { reason: rebuilt, keptAs };
  logger.warn('INDEX_REBUILT', `the index of the archive was ${rebuilt} and was made anew`, { ...told });
  return told;
}

function reasonOf(index: IndexState, difference: Difference | null): Rebuilt['reason'] | null {
  if (index.state !== 'present') return index.state;
  return difference !== null && isStale(difference) ? 'stale' : null;
}

/** A bad index is renamed, never deleted and never written over (A6.2). */
function keepAside({ root, files, clock }: StorePlace): string {
  const keptAs = `index.json.corrupt-${utcStamp(clock.now())}-${randomBytes(3).toString('hex')}`;
  try {
    files.rename(join(root, 'index.json'), join(root, keptAs));
    // Before another takes its place: a lost power supply could else keep the new one and not this.
    files.syncFolder(root);
  } catch (error) {
    throw ioError('keep aside', join(root, 'index.json'), error);
  }
  return keptAs;
}

async function writeText({ root, files, clock }: StorePlace, hashes: readonly Hash[], mark: number): Promise<void> {
  await writeFileAtomic(join(root, 'index.json'), indexText(hashes), { files, clock, mtimeMs: mark });
}

function emptyTrash({ root, files }: StorePlace, trashed: ReadonlySet<Hash>): void {
  for (const hash of trashed) removeFile(files, join(root, 'trash', `${hash}.json`));
}
