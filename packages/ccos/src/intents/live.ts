/** The graph of a home, kept up with its chain: the snapshot as far as it goes, and the records behind it (I9.3, I9.4). */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ChainFollower, type ChainPosition } from '../causal-chain/follow.ts';
import type { KeyPair } from '../causal-chain/keys.ts';
import type { Clock } from '../foundation/clock.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { ioError, readWhole, type Files } from '../foundation/files.ts';
import type { Logger } from '../foundation/logger.ts';
import type { GraphBody } from '../model/intent.ts';
import { readBackup } from './backup-read.ts';
import { INTENT_KINDS, IntentFold, type IntentObjects } from './fold.ts';
import { IntentGraph } from './graph.ts';

/** What a live graph is made from. */
export interface LivePlace {
  readonly home: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The key of the home; null where it has none yet. */
  readonly key: KeyPair | null;
  readonly objects: IntentObjects;
  /** Makes a reader of the chain that stands before its first record. */
  follow(): ChainFollower;
  /** Whether a bad snapshot may be moved aside. */
  readonly writes: boolean;
}

/** The folder of snapshots and of copies before a restore. */
export function intentsFolder(home: string): string {
  return join(home, 'intents');
}
/** The live snapshot (I9.3). */
export function snapshotPath(home: string): string {
  return join(intentsFolder(home), 'intents.json');
}

/** A UTC time for names of files. */
export function fileTime(clock: Clock): string {
  return new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, '');
}

/** A graph that is caught up with the record. */
export class LiveGraph {
  readonly #place: LivePlace;
  #follower: ChainFollower;
  #fold: IntentFold;
  /** Catching up is one at a time. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(place: LivePlace, follower: ChainFollower, fold: IntentFold) {
    this.#place = place;
    this.#follower = follower;
    this.#fold = fold;
  }

  /** Reads snapshot and record. Throws `CHAIN_BROKEN`, `IO`; what is missing in the archive is `damage`. */
  static async open(place: LivePlace): Promise<LiveGraph> {
    const found = LiveGraph.ofSnapshot(place);
    if (found !== null && 'reason' in found) setAside(place, found.reason);
    const live = found instanceof LiveGraph ? found : LiveGraph.#fromFirst(place);
    await live.catchUp();
    return live;
  }

  /** The graph as the snapshot leaves it, why the snapshot is no use, or null where there is none. Throws `IO`. */
  static ofSnapshot(place: LivePlace): LiveGraph | { readonly reason: string } | null {
    const snapshot = readSnapshot(place);
    if (snapshot === null || 'reason' in snapshot) return snapshot;
    const follower = place.follow();
    if (!follower.seek(snapshot.position)) return { reason: 'position' };
    return new LiveGraph(place, follower, new IntentFold(place.objects, IntentGraph.from(snapshot.graph)));
  }

  static #fromFirst(place: LivePlace): LiveGraph {
    return new LiveGraph(place, place.follow(), new IntentFold(place.objects));
  }

  /** The graph from the first record on, whatever a snapshot says (I9.7). Throws as `open` does. */
  static async fromFirst(place: LivePlace): Promise<LiveGraph> {
    const live = LiveGraph.#fromFirst(place);
    await live.catchUp();
    return live;
  }

  /** Takes in what was recorded meanwhile. Throws `CHAIN_BROKEN`, `IO`. */
  catchUp(): Promise<void> {
    const turn = this.#turn.then(async () => {
      for (const record of this.#follower.records(INTENT_KINDS)) await this.#fold.take(record);
    });
    // Whatever could not be taken in would be missing for good: after a failure the graph is not read any more.
    this.#turn = turn;
    return turn;
  }

  /** The fold, and with it the graph, whether or not it can be trusted. */
  get fold(): IntentFold {
    return this.#fold;
  }

  /** The graph. Throws `INTENT_CORRUPT {seq, hash}`, whose hint names the way back (I9.5). */
  get graph(): IntentGraph {
    const { damage } = this.#fold;
    if (damage === null) return this.#fold.graph;
    const copy = newestCopy(this.#place);
    throw new CcosError(damage.code, damage.message, {
      details: { ...damage.details, copy },
      cause: damage.cause,
      hint: copy === null ? 'ccos intent restore FILE, with a backup' : `ccos intent restore ${copy}`,
    });
  }

  /** The last record that the graph holds. */
  get position(): ChainPosition {
    return this.#fold.position(this.#follower.position);
  }
}

type Snapshot = { readonly graph: GraphBody; readonly position: ChainPosition } | { readonly reason: string };

function readSnapshot(place: LivePlace): Snapshot | null {
  const path = snapshotPath(place.home);
  let bytes: Uint8Array | null;
  try {
    bytes = readWhole(place.files, path);
  } catch (error) {
    // A link or a folder in its place is no snapshot.
    if (errnoOf(error) === 'ELOOP' || errnoOf(error) === 'EISDIR') return { reason: 'form' };
    throw ioError('read', path, error);
  }
  if (bytes === null) return null;
  const { findings, graph, chain, signed } = readBackup(bytes, place.key);
  const [first] = findings;
  if (first !== undefined) return { reason: first.code };
  // Whoever can write the file can make its digest; the key's owner alone can sign it.
  if (graph === null || signed !== 'verified') return { reason: 'signature' };
  return chain === null ? { reason: 'position' } : { graph, position: { seq: chain.seq, hash: chain.hash } };
}

/** Keeps a bad snapshot under another name and says so (I9.4). Throws `IO`. */
function setAside({ home, files, clock, logger, writes }: LivePlace, reason: string): void {
  const path = snapshotPath(home);
  const keptAs = writes ? `intents.json.corrupt-${fileTime(clock)}-${randomBytes(3).toString('hex')}` : null;
  if (keptAs !== null) {
    try {
      files.rename(path, join(intentsFolder(home), keptAs));
      files.syncFolder(intentsFolder(home));
    } catch (error) {
      // Another process may have been faster.
      if (errnoOf(error) !== 'ENOENT') throw ioError('set aside', path, error);
    }
  }
  const kept = keptAs === null ? '' : `, it is kept as ${keptAs}`;
  logger.warn(
    'SNAPSHOT_REBUILT',
    `the snapshot of the intents was bad (${reason}); the graph was built from the chain${kept}`,
    {
      reason,
      keptAs,
    },
  );
}

/** The newest copy in the folder that verifies, or null. */
function newestCopy({ home, files, key }: LivePlace): string | null {
  const folder = intentsFolder(home);
  let names: string[];
  try {
    names = files.list(folder);
  } catch {
    // Without the folder there is no copy in it.
    return null;
  }
  // The snapshot is older than the damage, or else it would not have been folded past; copies are named by their time.
  const copies = names
    .filter((name) => /^pre-restore-.*\.json$/.test(name))
    .toSorted()
    .toReversed();
  for (const name of ['intents.json', ...copies]) {
    try {
      const bytes = readWhole(files, join(folder, name));
      if (bytes !== null && readBackup(bytes, key).ok) return join(folder, name);
    } catch {
      /* What cannot be read is no copy. */
    }
  }
  return null;
}
