/**
 * The open steps of a run, as the guest states them, held to the rules of O4.3: a step is opened once an attempt, closes what
 * is innermost in its branch, and nothing comes from a closed one. Parents are computed here, from paths alone; what a guest
 * claims about nesting is compared with it and never believed.
 *
 * A path is `{branch/}* site#k` (R11.9). Each branch has a stack of open steps; a branch without any lies in the innermost open
 * step of the branch that started it.
 */
import { CcosError } from '../foundation/errors.ts';

/** An open step: its record, and when it began. */
export interface OpenStep {
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
  readonly record: string;
  readonly depth: number;
  readonly startedAt: number;
}

/** The branch of a path: all before its last `/`, '' for the main line. */
export function branchOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The site of a path: `0.2.1` of `0.1#0|1/0.2.1#3`. */
export function siteOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('#'));
}

export class StepTree {
  readonly #stacks = new Map<string, OpenStep[]>();
  readonly #attempts = new Map<string, number>();
  readonly #root: string;

  /** `root` is the id of the run's `PlanStarted` record, the parent of all that lies in no step (L5.1). */
  constructor(root: string) {
    this.#root = root;
  }

  /** The innermost open step around a path, or null. */
  innermost(path: string): OpenStep | null {
    for (let branch = branchOf(path); ; branch = branchOf(branch)) {
      const top = this.#stacks.get(branch)?.at(-1);
      if (top !== undefined) return top;
      if (branch === '') return null;
    }
  }

  /** The record under which what happens at a path is filed: that of the innermost open step, else `PlanStarted`. */
  parentRecord(path: string): string {
    return this.innermost(path)?.record ?? this.#root;
  }

  /** Checks that a step may open here: a new path, or the next attempt of a step that closed. Throws `PROTOCOL_VIOLATION`. */
  checkOpening(path: string, attempt: number): void {
    const before = this.#attempts.get(path) ?? 0;
    if (attempt !== before + 1) throw violation(`step ${path} states attempt ${attempt}, expected ${before + 1}`);
    if (this.#find(path) !== undefined) throw violation(`step ${path} is open already`);
  }

  /** Opens a step whose record was written. */
  open(step: { path: string; name: string; attempt: number; record: string; startedAt: number }): OpenStep {
    this.checkOpening(step.path, step.attempt);
    const opened: OpenStep = { ...step, depth: (this.innermost(step.path)?.depth ?? -1) + 1 };
    const branch = branchOf(step.path);
    const stack = this.#stacks.get(branch);
    if (stack === undefined) this.#stacks.set(branch, [opened]);
    else stack.push(opened);
    this.#attempts.set(step.path, step.attempt);
    return opened;
  }

  /** Closes the innermost step of its branch. Throws `PROTOCOL_VIOLATION` when it is not the one named. */
  close(path: string, attempt: number): OpenStep {
    const stack = this.#stacks.get(branchOf(path));
    const top = stack?.at(-1);
    if (top?.path !== path || top.attempt !== attempt)
      throw violation(`step ${path} ends, but the innermost open step of its branch is ${top?.path ?? 'none'}`);
    stack!.pop();
    return top;
  }

  /** Every open step, innermost first, for the end of a run that was cut short. */
  drain(): OpenStep[] {
    const open = [...this.#stacks.values()].flat().sort((a, b) => b.depth - a.depth);
    this.#stacks.clear();
    return open;
  }

  #find(path: string): OpenStep | undefined {
    return this.#stacks.get(branchOf(path))?.find((step) => step.path === path);
  }
}

function violation(what: string): CcosError {
  return new CcosError('PROTOCOL_VIOLATION', `Cannot trust the guest: ${what}`, { details: { reason: what } });
}
