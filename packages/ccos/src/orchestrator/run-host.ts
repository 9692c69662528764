/**
 * The host's side of a run: what the guest asks and tells goes to the door, to the step tree and into the record. Calls are the
 * door's; what is answered here (context, pauses, checkpoints) are the machine's requests that are not calls (O5.2).
 */
import { Keyword, PMap, Vec, encode, type Effects, type Json, type Value } from '@ccos/rtfs';
import type { ChainRecord, ChainWriter, Durability, RecordDraft } from '../causal-chain/record.ts';
import type { Clock } from '../foundation/clock.ts';
import { digest } from '../foundation/digest.ts';
import { CcosError, ERRORS, type ErrorCode } from '../foundation/errors.ts';
import { withDeadline } from '../host/deadline.ts';
import type { HostDoor } from '../host/door.ts';
import type { RunListener } from '../model/events.ts';
import type { GuestCall, GuestEffects, GuestError, GuestHost, GuestReply, GuestStep } from '../model/guest-host.ts';
import { siteOf, type OpenStep, type StepTree } from './step-tree.ts';

/** What one run's host works with. */
export interface RunHostOptions {
  readonly door: HostDoor;
  readonly tree: StepTree;
  readonly chain: ChainWriter;
  readonly clock: Clock;
  readonly run: string;
  readonly planHash: string;
  readonly planId: string;
  /** The step sites of the admitted program (O4.3). */
  readonly effects: Effects;
  readonly signal: AbortSignal;
  readonly emit: RunListener;
  readonly record: 'values' | 'digests';
}

const CODE = Keyword.of('code');
const NIL: GuestReply = { ok: null };
/** Forms of the step family that name their step themselves (R12.11–R12.13). */
const OWN_NAMES: ReadonlySet<string> = new Set(['step-if', 'step-loop', 'step-parallel']);
/** No pause is longer (R12.7). */
const PAUSE_MS_MAX = 600_000;

export class RunHost implements GuestHost {
  readonly #options: RunHostOptions;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #failures = new Map<string, { record: string; error: GuestError; at: number }>();
  readonly #sites: ReadonlyMap<string, Effects['steps'][number]>;
  #trail: string[] = [];

  constructor(options: RunHostOptions) {
    this.#options = options;
    this.#sites = new Map(options.effects.steps.map((step) => [step.site, step]));
  }

  /** The steps through which the last error came, innermost first (O11.1). */
  get trail(): readonly string[] {
    return this.#trail;
  }

  /** Resolves when every call that the guest began is recorded, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  call(call: GuestCall, effects: GuestEffects): Promise<GuestReply> {
    this.#trail = [];
    return this.#tracked(this.#call(call, effects));
  }

  /** The fixed table of O5.2; nil for a name that it lacks. */
  context(path: string, key: string): Promise<GuestReply> {
    const value = this.#contextValue(path, key);
    return this.#tracked(
      this.#note(path, { name: 'context', ...this.#kept({ key, reply: encode(value) }) }, 'written').then(() => ({
        ok: value,
      })),
    );
  }

  pause(path: string, ms: number): Promise<GuestReply> {
    if (!Number.isSafeInteger(ms) || ms < 0 || ms > PAUSE_MS_MAX) throw violation(`a pause of ${ms} ms`);
    const wait = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
      });
    return this.#tracked(
      withDeadline(PAUSE_MS_MAX + 1, this.#options.signal, wait)
        .then(() => this.#note(path, { name: 'pause', detail: { ms } }, 'written'))
        .then(() => NIL),
    );
  }

  /** Everything up to here is durable before the program goes on (R12.17). */
  checkpoint(path: string, label: string | null, _context: Json): Promise<GuestReply> {
    return this.#tracked(this.#note(path, { name: 'note', detail: { checkpoint: label } }, 'durable').then(() => NIL));
  }

  step(step: GuestStep): Promise<GuestReply> {
    const told = { started: this.#started, completed: this.#completed, failed: this.#failed }[step.event];
    // The language counts further attempts from 1 (R12.7), the record counts all of them (O4.1).
    return this.#tracked(told.call(this, { ...step, attempt: step.attempt + 1 }).then(() => NIL));
  }

  /** Ends the steps that were open when the run was cut short, innermost first (L4.3). */
  async abandonSteps(error: CcosError): Promise<void> {
    for (const open of this.#options.tree.drain()) {
      await this.#endStep(open, 'PlanStepFailed', {
        error: { code: error.code, ...this.#kept({ message: error.message }) },
      });
    }
  }

  async #call(call: GuestCall, effects: GuestEffects): Promise<GuestReply> {
    const reply = await this.#options.door.call(call, effects);
    if ('error' in reply) this.#tellDenial(call.capability, reply.error);
    return reply;
  }

  #tellDenial(capability: string, { message, data }: GuestError): void {
    const code = data instanceof PMap ? data.get(CODE) : undefined;
    if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code) || ERRORS[code as ErrorCode].exit !== 4) return;
    const error = this.#options.door.answered(code, message);
    if (error !== undefined) this.#options.emit({ type: 'call-denied', capability, error });
  }

  async #started({ path, name, attempt }: GuestStep): Promise<void> {
    const { tree, clock, emit } = this.#options;
    this.#trail = [];
    tree.checkOpening(path, attempt);
    const site = this.#sites.get(siteOf(path));
    if (site === undefined || site.name !== name)
      throw violation(`the admitted program has no step "${name}" at ${siteOf(path)}`);
    const parent = tree.parentRecord(path);
    const before = this.#failures.get(path);
    if (before !== undefined) await this.#retrying(path, before, attempt);
    const payload = {
      name,
      form: OWN_NAMES.has(name) ? name : 'step',
      path,
      attempt,
      isolationLevel: isolationOf(site.options),
    };
    const { id } = await this.#append({ kind: 'PlanStepStarted', parent, payload, step: path });
    const { depth } = tree.open({ path, name, attempt, record: id, startedAt: clock.monotonic() });
    emit({ type: 'step-started', name, path, depth, attempt });
  }

  async #retrying(
    path: string,
    before: { record: string; error: GuestError; at: number },
    attempt: number,
  ): Promise<void> {
    const delayMs = this.#options.clock.monotonic() - before.at;
    await this.#append({
      kind: 'PlanStepRetrying',
      parent: before.record,
      payload: { attempt, delayMs, error: this.#errorRecord(before.error) },
      step: path,
    });
  }

  async #completed({ path, attempt, value }: GuestStep): Promise<void> {
    const { tree, clock, emit } = this.#options;
    const open = tree.close(path, attempt);
    this.#failures.delete(path);
    this.#trail = [];
    const durationMs = clock.monotonic() - open.startedAt;
    await this.#endStep(open, 'PlanStepCompleted', { resultDigest: digest('value', value ?? null), durationMs });
    emit({ type: 'step-completed', name: open.name, path, depth: open.depth, durationMs });
  }

  async #failed({ path, attempt, error }: GuestStep): Promise<void> {
    const { tree, clock, emit } = this.#options;
    const open = tree.close(path, attempt);
    const reason = error ?? { kind: 'InternalError', message: 'no reason was given' };
    const at = clock.monotonic();
    this.#trail.push(path);
    this.#failures.set(path, { record: open.record, error: reason, at });
    await this.#endStep(open, 'PlanStepFailed', { error: this.#errorRecord(reason) });
    emit({
      type: 'step-failed',
      name: open.name,
      path,
      depth: open.depth,
      durationMs: at - open.startedAt,
      message: reason.message,
    });
  }

  async #endStep(
    open: OpenStep,
    kind: 'PlanStepCompleted' | 'PlanStepFailed',
    payload: RecordDraft['payload'],
  ): Promise<void> {
    await this.#append({ kind, parent: open.record, payload, step: open.path });
  }

  #contextValue(path: string, key: string): Value {
    const { planId, tree } = this.#options;
    switch (key) {
      case 'plan-id':
        return planId;
      case 'intent-ids':
        return Vec.empty;
      case 'parent-action-id':
        return tree.parentRecord(path);
      case 'step-id':
        return tree.innermost(path)?.path ?? null;
      default:
        return null;
    }
  }

  async #note(path: string, payload: RecordDraft['payload'], durability: Durability): Promise<void> {
    const { tree } = this.#options;
    await this.#append(
      {
        kind: 'InternalStep',
        parent: tree.parentRecord(path),
        payload: { path, ...payload },
        step: tree.innermost(path)?.path,
      },
      durability,
    );
  }

  #append(
    draft: Omit<RecordDraft, 'principal' | 'run' | 'plan'>,
    durability: Durability = 'written',
  ): Promise<ChainRecord> {
    const { chain, run, planHash } = this.#options;
    return chain.append({ ...draft, principal: 'orchestrator', run, plan: planHash }, durability);
  }

  #errorRecord({ kind, message }: GuestError): RecordDraft['payload'] {
    return { kind, ...this.#kept({ message }) };
  }

  /** Members that hold what the program computed, or nothing where only digests are kept (L9.8). */
  #kept(members: RecordDraft['payload']): RecordDraft['payload'] {
    return this.#options.record === 'digests' ? {} : members;
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    const forget = (): void => {
      this.#pending.delete(work);
    };
    work.then(forget, forget);
    return work;
  }
}

/** The step's `:isolation` as written, or null. */
function isolationOf(options: Json): string | null {
  const level =
    typeof options === 'object' && options !== null && !Array.isArray(options)
      ? (options as Record<string, Json>)['isolation']
      : null;
  return typeof level === 'string' ? level : null;
}

function violation(what: string): CcosError {
  return new CcosError('PROTOCOL_VIOLATION', `Cannot trust the guest: ${what}`, { details: { reason: what } });
}
