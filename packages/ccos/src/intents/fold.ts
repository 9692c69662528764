/**
 * The graph as a fold over the chain's records of intents (I9.1, I9.2): storage, recovery and every other reader of the record
 * apply them here, and nowhere else does a graph change for good.
 */
import type { ContentAddressableArchive } from '../archive/archive.ts';
import type { StoredEntity } from '../archive/codecs.ts';
import type { ChainPosition } from '../causal-chain/follow.ts';
import type { ChainRecord } from '../causal-chain/record.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Edge, GraphBody, IntentStatus, StorableIntent } from '../model/intent.ts';
import { IntentGraph } from './graph.ts';
import { transitioned } from './life-cycle.ts';
import { checkedEdge, checkedIntent } from './shape.ts';

/** The archive, as far as a fold reads it. */
export type IntentObjects = Pick<ContentAddressableArchive<StoredEntity>, 'require'>;

/** The records of intents have kinds that begin so. */
export const INTENT_KINDS = 'Intent';

/** A transaction of which not every record is there; it never resolved, and is passed over (I9.2). */
export interface PassedOver {
  readonly seq: number;
  readonly found: number;
  readonly count: number;
}

/** What a record names in the archive, read. */
type Loaded = StorableIntent | GraphBody | null;

/** A graph, and how far into the record it goes. */
export class IntentFold {
  readonly graph: IntentGraph;
  readonly #objects: IntentObjects;
  readonly #passedOver: PassedOver[] = [];
  /** The records so far of a transaction whose last one has not come. */
  #open: { readonly record: ChainRecord; readonly loaded: Loaded | CcosError }[] = [];
  #damage: CcosError | null = null;
  #applied = 0;

  constructor(objects: IntentObjects, graph: IntentGraph = new IntentGraph()) {
    this.graph = graph;
    this.#objects = objects;
  }

  /** Why the graph is not to be trusted, or null: an object that the record names is not there (I9.5). */
  get damage(): CcosError | null {
    return this.#damage;
  }
  get passedOver(): readonly PassedOver[] {
    return this.#passedOver;
  }
  /** How many records were applied. */
  get applied(): number {
    return this.#applied;
  }

  /** Where the fold stands when everything up to `end` was taken: before a transaction that is still open. */
  position(end: ChainPosition): ChainPosition {
    const [first] = this.#open;
    return first === undefined ? end : { seq: first.record.seq - 1, hash: first.record.prev };
  }

  /** Takes the next record of an intent, in the order of the chain. */
  async take(record: ChainRecord): Promise<void> {
    const tx = record.payload['tx'] as { readonly index: number; readonly count: number } | undefined;
    const last = this.#open.at(-1)?.record;
    const continues =
      tx !== undefined && tx.index === this.#open.length && (last === undefined || record.seq === last.seq + 1);
    if (!continues) this.#passOver();
    if (tx !== undefined && !continues && tx.index > 0) return;
    this.#open.push({ record, loaded: await this.#load(record) });
    if (tx !== undefined && tx.index < tx.count - 1) return;
    const batch = this.#open;
    this.#open = [];
    for (const { record: one, loaded } of batch) this.#apply(one, loaded);
  }

  #passOver(): void {
    const [first] = this.#open;
    if (first === undefined) return;
    const { count } = first.record.payload['tx'] as unknown as { readonly count: number };
    this.#passedOver.push({ seq: first.record.seq, found: this.#open.length, count });
    this.#open = [];
  }

  async #load(record: ChainRecord): Promise<Loaded | CcosError> {
    const { intentHash, after, graphRef } = record.payload;
    const name = (intentHash ?? after ?? graphRef) as string | undefined;
    if (name === undefined) return null;
    try {
      const body = (await this.#objects.require(name, `record ${record.seq}`)).toBody();
      return graphRef === undefined ? checkedIntent(body) : checkedGraph(body);
    } catch (cause) {
      if (!(cause instanceof CcosError)) throw cause;
      return corrupt(record, name, cause);
    }
  }

  #apply(record: ChainRecord, loaded: Loaded | CcosError): void {
    this.#applied++;
    if (loaded instanceof CcosError) this.#damage ??= loaded;
    else if (record.kind === 'IntentGraphRestored') {
      this.graph.replace(loaded as GraphBody);
      // Whatever was missing before is no part of the graph any more.
      this.#damage = null;
    } else if (this.#damage === null && !change(this.graph, record, loaded as StorableIntent | null)) {
      this.#damage = corrupt(record, record.hash);
    }
  }
}

/** Applies one record; false when it speaks of what is not there. */
function change(graph: IntentGraph, record: ChainRecord, loaded: StorableIntent | null): boolean {
  const { payload, intent: id = '', kind } = record;
  switch (kind) {
    case 'IntentCreated':
    case 'IntentUpdated':
      if (loaded === null || loaded.intent_id !== id || graph.has(id) !== (kind === 'IntentUpdated')) return false;
      graph.putIntent(loaded);
      return true;
    case 'IntentDeleted':
      if (!graph.has(id) || graph.degree(id) > 0) return false;
      graph.removeIntent(id);
      return true;
    case 'IntentStatusChanged':
    case 'IntentArchived':
    case 'IntentReactivated': {
      const before = graph.get(id);
      if (before === undefined || before.status !== payload['oldStatus']) return false;
      graph.putIntent(
        transitioned(before, {
          at: Math.floor(record.time / 1_000),
          oldStatus: before.status,
          newStatus: payload['newStatus'] as IntentStatus,
          reason: payload['reason'] as string,
        }),
      );
      return true;
    }
    default:
      return changeEdge(graph, record);
  }
}

function changeEdge(graph: IntentGraph, { kind, payload }: ChainRecord): boolean {
  const { from, to, type, weight = null, metadata = null } = payload;
  const edge = { from, to, edge_type: type, weight, metadata } as Edge;
  if (!graph.has(edge.from) || !graph.has(edge.to)) return false;
  if ((graph.edge(edge) === undefined) !== (kind === 'IntentRelationshipCreated')) return false;
  if (kind === 'IntentRelationshipRemoved') graph.removeEdge(edge);
  else graph.putEdge(checkedEdge(edge));
  return true;
}

function checkedGraph(body: unknown): GraphBody {
  const { intents, edges } = body as GraphBody;
  return {
    intents: Object.fromEntries(Object.entries(intents).map(([id, intent]) => [id, checkedIntent(intent)])),
    edges: edges.map(checkedEdge),
  };
}

/** `INTENT_CORRUPT {seq, hash}` (I9.5). */
function corrupt({ seq, kind }: ChainRecord, hash: string, cause?: CcosError): CcosError {
  const why = cause === undefined ? 'it does not follow from the records before it' : cause.message;
  return new CcosError('INTENT_CORRUPT', `Cannot build the graph of intents: record ${seq} (${kind}): ${why}`, {
    details: { seq, hash },
    cause,
  });
}
