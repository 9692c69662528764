/**
 * A guest from its launch until it is given work: launched, shaken hands with and looked at from outside, having run nothing. Its
 * start is measured from the launch, whether its program was known by then or not.
 */
import type { Clock } from '../foundation/clock.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import type { GuestHost } from '../model/guest-host.ts';
import type { FileOperation, MicroVMConfig } from '../model/program.ts';
import { observingFiles } from './file-operations.ts';
import type { GuestLauncher, GuestProcess } from './provider.ts';
import { GuestSession } from './session.ts';

/** A guest that can be launched: how, and which bundle it must say it is. */
export interface GuestKit {
  readonly launcher: GuestLauncher;
  readonly guestDigest: string;
}

/** What is launched. */
export interface GuestOrder {
  readonly executionId: string;
  readonly config: MicroVMConfig;
}

/** No guest came up: what was known of this wall is not true any more. */
const NO_GUEST: ReadonlySet<string> = new Set(['LAUNCH_FAILED', 'STARTUP_TIMEOUT', 'HANDSHAKE_FAILED']);

/** True for an error that says that no guest came up. */
export function isNoGuest(error: CcosError): boolean {
  return NO_GUEST.has(error.code);
}

/** A launched guest. `started` and `startedAt` are when its launch began, monotonic and Unix milliseconds. */
export class LaunchedGuest {
  readonly guest: GuestProcess;
  readonly session: GuestSession;
  readonly started: number;
  readonly startedAt: number;
  /** The milliseconds that its start took. Rejects with what kept it from starting: `LAUNCH_FAILED`, `STARTUP_TIMEOUT`, `HANDSHAKE_FAILED`. */
  readonly ready: Promise<number>;
  /** The file calls that the host answered for it. */
  readonly operations: FileOperation[] = [];
  #host: GuestHost | null = null;

  private constructor(guest: GuestProcess, kit: GuestKit, order: GuestOrder, began: Began) {
    const { clock, started, startedAt } = began;
    this.guest = guest;
    this.started = started;
    this.startedAt = startedAt;
    this.session = new GuestSession(guest, {
      guestHost: observingFiles(() => this.#answerer(), this.operations),
      guestDigest: kit.guestDigest,
      limits: order.config.limits,
      clock,
    });
    this.ready = this.#start(clock);
    // Whoever takes the guest is told; nobody may have come yet.
    this.ready.catch(() => undefined);
  }

  /** Launches a guest and begins to shake hands. Throws `LAUNCH_FAILED`, `ENFORCEMENT_UNAVAILABLE`. */
  static async launch(kit: GuestKit, order: GuestOrder, clock: Clock, signal: AbortSignal): Promise<LaunchedGuest> {
    const began = { clock, started: clock.monotonic(), startedAt: clock.now() };
    signal.throwIfAborted();
    return new LaunchedGuest(await kit.launcher.launch(order, signal), kit, order, began);
  }

  /** Names who answers the guest's calls; to be done before work is given to it. */
  answeredBy(host: GuestHost): void {
    this.#host = host;
  }

  /** Ends the guest, whatever it does. */
  async end(): Promise<void> {
    await this.guest.kill();
    this.guest.channel.close();
  }

  async #start(clock: Clock): Promise<number> {
    await this.session.handshake();
    await this.guest.verify?.();
    return clock.monotonic() - this.started;
  }

  #answerer(): GuestHost {
    if (this.#host === null) throw new CcosError('INTERNAL', 'A guest called before it was given work');
    return this.#host;
  }
}

interface Began {
  readonly clock: Clock;
  readonly started: number;
  readonly startedAt: number;
}

/** A guest that was launched for a program which may still be refused. It is taken by its execution, or discarded; once. */
export class AheadGuest {
  readonly config: MicroVMConfig;
  /** The guest, as far as its launch went. */
  readonly launched: Promise<LaunchedGuest>;
  /** Gives its slot back; the execution that takes the guest takes the slot too. */
  readonly release: () => void;
  readonly #stop = new AbortController();
  #failure: CcosError | null = null;

  constructor(kit: GuestKit, order: GuestOrder, clock: Clock, release: () => void) {
    this.config = order.config;
    this.release = release;
    this.launched = LaunchedGuest.launch(kit, order, clock, this.#stop.signal);
    this.launched
      .then(({ ready }) => ready)
      .catch((thrown: unknown) => {
        this.#failure = asCcosError(thrown);
      });
  }

  /** Resolves when the guest's first process runs, or its launch has failed. */
  get begun(): Promise<void> {
    return this.launched.then(
      () => undefined,
      () => undefined,
    );
  }

  /** Ends the guest. Resolves, when nothing of it is left, to what had kept it from starting before, or null. Rejects with what is left. */
  async discard(): Promise<CcosError | null> {
    const failure = this.#failure;
    try {
      this.#stop.abort(new CcosError('CANCELLED', 'The plan was not run'));
      const launched = await this.launched.catch(() => null);
      await launched?.end();
      return failure;
    } finally {
      this.release();
    }
  }
}
