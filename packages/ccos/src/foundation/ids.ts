/** Ids: UUIDv7, so that they sort by time (decision 8), with a prefix that says what they name. */
import { randomFillSync } from 'node:crypto';
import { systemClock, type Clock } from './clock.ts';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Random bytes are fetched for many ids at once: asking for ten at a time costs more than everything else about an id. */
const pool = Buffer.alloc(4_000);
const RANDOM_BYTES = 10;
let used = pool.length;
let lastMs = 0;
let counter = 0;

function randomPart(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += RANDOM_BYTES));
}

/**
 * A UUIDv7 (RFC 9562 §6.2 method 1): within a millisecond, and while the wall clock stands still or steps back, the twelve
 * bits behind the version count, so that the ids of one process ascend.
 */
export function uuid7(clock: Clock = systemClock): string {
  const random = randomPart();
  const now = clock.now();
  if (now > lastMs) {
    lastMs = now;
    counter = random.readUInt16BE(0) & 0x7ff;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const variant = ((random.readUInt16BE(2) & 0x3fff) | 0x8000).toString(16);
  const tail = random.toString('hex', 4, 10);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}-${tail}`;
}

/** What ids can name, each with its prefix. */
const PREFIXES = ['action', 'run', 'plan', 'exec', 'chain', 'intent', 'auth'] as const;
type Prefix = (typeof PREFIXES)[number];

const make =
  (prefix: Prefix) =>
  (clock?: Clock): string =>
    `${prefix}-${uuid7(clock)}`;

/** The id of a record, `action-<UUIDv7>` (L2). */
export const actionId = make('action');
/** The id of a run, `run-<UUIDv7>` (O2.1). */
export const runId = make('run');
/** The id of a plan, `plan-<UUIDv7>` (O1). */
export const planId = make('plan');
/** The id of an intent that nobody named, `intent-<UUIDv7>` (I1). */
export const intentId = make('intent');
/** The id of an execution behind a wall, `exec-<UUIDv7>` (M2.2). */
export const executionId = make('exec');
/** The id of a chain, `chain-<UUIDv7>` (L4). */
export const chainId = make('chain');
/** The id of an authorization, `auth-<UUIDv7>` (S9). */
export const authorizationId = make('auth');
/** The id of a runtime context: a bare UUIDv7 (L3, golden example). */
export function contextId(clock?: Clock): string {
  return uuid7(clock);
}

/** True for `<prefix>-<UUIDv7>`. */
export function isId(prefix: Prefix, value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(`${prefix}-`) && UUID7.test(value.slice(prefix.length + 1));
}

/** True for a bare UUIDv7. */
export function isUuid7(value: unknown): value is string {
  return typeof value === 'string' && UUID7.test(value);
}
