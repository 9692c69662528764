/**
 * The token that every execution demands (S9.1–S9.3). There is one way to get one: the fold allowed the request and the
 * decision went to its sink. Identity is checked, not shape, so that no copy of one is worth anything.
 */
import { CcosError } from '../foundation/errors.ts';
import { authorizationId } from '../foundation/ids.ts';
import { violationMessage } from './violation.ts';
import type { Decision, DecisionSink, DecisionSubject } from './decision.ts';

/** An authorization is good for this long after it was minted (S9), for one execution. */
const LIFE_MS = 60_000;

const MINT = Symbol('mint');
/** What was minted here, with the execution that spent it. */
const minted = new WeakMap<object, { spentFor: string | null }>();

/** Permission for one execution of one subject (S9). Frozen; made here alone. */
export class Authorization {
  readonly id: string;
  readonly decisionId: string;
  readonly subject: DecisionSubject;
  readonly permissions: readonly string[];
  readonly contextId: string;
  readonly policyDigest: string;
  /** On the monotonic clock of this process, milliseconds. */
  readonly expiresAt: number;
  /** Settles when the decision is recorded as L8.2 demands; rejects with `CHAIN_UNAVAILABLE`. */
  readonly recorded: Promise<void>;

  constructor(
    mint: symbol,
    decision: Decision,
    record: { readonly decisionId: string; readonly recorded: Promise<void> },
  ) {
    if (mint !== MINT || new.target !== Authorization) throw invalid('it was not minted by the authorizer');
    this.id = authorizationId();
    this.decisionId = record.decisionId;
    this.subject = Object.freeze({ ...decision.subject });
    this.permissions = Object.freeze([...decision.permissions]);
    this.contextId = decision.contextId;
    this.policyDigest = decision.policyDigest;
    this.expiresAt = performance.now() + LIFE_MS;
    this.recorded = record.recorded;
    minted.set(this, { spentFor: null });
    Object.freeze(this);
  }
}

/** Operation and reason as S8.3's table names them. */
export interface Operation {
  readonly operation: string;
}

/**
 * Records a decision and mints the authorization that it grants, or throws its refusal: `SECURITY_VIOLATION`, or the
 * code that the decision names. Nothing else mints.
 */
export function conclude(decision: Decision, sink: DecisionSink, { operation }: Operation): Authorization {
  const record = sink.record(decision);
  // Whoever executes awaits `recorded`; until then a failed record must not count as an unhandled rejection.
  record.recorded.catch(() => undefined);
  if (decision.outcome === 'allow') return new Authorization(MINT, decision, record);
  const { id } = decision.subject;
  const reason = decision.reason ?? 'No reason was given';
  const code = decision.code ?? 'SECURITY_VIOLATION';
  const message = code === 'SECURITY_VIOLATION' ? violationMessage(operation, id, reason) : reason;
  throw new CcosError(code, message, {
    hint: decision.hint,
    details: {
      operation,
      capability: id,
      reason,
      rule: decision.rule,
      decisionId: record.decisionId,
      options: decision.options ?? [],
    },
  });
}

/** Refuses what was not minted here or is no longer good (S8.6). Throws `AUTHORIZATION_INVALID`. */
export function assertAuthorization(authorization: Authorization, executionId: string): void {
  const state = minted.get(authorization);
  if (state === undefined) throw invalid('it was not minted by the authorizer');
  if (performance.now() > authorization.expiresAt) throw invalid(`Authorization ${authorization.id} is expired`);
  if (state.spentFor !== null && state.spentFor !== executionId)
    throw invalid(`Authorization ${authorization.id} is already spent`);
}

/**
 * Spends an authorization for one execution, before its effect starts (S9.2). Throws `AUTHORIZATION_INVALID` for one
 * that is forged, expired or spent, be it for the same execution.
 */
export function spend(authorization: Authorization, executionId: string): void {
  assertAuthorization(authorization, executionId);
  const state = minted.get(authorization);
  if (state === undefined || state.spentFor !== null)
    throw invalid(`Authorization ${authorization.id} is already spent`);
  state.spentFor = executionId;
}

/** The refusal of an authorization, with the text that E3 demands at its beginning. */
export function invalid(why: string, details: Readonly<Record<string, unknown>> = {}): CcosError {
  return new CcosError('AUTHORIZATION_INVALID', `Security violation: ${why}`, { details });
}
