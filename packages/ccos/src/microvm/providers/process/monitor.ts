/** Watches a guest from outside every 50 ms: cpu time, and memory where no cgroup holds it or where a guest stalls at its limit (M5, M5.1). */
import { readFileSync } from 'node:fs';
import type { RunLimits } from '../../../model/limits.ts';
import type { LimitHit } from '../../provider.ts';
import type { GuestGroups } from './cgroups.ts';

const SAMPLE_MS = 50;
/** A guest that stands at its memory limit this long, failing, is out of memory although it does not die (M5.1). */
const STALL_MS = 200,
  STALL_SHARE = 0.99;
/** Clock ticks a second in `/proc`: fixed by the kernel's interface. */
const TICKS = 100;

export interface Sample {
  readonly cpuTimeMs: number;
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
}
export interface MonitorSettings {
  readonly limits: RunLimits;
  readonly wallBytes: number;
  readonly groups: GuestGroups | null;
  guestPid(): number | null;
  /** Called once, when a limit is passed. */
  onLimit(): void;
}

/** The sampler of one guest. */
export class LimitMonitor {
  readonly #settings: MonitorSettings;
  readonly #timer: ReturnType<typeof setInterval>;
  #last: Sample | null = null;
  #hit: LimitHit | null = null;
  #stall: { since: number; failures: number } | null = null;

  constructor(settings: MonitorSettings) {
    this.#settings = settings;
    this.#timer = setInterval(() => {
      this.sample();
    }, SAMPLE_MS);
    this.#timer.unref();
  }

  get last(): Sample | null {
    return this.#last;
  }
  get hit(): LimitHit | null {
    return this.#hit;
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once, now. */
  sample(): void {
    const pid = this.#settings.guestPid();
    this.#last = (pid === null ? null : readSample(pid)) ?? this.#last;
    if (this.#hit !== null) return;
    this.#hit = this.#cpu() ?? this.#memory();
    if (this.#hit === null) return;
    this.stop();
    this.#settings.onLimit();
  }

  #cpu(): LimitHit | null {
    const { limits, groups } = this.#settings;
    if (limits.cpuTimeMs === null) return null;
    const counted = groups?.counts().cpuTimeMs ?? null;
    const used = counted ?? this.#last?.cpuTimeMs ?? 0;
    return used < limits.cpuTimeMs
      ? null
      : { code: 'LIMIT_CPU', enforcement: counted === null ? 'sampling' : 'cgroup', measured: Math.round(used) };
  }

  #memory(): LimitHit | null {
    const { groups, wallBytes } = this.#settings;
    if (groups?.versions.memory === undefined) {
      const used = this.#last?.memoryBytes ?? 0;
      return used < wallBytes ? null : { code: 'LIMIT_MEMORY', enforcement: 'sampling', measured: used };
    }
    const { memoryBytes, memoryFailures } = groups.counts();
    const full = memoryBytes !== null && memoryBytes >= wallBytes * STALL_SHARE;
    const now = performance.now();
    if (!full || this.#stall === null || memoryFailures === this.#stall.failures) {
      this.#stall = full ? (this.#stall ?? { since: now, failures: memoryFailures }) : null;
      return null;
    }
    return now - this.#stall.since < STALL_MS
      ? null
      : { code: 'LIMIT_MEMORY', enforcement: `cgroup-v${groups.versions.memory}`, measured: memoryBytes };
  }
}

/** Figures of one process, or null when it is gone. */
export function readSample(pid: number): Sample | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024;
    return {
      cpuTimeMs: ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS,
      memoryBytes: kilobytes('RssAnon'),
      peakMemoryBytes: kilobytes('VmHWM'),
    };
  } catch {
    return null;
  }
}
