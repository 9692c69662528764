/**
 * Intents and their edges (I1), as the file format of backups spells them. All members are present; what may be missing is null.
 * Times are Unix seconds.
 */

export const INTENT_STATUSES = ['Active', 'Executing', 'Completed', 'Failed', 'Archived', 'Suspended'] as const;
export type IntentStatus = (typeof INTENT_STATUSES)[number];

export const TRIGGER_SOURCES = [
  'HumanRequest',
  'PlanExecution',
  'SystemEvent',
  'IntentCompletion',
  'ArbiterInference',
] as const;
export type TriggerSource = (typeof TRIGGER_SOURCES)[number];

export const EDGE_TYPES = [
  'DependsOn',
  'IsSubgoalOf',
  'ConflictsWith',
  'Enables',
  'RelatedTo',
  'TriggeredBy',
  'Blocks',
] as const;
export type EdgeType = (typeof EDGE_TYPES)[number];

/** Strings by name. */
export type StringMap = Readonly<Record<string, string>>;

/** How an intent came to be. `generation_timestamp` is in Unix seconds. */
export interface GenerationContext {
  readonly arbiter_version: string;
  readonly generation_timestamp: number;
  readonly input_context: StringMap;
  readonly reasoning_trace: string | null;
}

/** Why something is done. `constraints`, `preferences` and `success_criteria` hold RTFS sources (I1.2). */
export interface StorableIntent {
  readonly intent_id: string;
  readonly name: string | null;
  readonly original_request: string;
  readonly rtfs_intent_source: string;
  readonly goal: string;
  readonly constraints: StringMap;
  readonly preferences: StringMap;
  readonly success_criteria: string | null;
  /** Derived from the edges, as `child_intents` is (I4.6). */
  readonly parent_intent: string | null;
  readonly child_intents: readonly string[];
  readonly triggered_by: TriggerSource;
  readonly generation_context: GenerationContext;
  readonly status: IntentStatus;
  readonly priority: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly metadata: StringMap;
}

/** How two intents stand to each other (I3). `weight` is from 0 to 1. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly edge_type: EdgeType;
  readonly metadata: StringMap | null;
  readonly weight: number | null;
}

/** A whole graph as data: what is archived, hashed and backed up. */
export interface GraphBody {
  readonly intents: Readonly<Record<string, StorableIntent>>;
  readonly edges: readonly Edge[];
}
