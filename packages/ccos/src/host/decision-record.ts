/** A decision as the payload of `GovernanceDecision` (L4, S9). */
import type { JsonValue } from '../causal-chain/record.ts';
import type { Decision } from '../security/decision.ts';

/** The members that calls and plans share; `callPath` for a call. Reason and hint may name arguments: with digests they are left out (L9.8). */
export function decisionPayload(
  decision: Decision,
  callPath?: string,
  record: 'values' | 'digests' = 'values',
): Record<string, JsonValue | undefined> {
  const { subject, outcome, rule, rules, contextId, level, effects, permissions, policyDigest, reason, hint } =
    decision;
  return {
    subject: { ...subject },
    outcome,
    rule,
    rules: rules.map((looked) => ({ ...looked })),
    contextId,
    level,
    effects,
    permissions,
    policyDigest,
    callPath,
    ...(record === 'digests' ? {} : { reason, hint }),
    signals: [],
  };
}
