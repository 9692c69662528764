/**
 * The file capabilities on the host, where no mount table can be the wall (M7.8): each grant of a run is opened once,
 * held by its descriptor, and walked from there. The record says `servedBy: "host"`, the metadata `enforcement.files`
 * below.
 */
import type { Value } from '@ccos/rtfs';
import { fileEffect } from '../guest/files.ts';
import { HeldGrants } from '../guest/open-grant.ts';
import { WALK_METHOD } from '../guest/walk.ts';
import type { GrantedPath } from '../model/program.ts';

/**
 * What `enforcement.files` says where files are served so: `descriptor-walk`, or `identity-walk` where there is no
 * `/proc`.
 */
export const HOST_FILES_ENFORCEMENT = `${WALK_METHOD}-walk` as const;

/** The files of one run. Whoever made it closes it when the run ends. */
export class HostFiles {
  readonly #held: HeldGrants;

  /** `hidden`: folders that look empty and read-only below every grant (S6.4), as `MicroVMConfig.hidden` names them. */
  constructor(hidden: readonly string[] = []) {
    this.#held = new HeldGrants({ hidden });
  }

  /**
   * Carries out one file capability below a grant, synchronously: a walk costs some ten microseconds.
   * Throws `CcosError` as `fileEffect` does; after `close`, `INTERNAL`.
   */
  run(capability: string, args: readonly Value[], granted: GrantedPath): Value {
    return fileEffect(capability, args, granted, this.#held);
  }

  /** Frees every descriptor; a second time does nothing. */
  close(): void {
    this.#held.close();
  }
}
