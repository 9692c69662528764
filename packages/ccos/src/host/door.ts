/**
 * The one door for effects (O6): an ordered list of stages, each of which passes the call on or refuses it by
 * throwing. What a stage refuses is recorded in one place, `#refuse`, and told to the program in one way. Nothing
 * here knows what a capability does; nothing that runs one is reachable but through here.
 */
import { ErrorValue, type Effects } from '@ccos/rtfs';
import type { CapabilityContext, CapabilityOutcome, EffectPlace } from '../capabilities/context.ts';
import type { Registered } from '../capabilities/manifest.ts';
import type { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import type { RunOutput } from '../capabilities/output.ts';
import type { Clock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import { executionId } from '../foundation/ids.ts';
import type { GuestCall, GuestEffects, GuestReply } from '../model/guest-host.ts';
import type { FileOperation, GrantedPath } from '../model/program.ts';
import type { Authorization } from '../security/authorization.ts';
import { SecurityAuthorizer, explain } from '../security/authorizer.ts';
import { effectiveEffects } from '../security/effects.ts';
import type { BudgetLedger } from '../security/ledger.ts';
import { pathArgument } from '../security/path-argument.ts';
import { findGrant, readPath } from '../security/paths.ts';
import { requestFor } from '../security/request.ts';
import { isCapabilityId, type RuntimeContext } from '../security/runtime-context.ts';
import { argsDigest } from '../security/value-digest.ts';
import { asCallError, endsRun, toProgram } from './call-errors.ts';
import { CallPlaces, type OpenSteps } from './call-place.ts';
import { CallRecords, type CallPlace, type MeasuredResult, type RecordScope } from './call-records.ts';
import { withDeadline } from './deadline.ts';
import { fileOperation } from './file-operation.ts';

/** What the door is told of an admitted plan. */
export interface AdmittedProgram {
  readonly planHash: string;
  readonly effects: Effects;
}

/** Everything that the calls of one run share. */
export interface DoorOptions extends Omit<RecordScope, 'plan'> {
  readonly program: AdmittedProgram;
  readonly context: RuntimeContext;
  readonly marketplace: CapabilityMarketplace;
  readonly steps: OpenSteps;
  readonly ledger: BudgetLedger;
  readonly output: RunOutput;
  readonly clock: Clock;
  readonly place: Omit<EffectPlace, 'guest'>;
  /** Aborts when the run ends; its reason is the `CcosError` that ended it (`CANCELLED`, `LIMIT_TIME`). */
  readonly signal: AbortSignal;
}

/** One call on its way: the stages fill it in, in their order. */
interface Passage {
  readonly call: GuestCall;
  readonly guest: GuestEffects | null;
  readonly argsDigest: string;
  readonly idempotencyKey: string;
  place: CallPlace;
  entry: Registered | null;
  granted: GrantedPath | null;
  decisionId: string | null;
  authorization: Authorization | null;
  callId: string | null;
  /** Monotonic milliseconds at which the implementation started. */
  startedAt: number;
  outcome: CapabilityOutcome | null;
  result: MeasuredResult | null;
}

/** How many refusals are remembered for `answered`. */
const ANSWERED_MAX = 256;

export class HostDoor {
  readonly #options: DoorOptions;
  readonly #places: CallPlaces;
  readonly #records: CallRecords;
  readonly #answered = new Map<string, CcosError>();
  readonly #fileOperations: FileOperation[] = [];
  readonly #filesServedBy = new Set<CapabilityOutcome['servedBy']>();
  /** O6.1 to O6.10; place and the run's end are checked before the first. */
  readonly #stages: readonly ((passage: Passage) => void | Promise<void>)[] = [
    (passage) => this.#lookUp(passage),
    (passage) => this.#readPath(passage),
    (passage) => this.#authorize(passage),
    (passage) => this.#checkInput(passage),
    (passage) => this.#recordCall(passage),
    (passage) => this.#execute(passage),
    (passage) => this.#settle(passage),
  ];

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#places = new CallPlaces(options.program.effects, options.steps);
    const { chain, archive, run, record, program } = options;
    this.#records = new CallRecords({ chain, archive, run, record, plan: program.planHash });
  }

  /** The file calls that were carried out (M2.5). */
  get fileOperations(): readonly FileOperation[] {
    return this.#fileOperations;
  }
  /** Who carried them out: the guest below its mounts, or the host by its own walk (P4.6). */
  get filesServedBy(): ReadonlySet<CapabilityOutcome['servedBy']> {
    return this.#filesServedBy;
  }

  /** The error behind what a program was told, with its hint and details, should that end the run uncaught (O11.1). */
  answered(code: string, message: string): CcosError | undefined {
    return this.#answered.get(`${code} ${message}`);
  }

  /**
   * Answers one call of the guest. Throws only what ends the run: `PROTOCOL_VIOLATION`, `CANCELLED`, `LIMIT_TIME`,
   * `CHAIN_UNAVAILABLE` and other failures of the record.
   */
  async call(call: GuestCall, guest: GuestEffects | null): Promise<GuestReply> {
    this.#options.signal.throwIfAborted();
    const { branch } = this.#places.enter(call);
    try {
      return await this.#pass(call, guest);
    } finally {
      this.#places.leave(branch);
    }
  }

  async #pass(stated: GuestCall, guest: GuestEffects | null): Promise<GuestReply> {
    // Frozen, so that what is authorised is what is recorded and executed.
    const call = { ...stated, args: Object.freeze([...stated.args]) };
    const place = { path: call.path, step: call.step?.path, parent: this.#options.steps.parentRecord(call.path) };
    const digest = argsDigest(call.args);
    const passage: Passage = {
      call,
      guest,
      argsDigest: digest,
      idempotencyKey: this.#records.idempotencyKey(place, digest),
      place,
      entry: null,
      granted: null,
      decisionId: null,
      authorization: null,
      callId: null,
      startedAt: 0,
      outcome: null,
      result: null,
    };
    try {
      for (const stage of this.#stages) await stage(passage);
      return { ok: passage.outcome?.value ?? null };
    } catch (thrown) {
      return await this.#refuse(passage, thrown);
    }
  }

  /** O6.3. An id of the wrong shape goes on to the authorizer, which refuses it by that name (S3.7). */
  #lookUp(passage: Passage): void {
    const { marketplace, context } = this.#options;
    const { capability } = passage.call;
    passage.entry = marketplace.find(capability) ?? null;
    if (passage.entry !== null || !isCapabilityId(capability)) return;
    const error = marketplace.unknown(capability, 4);
    const { reason: _reason, ...judged } = explain(context, requestFor(context, capability, passage.call.args));
    this.#decisions(passage)
      .record({
        ...judged,
        outcome: 'deny',
        rule: 'unknown',
        effects: effectiveEffects(undefined),
        permissions: [],
        reason: error.message,
        hint: error.hint ?? '',
        rules: [{ id: 'unknown', source: 'registry', effect: 'deny', matched: true, outcome: 'deny' }],
        subject: { kind: 'capability', id: capability, argsDigest: passage.argsDigest },
      })
      .recorded.catch(() => undefined);
    throw error;
  }

  /** S6.2: an impossible path is refused before policy and schema; `..` is left to the policy. */
  #readPath({ call, entry }: Passage): void {
    if (entry === null || entry.manifest.path === null) return;
    const text = pathArgument(call.args);
    const read = typeof text === 'string' ? readPath(this.#options.context.baseFolder, text) : null;
    if (read === null || !('fault' in read) || read.fault === 'parent-segment') return;
    const found = read.fault === 'empty' ? 'an empty one' : 'one with a NUL';
    throw new CcosError('CAP_INPUT', `${call.capability}: a path names a file or folder, found ${found}`, {
      hint: 'write the path with plain names',
      details: { capability: call.capability, pointer: '/0', expected: 'a path', found },
    });
  }

  /** O6.4: decides, reserves, and turns the path argument into its grant once. */
  #authorize(passage: Passage): void {
    const { context, ledger } = this.#options;
    const { call, entry } = passage;
    passage.authorization = SecurityAuthorizer.authorizeCapability(context, call.capability, call.args, {
      decisions: this.#decisions(passage),
      layers: [ledger.layer],
    });
    ledger.reserve();
    const path = entry?.manifest.path ?? null,
      text = pathArgument(call.args);
    if (path === null || typeof text !== 'string') return;
    const verdict = findGrant(context, text, path);
    passage.granted = 'granted' in verdict ? verdict.granted : null;
  }

  #checkInput(passage: Passage): void {
    known(passage.entry).checkInput(passage.call.args);
  }

  /** O6.7: decision and call leave in one batch; the decision is awaited by whoever spends the authorization (L8.3). */
  async #recordCall(passage: Passage): Promise<void> {
    const { manifest, manifestHash } = known(passage.entry);
    const { place, call, authorization } = passage;
    const { decisionId } = known(authorization);
    passage.callId = await this.#records.call(place, decisionId, {
      manifest,
      manifestHash,
      args: call.args,
      idempotencyKey: passage.idempotencyKey,
    });
  }

  async #execute(passage: Passage): Promise<void> {
    const { marketplace, clock, signal } = this.#options;
    const { manifest } = known(passage.entry);
    const { call, authorization } = passage;
    passage.startedAt = clock.monotonic();
    const limitMs = Math.min(call.timeoutMs ?? manifest.timeoutMs, manifest.timeoutMs);
    passage.outcome = await withDeadline(limitMs, signal, (stopped) =>
      marketplace.execute(known(authorization), call.capability, call.args, this.#capabilityContext(passage, stopped)),
    );
    passage.result = this.#records.measure(manifest, passage.outcome.value);
  }

  #capabilityContext(passage: Passage, signal: AbortSignal): CapabilityContext {
    const { context, output, clock, place } = this.#options;
    return {
      executionId: executionId(),
      idempotencyKey: passage.idempotencyKey,
      signal,
      output,
      clock,
      environment: context.environment,
      place: { ...place, guest: passage.guest },
      granted: passage.granted,
    };
  }

  /** O6.10. */
  async #settle(passage: Passage): Promise<void> {
    const { manifest } = known(passage.entry);
    const outcome = known(passage.outcome),
      result = known(passage.result),
      callId = known(passage.callId);
    const durationMs = this.#options.clock.monotonic() - passage.startedAt;
    const operation = outcome.simulated ? null : fileOperation(manifest.path, passage.call.args, outcome.value);
    if (operation !== null) {
      this.#fileOperations.push(operation);
      this.#filesServedBy.add(outcome.servedBy);
    }
    // From here on nothing refuses: a failing append means that the record is gone, which ends the run.
    passage.callId = null;
    this.#options.ledger.commit();
    passage.authorization = null;
    await this.#records.ok(passage.place, callId, { manifest, result, outcome, durationMs });
  }

  /** O6.11: the one place where a refusal is recorded and told. */
  async #refuse(passage: Passage, thrown: unknown): Promise<GuestReply> {
    const error = asCallError(thrown);
    const { place, entry, callId, decisionId, authorization } = passage;
    if (authorization !== null) this.#options.ledger[callId === null ? 'release' : 'commit']();
    const ends = !(error instanceof ErrorValue) && endsRun(error);
    // Of a call that ends the run before it was made there is nothing to serve again.
    if (ends && callId === null) throw error;
    const manifest = entry?.manifest ?? null;
    const durationMs = callId === null ? 0 : this.#options.clock.monotonic() - passage.startedAt;
    if (callId !== null) {
      const recorded = this.#records.failed(place, callId, { manifest, error, durationMs, refused: false });
      // The error that ends the run is told even where the record cannot be written any more.
      await (ends ? recorded.catch(() => undefined) : recorded);
    } else if (decisionId !== null && authorization === null && !(error instanceof ErrorValue)) {
      await this.#records.violation(place, decisionId, {
        capability: passage.call.capability,
        argsDigest: passage.argsDigest,
        error,
      });
    } else {
      await this.#records.failed(place, decisionId ?? place.parent, { manifest, error, durationMs, refused: true });
    }
    if (ends) throw error;
    if (error instanceof CcosError) this.#remember(error);
    return { error: toProgram(error) };
  }

  #decisions(passage: Passage): ReturnType<CallRecords['decisions']> {
    return this.#records.decisions(passage.place, (id) => {
      passage.decisionId = id;
    });
  }

  #remember(error: CcosError): void {
    if (this.#answered.size >= ANSWERED_MAX) this.#answered.delete(this.#answered.keys().next().value ?? '');
    this.#answered.set(`${error.code} ${error.message}`, error);
  }
}

/** What an earlier stage has set: its absence is a defect of the list of stages. */
function known<T>(value: T | null): T {
  if (value === null) throw new CcosError('INTERNAL', 'A stage of the host door ran before the one it builds on');
  return value;
}
