/** The one table of ceilings (G4.3 of orchestration). Help, schema, validation and documentation come out of it. */
import type { ErrorCode } from '../foundation/errors.ts';

/** A ceiling: default, range, unit, the option that raises it, who holds it, and the error when it is reached. */
export interface LimitRow {
  readonly title: string;
  readonly unit: 'ms' | 'MB' | 'bytes' | 'steps' | 'count' | 'cores';
  readonly default: number | null;
  readonly min: number;
  readonly max: number;
  readonly option: string | null;
  readonly heldBy: string;
  readonly error: ErrorCode | null;
}

const KB = 1024,
  MB = 1024 * KB,
  GB = 1024 * MB,
  TB = 1024 * GB;
const DAY_MS = 86_400_000;

/** The ceilings of a run, by the name that policies and contexts use. */
export const LIMITS = {
  timeoutMs: {
    title: 'time of a run',
    unit: 'ms',
    default: 30_000,
    min: 1,
    max: DAY_MS,
    option: '--timeout',
    heldBy: 'host timer, machine',
    error: 'LIMIT_TIME',
  },
  memoryMb: {
    title: 'memory of a guest',
    unit: 'MB',
    default: 512,
    min: 1,
    max: 1_048_576,
    option: '--memory',
    heldBy: 'wall, machine',
    error: 'LIMIT_MEMORY',
  },
  calls: {
    title: 'calls of a run',
    unit: 'count',
    default: 10_000,
    min: 0,
    max: 1_000_000_000,
    option: '--calls',
    heldBy: 'door',
    error: 'BUDGET_EXCEEDED',
  },
  fuel: {
    title: 'fuel',
    unit: 'steps',
    default: 1_000_000_000,
    min: 1,
    max: 1e15,
    option: null,
    heldBy: 'machine',
    error: 'LIMIT_FUEL',
  },
  cpuShare: {
    title: 'cpu share',
    unit: 'cores',
    default: 1,
    min: 0.01,
    max: 64,
    option: '--cpu',
    heldBy: 'wall',
    error: null,
  },
  cpuTimeMs: {
    title: 'cpu time',
    unit: 'ms',
    default: null,
    min: 1,
    max: DAY_MS,
    option: null,
    heldBy: 'wall',
    error: 'LIMIT_CPU',
  },
  startupTimeoutMs: {
    title: 'start of a guest',
    unit: 'ms',
    default: 10_000,
    min: 100,
    max: 600_000,
    option: null,
    heldBy: 'host timer',
    error: 'STARTUP_TIMEOUT',
  },
  maxProcesses: {
    title: 'processes',
    unit: 'count',
    default: 64,
    min: 1,
    max: 4_096,
    option: null,
    heldBy: 'wall',
    error: null,
  },
  maxOpenFiles: {
    title: 'open files',
    unit: 'count',
    default: 256,
    min: 16,
    max: 65_536,
    option: null,
    heldBy: 'wall',
    error: null,
  },
  diskMb: {
    title: 'scratch disk',
    unit: 'MB',
    default: 64,
    min: 1,
    max: 65_536,
    option: null,
    heldBy: 'wall',
    error: null,
  },
  maxOutputBytes: {
    title: 'output',
    unit: 'bytes',
    default: 16 * MB,
    min: 0,
    max: TB,
    option: null,
    heldBy: 'channel',
    error: 'LIMIT_OUTPUT',
  },
} as const satisfies Record<string, LimitRow>;

export type LimitName = keyof typeof LIMITS;

/** What holds for one run: a figure for each ceiling, null where nothing limits. Policy and options only lower or raise within the range. */
export type RunLimits = {
  readonly [K in LimitName]: (typeof LIMITS)[K]['default'] extends null ? number | null : number;
};

/** The defaults of the table. */
export function defaultLimits(): RunLimits {
  return Object.fromEntries(
    Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]),
  ) as unknown as RunLimits;
}
