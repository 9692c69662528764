/**
 * How an error of a call is told: to the program (E1.2), to the record (O6.11), and which errors end the run instead.
 */
import { ErrorValue, Keyword, PMap, encode, type Json } from '@ccos/rtfs';
import { ERRORS, asCcosError, type CcosError, type ErrorCode } from '../foundation/errors.ts';
import type { GuestError } from '../model/guest-host.ts';

const CODE = Keyword.of('code');
/** An error's data in a record beyond this many characters is left out: a payload has a cap of its own (L2). */
const DATA_LENGTH_MAX = 8192;
/** Codes that have a kind for programs, but never answer a call: they end the run. */
const ENDING: ReadonlySet<ErrorCode> = new Set([
  'CANCELLED',
  'PROTOCOL_VIOLATION',
  'GUEST_CRASH',
  'LIMIT_TIME',
  'LIMIT_MEMORY',
  'LIMIT_FUEL',
]);
/** Codes without a kind of their own that answer a call as CapabilityError. */
const ANSWERING: ReadonlySet<ErrorCode> = new Set(['ISOLATION_UNAVAILABLE']);

/** True when the error is not the program's to catch: it ends the session. */
export function endsRun(error: CcosError): boolean {
  return ENDING.has(error.code) || (ERRORS[error.code].kind === null && !ANSWERING.has(error.code));
}

/** The error as the program sees it: kind, message, and the code under `:code`. */
export function toProgram(error: CcosError | ErrorValue): GuestError {
  if (error instanceof ErrorValue) return { kind: error.kind, message: error.message, data: error.data };
  return {
    kind: ERRORS[error.code].kind ?? 'CapabilityError',
    message: error.message,
    data: PMap.of([[CODE, error.code]]),
  };
}

/** The error as a record keeps it; with digests alone, its code (L9.8). */
export function toRecord(error: CcosError | ErrorValue, record: 'values' | 'digests'): Record<string, Json> {
  if (error instanceof ErrorValue) {
    if (record === 'digests') return { kind: error.kind };
    const data = encode(error.data);
    return { kind: error.kind, message: error.message, ...(fits(data) ? { data } : {}) };
  }
  const { code, message, hint, details } = error.toJSON();
  if (record === 'digests') return { code };
  const kept = JSON.parse(JSON.stringify(details)) as Json;
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(fits(kept) ? { details: kept } : {}) };
}

function fits(data: Json): boolean {
  return JSON.stringify(data).length <= DATA_LENGTH_MAX;
}

/** What was thrown, as one of the two kinds of error: anything else is a defect, `INTERNAL`. */
export function asCallError(thrown: unknown): CcosError | ErrorValue {
  return thrown instanceof ErrorValue ? thrown : asCcosError(thrown);
}
