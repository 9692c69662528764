/**
 * The storage of intents (I1.4, I9): every change is a record of the chain first. A mutation takes the lock of the state folder,
 * catches up with what others appended, checks, appends, and only then is it part of the graph.
 */
import { join } from 'node:path';
import type { ContentAddressableArchive } from '../archive/archive.ts';
import { graphEntity, type StoredEntity } from '../archive/codecs.ts';
import type { Chain } from '../causal-chain/chain.ts';
import type { RecordDraft } from '../causal-chain/record.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import { intentId } from '../foundation/ids.ts';
import type { Edge, GraphBody, IntentStatus, StorableIntent } from '../model/intent.ts';
import { graphHash } from './canonical.ts';
import { byText, type EdgeKey, type IntentGraph } from './graph.ts';
import { TRANSITIONS } from './life-cycle.ts';
import { fileTime, intentsFolder, LiveGraph, snapshotPath, type LivePlace } from './live.ts';
import { IntentReader, placeOf, type IntentOptions } from './reader.ts';
import { isNoChange, planRestore, type GraphDifference, type RestoreOptions } from './restore.ts';
import type { NewEdge, NewIntent } from './shape.ts';
import { IntentTransaction, type TransitionCause } from './transaction.ts';

/** After so many mutations of a process the snapshot is written (I9.3). */
const SNAPSHOT_EVERY = 256;
const DAY_S = 86_400;

/** What a restore did, or would do (I8.8). */
export interface RestoreResult {
  readonly difference: GraphDifference;
  /** False for a preview and where nothing changed. */
  readonly restored: boolean;
  /** The copy of the graph before, or null where none was written. */
  readonly preRestore: string | null;
}

/** What came of one of several transitions (I2.5). */
export interface BulkResult {
  readonly id: string;
  readonly ok: boolean;
  readonly error?: CcosError;
}

/**
 * Opens the intents of a home for changing. Chain and archive are the caller's, as closing them is.
 * @throws `CHAIN_BROKEN`, `CHAIN_KEY_MODE`, `IO`.
 */
export async function openIntents(
  home: string,
  { chain, archive }: { readonly chain: Chain; readonly archive: ContentAddressableArchive<StoredEntity> },
  options: IntentOptions = {},
): Promise<IntentStorage> {
  const place = placeOf(home, archive, options, { follow: () => chain.follow(), writes: true });
  return new IntentStorage(place, await LiveGraph.open(place), {
    chain,
    archive,
    principal: options.principal ?? 'user:local',
  });
}

/** The graph of a home, for changing. */
export class IntentStorage extends IntentReader {
  readonly #chain: Chain;
  readonly #archive: ContentAddressableArchive<StoredEntity>;
  readonly #principal: string;
  #unsaved = 0;
  #closed = false;

  /** Made by `openIntents`. */
  constructor(
    place: LivePlace,
    live: LiveGraph,
    own: {
      readonly chain: Chain;
      readonly archive: ContentAddressableArchive<StoredEntity>;
      readonly principal: string;
    },
  ) {
    super(place, live);
    this.#chain = own.chain;
    this.#archive = own.archive;
    this.#principal = own.principal;
  }

  /**
   * Runs several changes as one: all of them, or none (I9.2). The work is done in one go, so that nothing comes between what it
   * reads and what it changes; it may run only once.
   * @throws what the work throws, with nothing changed; `INTENT_CORRUPT`, and what `Chain.update` throws.
   */
  async transaction<T>(work: (transaction: IntentTransaction) => T): Promise<T> {
    let result: T | undefined;
    await this.#mutate(async () => {
      const { graph } = this.live;
      const transaction = new IntentTransaction(graph, {
        principal: this.#principal,
        newId: () => intentId(this.place.clock),
        now: Math.floor(this.place.clock.now() / 1_000),
      });
      result = graph.trial(() => work(transaction));
      // Objects come before the record that names them (I9.1).
      for (const entity of transaction.entities) await this.#archive.store(entity);
      return transaction.drafts;
    });
    return result as T;
  }

  /** Adds an intent, or does nothing for one that is there and equal. Throws as `IntentTransaction.storeIntent` does. */
  async storeIntent(given: NewIntent): Promise<StorableIntent> {
    return this.#resulting(await this.transaction((tx) => tx.storeIntent(given).intent_id));
  }
  /** Changes members of an intent. Throws as `IntentTransaction.updateIntent` does. */
  async updateIntent(id: string, changes: Partial<StorableIntent>): Promise<StorableIntent> {
    return this.#resulting(await this.transaction((tx) => tx.updateIntent(id, changes).intent_id));
  }
  /** Throws `INTENT_NOT_FOUND`, `INTENT_HAS_EDGES` (I1.5). */
  async deleteIntent(id: string, options: { readonly cascade?: boolean } = {}): Promise<void> {
    await this.transaction((tx) => tx.deleteIntent(id, options));
  }
  /** Moves an intent to another status (I2). Throws `INTENT_NOT_FOUND`, `INTENT_TRANSITION`. */
  async transition(id: string, to: IntentStatus, cause: TransitionCause): Promise<StorableIntent> {
    return this.#resulting(await this.transaction((tx) => tx.transition(id, to, cause).intent_id));
  }
  /** Moves several, each by itself: one failure neither undoes nor hides the others (I2.5). Throws what no intent caused. */
  async bulkTransition(ids: readonly string[], to: IntentStatus, cause: TransitionCause): Promise<BulkResult[]> {
    const results: BulkResult[] = [];
    for (const id of ids) {
      try {
        await this.transition(id, to, cause);
        results.push({ id, ok: true });
      } catch (thrown) {
        const error = asCcosError(thrown);
        if (error.code !== 'INTENT_NOT_FOUND' && error.code !== 'INTENT_TRANSITION') throw error;
        results.push({ id, ok: false, error });
      }
    }
    return results;
  }

  /** The moves by name (I2.6). Each throws as `transition` does. */
  complete(id: string, reason: string): Promise<StorableIntent> {
    return this.transition(id, 'Completed', { reason });
  }
  fail(id: string, reason: string): Promise<StorableIntent> {
    return this.transition(id, 'Failed', { reason });
  }
  suspend(id: string, reason: string): Promise<StorableIntent> {
    return this.transition(id, 'Suspended', { reason });
  }
  archive(id: string, reason: string): Promise<StorableIntent> {
    return this.transition(id, 'Archived', { reason });
  }
  /** From Suspended alone. */
  resume(id: string, reason: string): Promise<StorableIntent> {
    return this.#back(id, 'Suspended', reason);
  }
  /** From Archived alone. */
  reactivate(id: string, reason: string): Promise<StorableIntent> {
    return this.#back(id, 'Archived', reason);
  }

  /** Archives what was completed so many days ago or earlier (I2.6). Throws as `bulkTransition` does. */
  async archiveCompleted(olderThanDays: number): Promise<BulkResult[]> {
    const latest = Math.floor(this.place.clock.now() / 1_000) - olderThanDays * DAY_S;
    const old = [...(await this.read()).withStatus(['Completed'])].filter(({ updated_at: at }) => at <= latest);
    const ids = old.map(({ intent_id: id }) => id).toSorted(byText);
    return this.bulkTransition(ids, 'Archived', { reason: `completed ${olderThanDays} days ago or earlier` });
  }

  /** Adds an edge (I4). Throws as `IntentTransaction.storeEdge` does. */
  storeEdge(edge: NewEdge): Promise<Edge> {
    return this.transaction((tx) => tx.storeEdge(edge));
  }
  /** Throws `INTENT_NOT_FOUND`, `INTENT_INVALID`. */
  updateEdge(edge: NewEdge): Promise<Edge> {
    return this.transaction((tx) => tx.updateEdge(edge));
  }
  /** Throws `INTENT_NOT_FOUND`. */
  deleteEdge(key: EdgeKey): Promise<void> {
    return this.transaction((tx) => tx.deleteEdge(key));
  }

  /**
   * Replaces the graph by a backup, or merges them (I8.8). The one record it appends is the swap: before it, nothing has changed.
   * @throws `BACKUP_VERSION`, `BACKUP_INTEGRITY`, `BACKUP_CONFLICT`, and what `Chain.update` throws.
   */
  async restore(path: string, options: RestoreOptions & { readonly preview?: boolean }): Promise<RestoreResult> {
    if (options.preview === true) {
      return { difference: await this.previewRestore(path, options), restored: false, preRestore: null };
    }
    const backup = await this.soundBackup(path);
    let result: RestoreResult | undefined;
    await this.#mutate(async () => {
      const { fold } = this.live;
      if (fold.damage !== null && options.mode === 'merge') throw fold.damage;
      const { graph, difference } = planRestore(this.bodyNow(), backup, options);
      const noChange = fold.damage === null && isNoChange(difference);
      const preRestore = noChange || fold.damage !== null ? null : await this.#copyBefore(fold.graph);
      result = { difference, restored: !noChange, preRestore };
      if (noChange) return [];
      const graphRef = await this.#archive.store(graphEntity(graph));
      return [this.#restoredDraft({ path, graph, graphRef, difference, preRestore })];
    });
    return result as RestoreResult;
  }

  /** Writes the snapshot where something changed since the last, and ends the use; idempotent (I9.3). */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#unsaved > 0) await this.#saveSnapshot();
  }

  async #back(id: string, from: IntentStatus, reason: string): Promise<StorableIntent> {
    await this.transaction((tx) => {
      const { status } = tx.getIntent(id);
      if (status !== from) throw notFrom(id, status, from);
      tx.transition(id, 'Active', { reason });
    });
    return this.#resulting(id);
  }

  #resulting(id: string): StorableIntent {
    return this.live.graph.get(id) as StorableIntent;
  }

  #restoredDraft(restored: {
    readonly path: string;
    readonly graph: GraphBody;
    readonly graphRef: string;
    readonly difference: GraphDifference;
    readonly preRestore: string | null;
  }): RecordDraft {
    const { path, graph, graphRef, difference, preRestore } = restored;
    return {
      kind: 'IntentGraphRestored',
      principal: this.#principal,
      payload: {
        source: path,
        canonical: graphHash(graph),
        graphRef,
        added: difference.added.length,
        changed: difference.changed.length,
        removed: difference.removed.length,
        preRestore: preRestore === null ? null : preRestore.slice(this.place.home.length + 1),
      },
    };
  }

  async #copyBefore(graph: IntentGraph): Promise<string> {
    const { home, clock } = this.place;
    const path = join(intentsFolder(home), `pre-restore-${fileTime(clock)}.json`);
    await this.write(path, graph);
    return path;
  }

  /** Lock, catch up, check, append, apply (I9.6). */
  async #mutate(decide: () => Promise<readonly RecordDraft[]>): Promise<void> {
    if (this.#closed) throw new CcosError('INTERNAL', 'The intents were used after close');
    const records = await this.#chain.update(async () => {
      await this.live.catchUp();
      return withPlaces(await decide());
    });
    await this.live.catchUp();
    this.#unsaved += records.length;
    if (this.#unsaved < SNAPSHOT_EVERY) return;
    try {
      await this.#saveSnapshot();
    } catch (error) {
      // The mutation stands, and the snapshot can be made at any time: `close` tries again, and tells.
      this.place.logger.info('the snapshot of the intents could not be written', {
        error: asCcosError(error).toJSON(),
      });
      this.#unsaved = 1;
    }
  }

  async #saveSnapshot(): Promise<void> {
    // A damaged graph is no snapshot of anything.
    if (this.live.fold.damage !== null) return;
    // Graph and position belong together: both are taken before anything is awaited.
    const chain = { chain: this.#chain.id, ...this.live.position };
    this.#unsaved = 0;
    await this.write(snapshotPath(this.place.home), this.live.graph, chain);
  }
}

function notFrom(id: string, status: IntentStatus, from: IntentStatus): CcosError {
  return new CcosError('INTENT_TRANSITION', `Cannot bring ${id} back from ${from}: it is ${status}`, {
    details: { id, from: status, to: 'Active', allowed: TRANSITIONS[status] },
    hint: `it is ${status}, not ${from}`,
  });
}

/** The records of a batch with their places in it (I9.2); one alone needs none. */
function withPlaces(drafts: readonly RecordDraft[]): readonly RecordDraft[] {
  if (drafts.length < 2) return drafts;
  return drafts.map((draft, index) => ({
    ...draft,
    payload: { ...draft.payload, tx: { index, count: drafts.length } },
  }));
}
