/**
 * The budget of a run (S11), so far its `actions`. As a policy layer it refuses what would pass the limit; a call
 * that is allowed reserves, and what was reserved is committed or released when the call ends.
 */
import type { RuleLooked } from './decision.ts';
import type { PolicyLayer } from './layers.ts';

/** Counted exactly; remaining is never negative (S11.2). */
export class BudgetLedger {
  readonly #limit: number;
  #spent = 0;
  #reserved = 0;

  /** `actions`: how many calls the run may make. */
  constructor(actions: number) {
    this.#limit = actions;
  }

  get remaining(): number {
    return this.#limit - this.#spent - this.#reserved;
  }

  /** The layer that judges with this ledger; it reserves nothing. */
  readonly layer: PolicyLayer = {
    source: 'budget',
    judge: () => {
      const left = this.remaining;
      const looked = (matched: boolean): RuleLooked[] => [
        { id: 'budget:actions', source: 'budget', effect: 'deny', matched, outcome: matched ? 'deny' : 'no-match' },
      ];
      if (left >= 1) return { outcome: 'abstain', rule: 'budget:actions', rules: looked(false) };
      return {
        outcome: 'deny',
        rule: 'budget:actions',
        rules: looked(true),
        code: 'BUDGET_EXCEEDED',
        reason: `Budget exhausted: actions needs 1, ${left} left`,
        hint: `--calls ${Math.max(1, this.#limit * 2)}`,
        options: [{ option: '--calls', value: String(Math.max(1, this.#limit * 2)) }],
      };
    },
  };

  /** Sets one action aside, in the turn in which it was allowed. */
  reserve(): void {
    this.#reserved++;
  }
  /** The action is over: it counts whether it succeeded or not. */
  commit(): void {
    this.#reserved--;
    this.#spent++;
  }
  /** The action never began. */
  release(): void {
    this.#reserved--;
  }

  /** The payload of `BudgetReport` (L4). */
  report(): { limits: { actions: number }; spent: { actions: number }; reserved: { actions: number } } {
    return { limits: { actions: this.#limit }, spent: { actions: this.#spent }, reserved: { actions: this.#reserved } };
  }
}
