/**
 * A plan that admission let through (G1): there is no other way to make one, and the orchestrator takes nothing else.
 */
import type { CompiledProgram, Effects, ModuleSource } from '@ccos/rtfs';
import { CcosError } from '../foundation/errors.ts';
import type { IsolationKind, ProviderName } from '../model/isolation.ts';
import type { Mode } from '../model/plan.ts';
import type { RunLimits } from '../model/limits.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';
import type { JudgedCall } from './calls.ts';

/** The wall that was chosen at admission; the orchestrator never takes another (O3.2). */
export interface WallChoice {
  readonly provider: ProviderName;
  readonly isolation: IsolationKind;
  readonly notice?: string | undefined;
}

/** What is known of a plan once every stage has passed. */
export interface PlanFacts {
  readonly planHash: string;
  readonly planId: string;
  /** The plan's text; '' for bytecode. */
  readonly source: string;
  /** The bytecode as base64 (M1.4); null for a text. */
  readonly bytecode: string | null;
  /** The modules that the source loads (R10.6). */
  readonly modules: readonly ModuleSource[];
  readonly program: CompiledProgram;
  readonly effects: Effects;
  readonly calls: readonly JudgedCall[];
  readonly context: RuntimeContext;
  readonly mode: Mode;
  readonly limits: RunLimits;
  readonly wall: WallChoice;
  /** The plan's `GovernanceDecision`: the parent of `PlanStarted` (L5.1). */
  readonly decisionId: string;
  /** The plan's `PlanProposed`; null where nothing is recorded (G1.19). */
  readonly proposedId: string | null;
}

const ADMIT = Symbol('admit');
const admitted = new WeakSet<object>();

/** Frozen; identity is checked, not shape. */
export class AdmittedPlan {
  readonly facts: PlanFacts;
  constructor(admit: symbol, facts: PlanFacts) {
    if (admit !== ADMIT || new.target !== AdmittedPlan) throw notAdmitted();
    this.facts = Object.freeze({ ...facts });
    admitted.add(this);
    Object.freeze(this);
  }
  get planHash(): string {
    return this.facts.planHash;
  }
  get effects(): Effects {
    return this.facts.effects;
  }
}

/** Refuses whatever admission did not build (O6.14). Throws `INTERNAL`: no plan can cause it. */
export function assertAdmitted(plan: AdmittedPlan): void {
  if (!admitted.has(plan)) throw notAdmitted();
}

function notAdmitted(): CcosError {
  return new CcosError('INTERNAL', 'A plan that was not admitted cannot run');
}

let handedOut = false;

/**
 * The maker of admitted plans, for `admission.ts` alone: it is handed out once, when that module loads, and a second
 * taker gets an error, so that nobody else can hold it unnoticed.
 */
export function takeAdmit(): (facts: PlanFacts) => AdmittedPlan {
  if (handedOut) throw notAdmitted();
  handedOut = true;
  return (facts) => new AdmittedPlan(ADMIT, facts);
}
