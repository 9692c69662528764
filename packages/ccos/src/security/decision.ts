/** What a decision is (S9): the fold's answer, written down with every rule that was looked at. */
import type { ErrorCode } from '../foundation/errors.ts';
import type { EffectClass } from './effects.ts';
import type { SecurityLevel } from './levels.ts';

export type DecisionOutcome = 'allow' | 'deny' | 'ask';

/**
 * One rule that was looked at. `source` is the layer it stands in, `outcome` what it did: `allow`, `deny`, `ask` or
 * `no-match`.
 */
export interface RuleLooked {
  readonly id: string;
  readonly source: string;
  readonly effect: DecisionOutcome;
  readonly matched: boolean;
  readonly outcome: DecisionOutcome | 'no-match';
}

/** A command-line option and its value, as a remedy to paste (S14.10). */
export interface OptionHint {
  readonly option: string;
  readonly value: string;
}

/** What a decision is about; `argsDigest` is of the arguments as the program gave them, null for a plan. */
export interface DecisionSubject {
  readonly kind: 'capability' | 'program' | 'plan';
  readonly id: string;
  readonly argsDigest: string | null;
}

/** A decision, allow or deny alike (S9.4). */
export interface Decision {
  readonly subject: DecisionSubject;
  readonly outcome: DecisionOutcome;
  /** The deciding rule (S9.5), and all that were looked at in order. */
  readonly rule: string;
  readonly rules: readonly RuleLooked[];
  readonly contextId: string;
  readonly level: SecurityLevel;
  readonly effects: readonly EffectClass[];
  readonly permissions: readonly string[];
  readonly policyDigest: string;
  /** For a refusal: the code it is raised with, why, and the remedy. */
  readonly code?: ErrorCode;
  readonly reason?: string;
  readonly hint?: string;
  readonly options?: readonly OptionHint[];
}

/**
 * Where decisions go. `recorded` settles when the record stands as L8.2 demands, and rejects with
 * `CHAIN_UNAVAILABLE`.
 */
export interface DecisionSink {
  record(decision: Decision): { readonly decisionId: string; readonly recorded: Promise<void> };
}
