/** The life of an intent (I2): which status follows which, and what a transition leaves in the intent. */
import { CcosError } from '../foundation/errors.ts';
import type { IntentStatus, StorableIntent } from '../model/intent.ts';

/** Where each status may lead (I2). */
export const TRANSITIONS: Readonly<Record<IntentStatus, readonly IntentStatus[]>> = {
  Active: ['Active', 'Executing', 'Completed', 'Failed', 'Suspended', 'Archived'],
  Executing: ['Active', 'Completed', 'Failed', 'Suspended', 'Archived'],
  Completed: ['Archived'],
  Failed: ['Active', 'Archived'],
  Suspended: ['Active', 'Archived'],
  Archived: ['Active'],
};

/** Members of the metadata that only a transition writes: `status_transition_<seconds>_<n>`. */
const TRANSITION_MEMBER = /^status_transition_(\d+)_(\d+)$/;

/** True for a member of the metadata that tells a transition. */
export function isTransitionMember(name: string): boolean {
  return TRANSITION_MEMBER.test(name);
}

/** One transition that happened; `at` is in Unix seconds. */
export interface StatusChange {
  readonly at: number;
  readonly oldStatus: IntentStatus;
  readonly newStatus: IntentStatus;
  readonly reason: string;
}

/** Refuses a transition that the table does not have. Throws `INTENT_TRANSITION {from, to, allowed}` (I2.2). */
export function checkTransition(intent: StorableIntent, to: IntentStatus): void {
  const allowed = TRANSITIONS[intent.status];
  if (allowed.includes(to)) return;
  throw new CcosError('INTENT_TRANSITION', `Cannot move ${intent.intent_id} from ${intent.status} to ${to}`, {
    details: { id: intent.intent_id, from: intent.status, to, allowed },
    hint: `from ${intent.status} it can become ${allowed.join(' or ')}`,
  });
}

/** The intent behind a transition (I2.3). `Active → Active` changes the time alone. */
export function transitioned(
  intent: StorableIntent,
  { at, oldStatus, newStatus, reason }: StatusChange,
): StorableIntent {
  if (oldStatus === newStatus) return { ...intent, updated_at: at };
  const before = Object.keys(intent.metadata).filter(isTransitionMember).length;
  const told = `${at}: ${oldStatus} -> ${newStatus} (reason: ${reason})`;
  return {
    ...intent,
    status: newStatus,
    updated_at: at,
    metadata: { ...intent.metadata, [`status_transition_${at}_${before}`]: told },
  };
}

/** The transitions in the order in which they happened (I2.4). */
export function statusHistory(intent: StorableIntent): StatusChange[] {
  return Object.entries(intent.metadata)
    .flatMap(([name, told]) => {
      const [, at, n] = TRANSITION_MEMBER.exec(name) ?? [];
      const [, oldStatus, newStatus, reason] = /^\d+: (\w+) -> (\w+) \(reason: ([^]*)\)$/.exec(told) ?? [];
      if (n === undefined || reason === undefined) return [];
      const change = { at: Number(at), oldStatus, newStatus, reason } as StatusChange;
      return [{ n: Number(n), change }];
    })
    .toSorted((a, b) => a.n - b.n)
    .map(({ change }) => change);
}
