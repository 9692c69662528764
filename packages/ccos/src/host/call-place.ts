/** Holds what a guest states of a call against the program that was admitted (O4.3, O6.15). */
import type { Effects } from '@ccos/rtfs';
import { CcosError } from '../foundation/errors.ts';
import type { GuestCall } from '../model/guest-host.ts';

/** The open steps of the run, which the orchestrator keeps. */
export interface OpenSteps {
  /** The innermost open step around a path, or null. */
  innermost(path: string): { readonly path: string; readonly name: string } | null;
  /** The record that what happens at a path lies under: that of the innermost open step, else `PlanStarted` (L5.1). */
  parentRecord(path: string): string;
}

const PATH = /^(?<branch>(?:[^/]+\/)*)(?<site>[^/#]+)#(?<count>0|[1-9][0-9]{0,15})$/;

export class CallPlaces {
  readonly #sites = new Map<string, Set<string | null>>();
  readonly #last = new Map<string, number>();
  readonly #open = new Set<string>();
  readonly #steps: OpenSteps;

  constructor(effects: Effects, steps: OpenSteps) {
    for (const { site, id } of effects.calls) {
      const ids = this.#sites.get(site) ?? new Set();
      ids.add(id);
      this.#sites.set(site, ids);
    }
    this.#steps = steps;
  }

  /** Checks a call and holds its branch until `leave`. Throws `PROTOCOL_VIOLATION`. */
  enter(call: GuestCall): { readonly branch: string } {
    const parts = PATH.exec(call.path)?.groups;
    if (parts === undefined) throw violation(`'${call.path}' is no call path`);
    const branch = parts['branch'] ?? '',
      site = parts['site'] ?? '',
      count = Number(parts['count']);
    const ids = this.#sites.get(site);
    if (ids === undefined) throw violation(`the admitted program has no call at ${site}`);
    if (!ids.has(null) && !ids.has(call.capability))
      throw violation(`the call at ${site} is not one of '${call.capability}'`);
    const step = this.#steps.innermost(call.path);
    if ((step?.path ?? null) !== (call.step?.path ?? null) || (step?.name ?? null) !== (call.step?.name ?? null)) {
      throw violation(
        `the call at ${call.path} names step ${call.step?.path ?? 'none'}, open is ${step?.path ?? 'none'}`,
      );
    }
    if (this.#open.has(branch)) throw violation(`two calls of one branch are open at once, the second at ${call.path}`);
    // Executions of a site in one branch are counted upwards: remembering the last makes every path new.
    const counter = branch + site;
    if (count <= (this.#last.get(counter) ?? -1)) throw violation(`the call path ${call.path} was used before`);
    this.#last.set(counter, count);
    this.#open.add(branch);
    return { branch };
  }

  /** The call of a branch was answered. */
  leave(branch: string): void {
    this.#open.delete(branch);
  }
}

function violation(what: string): CcosError {
  return new CcosError('PROTOCOL_VIOLATION', `The guest broke the rules of the channel: ${what}`, {
    hint: 'this is no error of the plan: please report it with the run folder',
    details: { reason: what },
  });
}
