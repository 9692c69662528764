/** What a guest may ask of its host, and the host of its guest: the messages of M8.2 after they were checked. */
import type { Json, StepRef, Value } from '@ccos/rtfs';
import type { GrantedPath } from './program.ts';

/** A `call` as the guest states it; the door checks path and step (O4.3). */
export interface GuestCall {
  readonly path: string;
  readonly step: StepRef | null;
  readonly capability: string;
  readonly args: readonly Value[];
  readonly exposure: { readonly expose: boolean | null; readonly keys: readonly string[] | null };
  readonly hints: Json;
  readonly timeoutMs: number | null;
}

/** A step notification. */
export interface GuestStep {
  readonly event: 'started' | 'completed' | 'failed';
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
  readonly value?: Json;
  readonly error?: GuestError;
}

/** An error on the channel: the kind a program sees; a host's code stands in `data` under `:code` (E1.2). */
export interface GuestError {
  readonly kind: string;
  readonly message: string;
  readonly data?: Value;
}
export type GuestReply = { readonly ok: Value } | { readonly error: GuestError };

/** The guest side of the built-in effects (P4.6): the effect runs in the plan's own guest, below the mounts of its wall. */
export interface GuestEffects {
  /** True when this guest's mounts cover the grant, so that the mount table is the wall. */
  covers(granted: GrantedPath): boolean;
  /** Runs one file capability in the guest. Throws `CcosError` with the guest's `IO_*` code. */
  run(capability: string, args: readonly Value[], granted: GrantedPath): Promise<Value>;
}

/**
 * The host's side of a guest session. Implemented by the orchestrator around the host door; every method that throws a
 * `CcosError` which is not answered to the program ends the session with that error.
 */
export interface GuestHost {
  call(call: GuestCall, effects: GuestEffects): Promise<GuestReply>;
  context(path: string, key: string): Promise<GuestReply>;
  pause(path: string, ms: number): Promise<GuestReply>;
  checkpoint(path: string, label: string | null, context: Json): Promise<GuestReply>;
  step(step: GuestStep): Promise<GuestReply>;
}
