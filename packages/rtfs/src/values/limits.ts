/** The table of limits of R17.5: defaults and maxima. Error kinds belong to `fail.ts`. */
import type { Limits } from '../machine/types.ts';

interface Row {
  readonly standard: number;
  readonly max: number;
}

const MIB = 1024 * 1024;

/** Default and maximum of each limit; `loopIterations` counts the rounds of one `while`, bytes are UTF-8 bytes. */
export const LIMITS: { readonly [name in keyof Limits]: Row } = {
  fuel: { standard: 1_000_000_000, max: 1e15 },
  deadlineMs: { standard: 30_000, max: 86_400_000 },
  frames: { standard: 10_000, max: 50_000 },
  loopIterations: { standard: 10_000_000, max: 1e12 },
  sourceBytes: { standard: MIB, max: 64 * MIB },
  sourceDepth: { standard: 512, max: 1024 },
  tokenLength: { standard: 1024, max: 65_536 },
  stringLength: { standard: 16_777_216, max: 268_435_456 },
  collectionSize: { standard: 10_000_000, max: 100_000_000 },
  dataDepth: { standard: 200, max: 2000 },
  memoryBytes: { standard: 512 * MIB, max: Number.MAX_SAFE_INTEGER },
  regexPattern: { standard: 4096, max: 4096 },
  regexStates: { standard: 20_000, max: 20_000 },
  regexRepetition: { standard: 1000, max: 1000 },
  callArgumentBytes: { standard: 4 * MIB, max: 256 * MIB },
  replyBytes: { standard: 16 * MIB, max: 256 * MIB },
  pendingBranches: { standard: 1024, max: 16_384 },
  calls: { standard: 10_000, max: 1e9 },
  diagnostics: { standard: 50, max: 1000 },
};

function standardLimits(): Limits {
  const rows = Object.entries(LIMITS).map(([name, row]) => [name, row.standard]);
  return Object.freeze(Object.fromEntries(rows) as Limits);
}

/** The limits of a machine whose host names none. */
export const DEFAULT_LIMITS: Limits = standardLimits();

/**
 * The limits a host asks for, the rest by default. Throws RangeError for an unknown name, a number that is no
 * non-negative
 * integer, or one above the maximum: a limit is never clamped in silence (R17.3).
 */
export function resolveLimits(wanted: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(wanted)) {
    const row = Object.hasOwn(LIMITS, name) ? LIMITS[name as keyof Limits] : undefined;
    if (row === undefined) throw new RangeError(`unknown limit: ${name}`);
    if (!Number.isSafeInteger(value) || value < 0 || value > row.max) {
      throw new RangeError(`limit ${name} must be an integer from 0 to ${row.max}, got ${String(value)}`);
    }
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...wanted });
}
