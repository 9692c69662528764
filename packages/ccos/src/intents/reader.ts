/** Reading the graph of a home (I1.4): it takes no lock and writes nothing but the backups that it is asked for. */
import { openChainFollower } from '../causal-chain/follow.ts';
import { loadKeyPair, type KeyPair } from '../causal-chain/keys.ts';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { CANONICAL_BYTES_MAX } from '../foundation/canonical-json.ts';
import { systemClock, type Clock } from '../foundation/clock.ts';
import type { CcosError } from '../foundation/errors.ts';
import { ioError, readWhole, systemFiles, type Files } from '../foundation/files.ts';
import { silentLogger, type Logger } from '../foundation/logger.ts';
import type { Edge, GraphBody, StorableIntent } from '../model/intent.ts';
import { backupRefusal, readBackup, unreadableBackup, type BackupReport } from './backup-read.ts';
import { backupText } from './backup-text.ts';
import { graphHash } from './canonical.ts';
import { notFound } from './edge-checks.ts';
import type { IntentObjects, PassedOver } from './fold.ts';
import type { IntentGraph } from './graph.ts';
import { statusHistory, type StatusChange } from './life-cycle.ts';
import { LiveGraph, type LivePlace } from './live.ts';
import { listed, listIntents, type IntentFilter } from './queries.ts';
import { planRestore, type GraphDifference, type RestoreOptions } from './restore.ts';

/** How intents are opened. */
export interface IntentOptions {
  readonly clock?: Clock;
  readonly files?: Files;
  readonly logger?: Logger;
  /** Who is recorded as having changed something; `user:local` by default. */
  readonly principal?: string;
}

/** What a health check found (I9.7). */
export interface IntentHealth {
  readonly healthy: boolean;
  readonly intents: number;
  readonly edges: number;
  /** The snapshot on the disk against the fold from the first record. */
  readonly snapshot: 'absent' | 'equal' | 'behind' | 'different' | 'bad';
  readonly damage: CcosError | null;
  readonly passedOver: readonly PassedOver[];
}

/** Reads the graph of a home, writing nothing and taking no lock. Throws `STATE_OPEN`, `CHAIN_BROKEN`, `CHAIN_KEY_MODE`, `IO`. */
export async function openIntentReader(
  home: string,
  objects: IntentObjects,
  options: IntentOptions = {},
): Promise<IntentReader> {
  const files = options.files ?? systemFiles;
  const follow = await openChainFollower(home, files);
  const place = placeOf(home, objects, options, { follow, writes: false });
  return new IntentReader(place, await LiveGraph.open(place));
}

/** The place of a live graph. Throws `CHAIN_KEY_MODE`, `CHAIN_UNAVAILABLE`. */
export function placeOf(
  home: string,
  objects: IntentObjects,
  { clock = systemClock, files = systemFiles, logger = silentLogger }: IntentOptions,
  more: Pick<LivePlace, 'follow' | 'writes'>,
): LivePlace {
  return { home, files, clock, logger, key: loadKeyPair(home, files), objects, ...more };
}

/** What is wrong with the backup in a file, given the key of a home (I8.6). Throws `IO` for a file that cannot be read. */
export function checkBackupFile(path: string, key: KeyPair | null, files: Files = systemFiles): BackupReport {
  let bytes: Uint8Array | null;
  try {
    // What is too large to be one is not read to find that out.
    if ((files.status(path)?.size ?? 0) > CANONICAL_BYTES_MAX)
      return unreadableBackup(`it is larger than ${CANONICAL_BYTES_MAX} bytes`);
    bytes = readWhole(files, path);
  } catch (error) {
    throw ioError('read', path, error);
  }
  if (bytes === null) throw ioError('read', path, Object.assign(new Error('ENOENT'), { code: 'ENOENT' }));
  return readBackup(bytes, key);
}

/** The graph of a home, for reading. */
export class IntentReader {
  protected readonly place: LivePlace;
  protected readonly live: LiveGraph;

  /** Made by `openIntentReader`. */
  constructor(place: LivePlace, live: LiveGraph) {
    this.place = place;
    this.live = live;
  }

  /** The graph as of now; not to be kept, for it moves on. Throws `INTENT_CORRUPT`, `CHAIN_BROKEN`, `IO`. */
  async read(): Promise<IntentGraph> {
    await this.live.catchUp();
    return this.live.graph;
  }

  /** Null where there is none. Throws as `read` does. */
  async getIntent(id: string): Promise<StorableIntent | null> {
    return (await this.read()).get(id) ?? null;
  }
  /** The transitions of an intent, in the order in which they happened (I2.4). Throws `INTENT_NOT_FOUND`, and as `read` does. */
  async statusHistory(id: string): Promise<StatusChange[]> {
    const intent = await this.getIntent(id);
    if (intent === null) throw notFound(id);
    return statusHistory(intent);
  }
  /** What can be worked on: Active (I2.6). Throws as `read` does. */
  async ready(): Promise<StorableIntent[]> {
    return listIntents(await this.read(), { status: 'Active' });
  }
  /** What somebody has to look at: Failed and Suspended. Throws as `read` does. */
  async needingAttention(): Promise<StorableIntent[]> {
    const graph = await this.read();
    return listed([...graph.withStatus(['Failed', 'Suspended'])]);
  }
  /** The intents that match (I5.1). Throws `INTENT_QUERY`, and as `read` does. */
  async listIntents(filter: IntentFilter = {}): Promise<StorableIntent[]> {
    return listIntents(await this.read(), filter);
  }
  /** Every edge. Throws as `read` does. */
  async getEdges(): Promise<Edge[]> {
    return (await this.read()).edges();
  }
  /** The edges of one intent. Throws as `read` does. */
  async getEdgesForIntent(id: string): Promise<Edge[]> {
    const graph = await this.read();
    return [...graph.outgoing(id), ...graph.incoming(id)];
  }

  /** Writes a backup atomically (I8.2, I8.3). Throws `INTENT_CORRUPT`, `IO`. */
  async backup(
    path: string,
  ): Promise<{ readonly intents: number; readonly edges: number; readonly canonical: string }> {
    const graph = await this.read();
    await this.write(path, graph);
    return { intents: graph.size, edges: graph.edgeCount, canonical: graphHash(graph.body()) };
  }

  /** What is wrong with a backup; nothing is applied (I8.6). Throws `IO` for a file that cannot be read. */
  async checkBackup(path: string): Promise<BackupReport> {
    return checkBackupFile(path, this.place.key, this.place.files);
  }

  /** The difference that a restore would make (I8.8). Throws `BACKUP_VERSION`, `BACKUP_INTEGRITY`, `BACKUP_CONFLICT`, `IO`. */
  async previewRestore(path: string, options: RestoreOptions): Promise<GraphDifference> {
    const backup = await this.soundBackup(path);
    await this.live.catchUp();
    return planRestore(this.bodyNow(), backup, options).difference;
  }

  /** Compares the fold from the first record with the snapshot (I9.7). Throws `CHAIN_BROKEN`, `IO`. */
  async healthCheck(): Promise<IntentHealth> {
    const folded = await LiveGraph.fromFirst(this.place);
    const { damage, graph, passedOver } = folded.fold;
    const snapshot = await this.#compareSnapshot(graphHash(graph.body()));
    const healthy = damage === null && (snapshot === 'equal' || snapshot === 'absent' || snapshot === 'behind');
    return { healthy, intents: graph.size, edges: graph.edgeCount, snapshot, damage, passedOver };
  }

  async #compareSnapshot(folded: string): Promise<IntentHealth['snapshot']> {
    const saved = LiveGraph.ofSnapshot(this.place);
    if (saved === null) return 'absent';
    if (!(saved instanceof LiveGraph)) return 'bad';
    const equals = (): boolean => graphHash(saved.fold.graph.body()) === folded;
    if (equals()) return 'equal';
    await saved.catchUp();
    return equals() ? 'behind' : 'different';
  }

  /** The graph, also one that is damaged: what a restore compares with. */
  protected bodyNow(): GraphBody {
    const { fold } = this.live;
    return fold.damage === null ? fold.graph.body() : { intents: {}, edges: [] };
  }

  protected async soundBackup(path: string): Promise<GraphBody> {
    const report = await this.checkBackup(path);
    const refusal = backupRefusal(path, report);
    if (refusal !== null) throw refusal;
    return report.graph as GraphBody;
  }

  protected async write(
    path: string,
    graph: IntentGraph,
    chain?: Parameters<typeof backupText>[1]['chain'],
  ): Promise<void> {
    const { files, clock, key } = this.place;
    const timestamp = Math.floor(clock.now() / 1_000);
    await writeFileAtomic(path, backupText(graph, { timestamp, chain, signer: key ?? undefined }), { files, clock });
  }
}
