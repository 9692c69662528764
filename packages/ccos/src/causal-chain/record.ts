/** Records of the chain (L2, L4): what a caller hands in and what stands in the file. */

/** The kinds of record that are written so far (L4). */
export type RecordKind =
  | 'ChainCreated'
  | 'SegmentOpened'
  | 'ChainHead'
  | 'ChainRecovered'
  | 'IntentCreated'
  | 'IntentUpdated'
  | 'IntentDeleted'
  | 'IntentStatusChanged'
  | 'IntentArchived'
  | 'IntentReactivated'
  | 'IntentRelationshipCreated'
  | 'IntentRelationshipModified'
  | 'IntentRelationshipRemoved'
  | 'IntentGraphRestored'
  | 'PlanProposed'
  | 'PlanArchived'
  | 'PlanStarted'
  | 'PlanCompleted'
  | 'PlanAborted'
  | 'PlanStepStarted'
  | 'PlanStepCompleted'
  | 'PlanStepFailed'
  | 'PlanStepRetrying'
  | 'CapabilityCall'
  | 'CapabilityResult'
  | 'GovernanceDecision'
  | 'BudgetReport'
  | 'CapabilityRegistered'
  | 'ProviderMeasurement'
  | 'Violation'
  | 'CheckpointCreated'
  | 'InternalStep';

/** Plain JSON data, as canonical JSON takes it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** What a caller says; the writer sets `v`, `seq`, `prev`, `time` and `hash` (L8.1). Absent members are absent, not null (L2.1). */
export interface RecordDraft {
  /** The record's id, `action-<UUIDv7>`, where the caller must name it before it is written; else the writer makes one. */
  readonly id?: string | undefined;
  readonly kind: RecordKind;
  readonly principal: string;
  readonly payload: { readonly [key: string]: JsonValue | undefined };
  readonly parent?: string | undefined;
  readonly run?: string | undefined;
  readonly plan?: string | undefined;
  readonly intent?: string | undefined;
  readonly step?: string | undefined;
}

/** A record as it stands in the chain (L2). */
export interface ChainRecord {
  readonly hash: string;
  readonly id: string;
  readonly kind: RecordKind;
  readonly payload: { readonly [key: string]: JsonValue };
  readonly prev: string;
  readonly principal: string;
  readonly seq: number;
  readonly time: number;
  readonly v: 1;
  readonly parent?: string;
  readonly run?: string;
  readonly plan?: string;
  readonly intent?: string;
  readonly step?: string;
}

/** When `append` resolves (L8.1): after the sync, after the write, or at once. */
export type Durability = 'durable' | 'written' | 'queued';

/** The one writer of the record, as other rooms see it. */
export interface ChainWriter {
  /** Throws `CHAIN_SCHEMA`, `CHAIN_PARENT`, `CHAIN_UNAVAILABLE`. */
  append(draft: RecordDraft, durability?: Durability): Promise<ChainRecord>;
}
