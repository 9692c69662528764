/**
 * What the door writes of a call: decision, call, result or violation, with their parents and durability (L4, L5,
 * L8.2).
 */
import { Vec, type ErrorValue, type Value } from '@ccos/rtfs';
import { canonical } from '@ccos/rtfs/internal';
import type { ChainWriter, Durability, RecordDraft } from '../causal-chain/record.ts';
import type { CapabilityManifest } from '../capabilities/manifest.ts';
import type { CapabilityOutcome } from '../capabilities/context.ts';
import { hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import { actionId } from '../foundation/ids.ts';
import type { Decision, DecisionSink } from '../security/decision.ts';
import { isQuiet } from '../security/effects.ts';
import { measureArgs, taggedDigest } from '../security/value-digest.ts';
import { toRecord } from './call-errors.ts';
import { decisionPayload } from './decision-record.ts';
import { homeOf, type ValueHomes } from './value-home.ts';

/** No result is larger (O6.9). */
const RESULT_BYTES_MAX = 16 * 1024 * 1024;

/** What all records of a run share. */
export interface RecordScope extends ValueHomes {
  readonly chain: ChainWriter;
  readonly run: string;
  readonly plan: string;
}

/** Where a call stands: its path, its step, and the record that its decision lies under (L5.1). */
export interface CallPlace {
  readonly path: string;
  readonly step: string | undefined;
  readonly parent: string;
}

/** A result, ready to be recorded: its digest and size are known, and it is within the cap. */
export interface MeasuredResult {
  readonly text: string;
  readonly bytes: number;
  readonly value: Value;
}

export class CallRecords {
  readonly #scope: RecordScope;
  constructor(scope: RecordScope) {
    this.#scope = scope;
  }

  /** The sink for the decision on a call; `told` learns its id in the same turn. */
  decisions(place: CallPlace, told: (decisionId: string) => void): DecisionSink {
    return {
      record: (decision: Decision) => {
        const id = actionId();
        told(id);
        const quiet = decision.outcome === 'allow' && isQuiet(decision.effects);
        const payload = decisionPayload(decision, place.path, this.#scope.record);
        const appended = this.#append(
          { id, kind: 'GovernanceDecision', payload, parent: place.parent },
          place,
          quiet ? 'written' : 'durable',
        );
        return { decisionId: id, recorded: appended.then(() => undefined) };
      },
    };
  }

  /** Appends `CapabilityCall` under its decision; resolves when the effect may begin (L8.3). Returns its id. */
  async call(
    place: CallPlace,
    decisionId: string,
    call: {
      readonly manifest: CapabilityManifest;
      readonly manifestHash: string;
      readonly args: readonly Value[];
      readonly idempotencyKey: string;
    },
  ): Promise<string> {
    const { manifest, manifestHash, args, idempotencyKey } = call;
    const { digest: argsDigest, bytes } = measureArgs(args);
    const home = await homeOf('args', { value: Vec.of([...args]), bytes }, this.#scope);
    const id = actionId();
    await this.#append(
      {
        id,
        kind: 'CapabilityCall',
        parent: decisionId,
        payload: {
          callPath: place.path,
          capability: manifest.id,
          ...home,
          argsDigest,
          idempotencyKey,
          effects: manifest.effects,
          manifestHash,
          attempt: 1,
        },
      },
      place,
      isQuiet(manifest.effects) ? 'written' : 'durable',
    );
    return id;
  }

  /** O6.12: the same for the same call of the same run, another for every other. */
  idempotencyKey(place: CallPlace, argsDigest: string): string {
    return hash('idempotency', { argsDigest, callPath: place.path, run: this.#scope.run });
  }

  /** Measures a result before it is recorded. Throws `CAP_TOO_LARGE` (O6.9). */
  measure(manifest: CapabilityManifest, value: Value): MeasuredResult {
    const text = canonical(value);
    const bytes = Buffer.byteLength(text);
    const max = Math.min(RESULT_BYTES_MAX, manifest.maxResultBytes);
    if (bytes <= max) return { text, bytes, value };
    throw new CcosError('CAP_TOO_LARGE', `The result of ${manifest.id} has ${bytes} bytes, ${max} are allowed`, {
      hint: 'ask for less data',
      details: { capability: manifest.id, bytes, max },
    });
  }

  /** Appends the result of a call that was made. */
  async ok(
    place: CallPlace,
    callId: string,
    done: {
      readonly manifest: CapabilityManifest;
      readonly result: MeasuredResult;
      readonly outcome: CapabilityOutcome;
      readonly durationMs: number;
    },
  ): Promise<void> {
    const { manifest, result, outcome, durationMs } = done;
    const home = await homeOf('result', result, this.#scope);
    await this.#append(
      {
        kind: 'CapabilityResult',
        parent: callId,
        payload: {
          callPath: place.path,
          outcome: 'ok',
          ...home,
          resultDigest: taggedDigest('value', result.text),
          durationMs,
          costMicros: null,
          simulated: outcome.simulated,
          servedBy: outcome.servedBy,
        },
      },
      place,
      resultDurability(manifest),
    );
  }

  /** Appends the error of a call that was made, or, with `refused`, of one that was not (O6.11). */
  async failed(
    place: CallPlace,
    parent: string,
    failure: {
      readonly manifest: CapabilityManifest | null;
      readonly error: CcosError | ErrorValue;
      readonly durationMs: number;
      readonly refused: boolean;
    },
  ): Promise<void> {
    const { manifest, error, durationMs, refused } = failure;
    await this.#append(
      {
        kind: 'CapabilityResult',
        parent,
        payload: {
          callPath: place.path,
          outcome: 'error',
          error: toRecord(error, this.#scope.record),
          ...(refused ? { refused } : {}),
          durationMs,
          costMicros: null,
          simulated: false,
          servedBy: 'host',
        },
      },
      place,
      manifest === null ? 'durable' : resultDurability(manifest),
    );
  }

  /** Appends the `Violation` of a denied call under its decision, durable before the program is told (L4.2). */
  async violation(
    place: CallPlace,
    decisionId: string,
    denied: {
      readonly capability: string;
      readonly argsDigest: string;
      readonly error: CcosError;
    },
  ): Promise<void> {
    const operation = denied.error.details['operation'];
    await this.#append(
      {
        kind: 'Violation',
        parent: decisionId,
        payload: {
          code: denied.error.code,
          operation: typeof operation === 'string' ? operation : 'capability_authorization',
          capability: denied.capability,
          decision: decisionId,
          callPath: place.path,
          argsDigest: denied.argsDigest,
          error: toRecord(denied.error, this.#scope.record),
        },
      },
      place,
      'durable',
    );
  }

  async #append(
    draft: Omit<RecordDraft, 'principal' | 'run' | 'plan' | 'step'>,
    place: CallPlace,
    durability: Durability,
  ): Promise<void> {
    const { chain, run, plan } = this.#scope;
    await chain.append({ ...draft, principal: 'host', run, plan, step: place.step }, durability);
  }
}

/** The result of a call that must not repeat is durable before the program goes on (L8.2). */
function resultDurability(manifest: CapabilityManifest): Durability {
  return manifest.idempotent || isQuiet(manifest.effects) ? 'written' : 'durable';
}
