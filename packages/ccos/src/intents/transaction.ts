/**
 * Changes to the graph (I1.4–I4): each is checked against the graph as the changes before it would leave it, and told as a record
 * and the objects that the record names. Nothing here writes.
 */
import { intentEntity, type StoredEntity } from '../archive/codecs.ts';
import type { RecordDraft } from '../causal-chain/record.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Edge, IntentStatus, StorableIntent } from '../model/intent.ts';
import { sameValue } from './canonical.ts';
import { edgeFault, edgeText, notFound } from './edge-checks.ts';
import type { EdgeKey, IntentGraph } from './graph.ts';
import { checkTransition, isTransitionMember, transitioned } from './life-cycle.ts';
import {
  checkedEdge,
  checkedIntent,
  invalid,
  wholeIntent,
  withoutUndefined,
  withSource,
  type NewEdge,
  type NewIntent,
} from './shape.ts';

/** Why a status changes; `planHash` and the record `actionId` say what caused it (I2.1). */
export interface TransitionCause {
  readonly reason: string;
  readonly planHash?: string | undefined;
  readonly actionId?: string | undefined;
}

/** Who changes the graph, and when. */
export interface TransactionPlace {
  readonly principal: string;
  readonly newId: () => string;
  /** Unix seconds. */
  readonly now: number;
}

/** Members that follow from what happened, and are set by nobody (I4.6). */
const DERIVED = ['intent_id', 'parent_intent', 'child_intents', 'created_at', 'updated_at'] as const;
/** A goal in a record is there to be recognised; the whole stands in the archived intent. */
const GOAL_SHOWN_MAX = 1_000;

/** The changes of one batch. Made by the storage, inside a trial of its graph. */
export class IntentTransaction {
  readonly #graph: IntentGraph;
  readonly #place: TransactionPlace;
  /** The records, in order; the storage adds `tx` where there are several. */
  readonly drafts: RecordDraft[] = [];
  /** What the records name. */
  readonly entities: StoredEntity[] = [];

  constructor(graph: IntentGraph, place: TransactionPlace) {
    this.#graph = graph;
    this.#place = place;
  }

  /** The intent as the changes so far leave it. Throws `INTENT_NOT_FOUND`. */
  getIntent(id: string): StorableIntent {
    const found = this.#graph.get(id);
    if (found === undefined) throw notFound(id);
    return found;
  }

  /** Adds an intent; the same once more is no change. Throws `INTENT_INVALID`, `INTENT_SOURCE`, `INTENT_EXISTS`, `INTENT_TRANSITION`. */
  storeIntent(given: NewIntent): StorableIntent {
    const present = typeof given.intent_id === 'string' ? this.#graph.get(given.intent_id) : undefined;
    const now = present?.created_at ?? this.#place.now;
    const intent = wholeIntent(given, { id: this.#place.newId, now });
    if (present !== undefined) {
      if (sameValue(present, intent)) return present;
      throw new CcosError('INTENT_EXISTS', `Cannot add the intent ${intent.intent_id}: another has that id`, {
        details: { id: intent.intent_id },
        hint: 'leave the id out, or change the present intent',
      });
    }
    this.#checkBirth(intent);
    const after = this.#archived(intent);
    this.#say('IntentCreated', intent.intent_id, {
      intentHash: after,
      goal: shortGoal(intent.goal),
      triggeredBy: intent.triggered_by,
    });
    this.#graph.putIntent(intent);
    return intent;
  }

  /** Changes members of an intent. Throws `INTENT_NOT_FOUND`, `INTENT_INVALID`, `INTENT_SOURCE`, `INTENT_TRANSITION`. */
  updateIntent(id: string, changes: Partial<StorableIntent>): StorableIntent {
    const before = this.getIntent(id);
    const { rtfs_intent_source: source, ...given } = withoutUndefined(changes);
    const wanted = checkedIntent({ ...before, ...given });
    this.#checkChange(before, wanted);
    const said = source === before.rtfs_intent_source ? undefined : source;
    const intent = withSource(wanted, said);
    if (sameValue(before, intent)) return before;
    const after = { ...intent, updated_at: this.#place.now };
    this.#say('IntentUpdated', id, { before: this.#archived(before), after: this.#archived(after) });
    this.#graph.putIntent(after);
    return after;
  }

  /** Takes an intent out, with `cascade` its edges, too (I1.5). Throws `INTENT_NOT_FOUND`, `INTENT_HAS_EDGES`. */
  deleteIntent(id: string, { cascade = false }: { readonly cascade?: boolean } = {}): void {
    const before = this.getIntent(id);
    const edges = [...this.#graph.outgoing(id), ...this.#graph.incoming(id)];
    if (edges.length > 0 && !cascade) {
      throw new CcosError('INTENT_HAS_EDGES', `Cannot delete ${id}: it has ${edges.length} edges`, {
        details: { id, edges: edges.map(edgeText) },
        hint: 'delete the edges first, or with the intent: cascade',
      });
    }
    for (const edge of edges) this.deleteEdge(edge);
    this.#say('IntentDeleted', id, { before: this.#archived(before) });
    this.#graph.removeIntent(id);
  }

  /** Moves an intent to another status (I2). Throws `INTENT_NOT_FOUND`, `INTENT_TRANSITION`. */
  transition(id: string, to: IntentStatus, { reason, planHash, actionId }: TransitionCause): StorableIntent {
    const before = this.getIntent(id);
    checkTransition(before, to);
    const change = { oldStatus: before.status, newStatus: to, reason };
    const kind =
      to === 'Archived' ? 'IntentArchived' : before.status === 'Archived' ? 'IntentReactivated' : 'IntentStatusChanged';
    this.#say(kind, id, { ...change, triggeringAction: actionId }, { parent: actionId, plan: planHash });
    const after = transitioned(before, { ...change, at: this.#place.now });
    this.#graph.putIntent(after);
    return after;
  }

  /** Adds an edge; an equal one once more is no change. Throws `INTENT_INVALID`, `INTENT_EDGE_*` (I4). */
  storeEdge(given: NewEdge): Edge {
    const edge = checkedEdge(given);
    const present = this.#graph.edge(edge);
    if (present !== undefined && sameContent(present, edge)) return present;
    const fault = edgeFault(this.#graph, edge);
    if (fault !== null) throw fault;
    this.#say('IntentRelationshipCreated', edge.from, edgePayload(edge));
    this.#graph.putEdge(edge);
    return edge;
  }

  /** Gives a present edge another weight or other metadata. Throws `INTENT_NOT_FOUND`, `INTENT_INVALID`. */
  updateEdge(given: NewEdge): Edge {
    const wanted = checkedEdge(given);
    const present = this.#edge(wanted);
    const edge = { ...wanted, from: present.from, to: present.to };
    if (sameContent(present, edge)) return present;
    this.#say('IntentRelationshipModified', edge.from, edgePayload(edge));
    this.#graph.putEdge(edge);
    return edge;
  }

  /** Takes an edge out. Throws `INTENT_NOT_FOUND`. */
  deleteEdge(key: EdgeKey): void {
    const { from, to, edge_type: type } = this.#edge(key);
    this.#say('IntentRelationshipRemoved', from, { from, to, type });
    this.#graph.removeEdge(key);
  }

  #edge(key: EdgeKey): Edge {
    const found = this.#graph.edge(key);
    if (found !== undefined) return found;
    throw new CcosError('INTENT_NOT_FOUND', `Cannot find the edge ${edgeText(key)}`, {
      details: { from: key.from, to: key.to, type: key.edge_type },
      hint: `ccos intent show ${key.from} names its edges`,
    });
  }

  /** A new intent has no history and no relations yet. */
  #checkBirth(intent: StorableIntent): void {
    if (intent.status !== 'Active') {
      throw new CcosError(
        'INTENT_TRANSITION',
        `Cannot add ${intent.intent_id} as ${intent.status}: an intent begins as Active`,
        {
          details: { id: intent.intent_id, from: null, to: intent.status, allowed: ['Active'] },
          hint: 'add it, then change its status',
        },
      );
    }
    if (intent.parent_intent !== null) throw invalid('/parent_intent', 'null: it follows from an edge IsSubgoalOf');
    if (intent.child_intents.length > 0) throw invalid('/child_intents', 'empty: they follow from edges IsSubgoalOf');
    checkHistory({}, intent.metadata);
  }

  #checkChange(before: StorableIntent, wanted: StorableIntent): void {
    if (wanted.status !== before.status) {
      throw new CcosError(
        'INTENT_TRANSITION',
        `Cannot set the status of ${before.intent_id}: it changes by transitions alone`,
        {
          details: { id: before.intent_id, from: before.status, to: wanted.status, allowed: [] },
          hint: `ccos intent status ${before.intent_id} ${wanted.status} --reason TEXT`,
        },
      );
    }
    for (const name of DERIVED)
      if (!sameValue(before[name], wanted[name])) throw invalid(`/${name}`, 'left as it is: nobody sets it by hand');
    checkHistory(before.metadata, wanted.metadata);
  }

  #archived(intent: StorableIntent): string {
    const entity = intentEntity(intent);
    this.entities.push(entity);
    return entity.contentHash();
  }

  #say(
    kind: RecordDraft['kind'],
    intent: string,
    payload: RecordDraft['payload'],
    more: Pick<RecordDraft, 'parent' | 'plan'> = {},
  ): void {
    this.drafts.push({ kind, principal: this.#place.principal, intent, payload, ...more });
  }
}

/** What transitions wrote is theirs (I2.4). */
function checkHistory(before: StorableIntent['metadata'], wanted: StorableIntent['metadata']): void {
  for (const name of Object.keys({ ...before, ...wanted }))
    if (isTransitionMember(name) && before[name] !== wanted[name])
      throw invalid(`/metadata/${name}`, 'left as it is: transitions alone write it');
}

function sameContent(a: Edge, b: Edge): boolean {
  return a.weight === b.weight && sameValue(a.metadata, b.metadata);
}

function edgePayload({ from, to, edge_type: type, weight, metadata }: Edge): RecordDraft['payload'] {
  return { from, to, type, weight: weight ?? undefined, metadata: metadata ?? undefined };
}

function shortGoal(goal: string): string {
  const characters = [...goal];
  return characters.length <= GOAL_SHOWN_MAX ? goal : `${characters.slice(0, GOAL_SHOWN_MAX - 1).join('')}…`;
}
