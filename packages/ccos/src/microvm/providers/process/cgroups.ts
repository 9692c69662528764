/**
 * Control groups, version 2 where its controllers are delegated, else version 1, each controller decided by a trial (M5.3). Groups
 * are made below the group that CCOS itself is in, so that a container's own limits hold over the guests too.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What can be held or counted by a group. */
export const CONTROLLERS = ['memory', 'pids', 'cpu', 'cpuacct'] as const;
export type Controller = (typeof CONTROLLERS)[number];
/** Where a controller's groups are made, and by which version. */
export interface Place {
  readonly version: 1 | 2;
  readonly folder: string;
}
export type Places = Partial<Readonly<Record<Controller, Place>>>;

/** What is to be held; null where nothing is. */
export interface GroupLimits {
  readonly memoryBytes: number | null;
  readonly tasks: number | null;
  readonly cpuShare: number | null;
}

/** The tables of the kernel that say which groups there are; texts, so that tests bring their own. */
export interface GroupTables {
  readonly mounts: string;
  readonly self: string;
}

export function kernelTables(): GroupTables {
  return { mounts: readText('/proc/self/mounts') ?? '', self: readText('/proc/self/cgroup') ?? '' };
}

const CPU_PERIOD_US = 100_000;

/** Finds for each controller a folder in which a group can be made and limited, by making one (M5.3). */
export function findPlaces(tables: GroupTables = kernelTables()): Places {
  const places: Partial<Record<Controller, Place>> = {};
  for (const controller of CONTROLLERS) {
    const place = candidates(controller, tables).find((candidate) => trial(controller, candidate));
    if (place !== undefined) places[controller] = place;
  }
  // A version 2 mount that holds nothing is not worth joining for its clock alone (M5.3).
  const holds = ['memory', 'pids', 'cpu'].some((controller) => places[controller as Controller]?.version === 2);
  if (places.cpuacct?.version === 2 && !holds) {
    const v1 = candidates('cpuacct', tables).find(
      (candidate) => candidate.version === 1 && trial('cpuacct', candidate),
    );
    if (v1 === undefined) delete places.cpuacct;
    else places.cpuacct = v1;
  }
  return places;
}

function candidates(controller: Controller, { mounts, self }: GroupTables): Place[] {
  const found: Place[] = [];
  for (const line of mounts.split('\n')) {
    const [, at, type, options] = line.split(' ');
    if (at === undefined || options === undefined) continue;
    if (type === 'cgroup2') found.push(...v2Candidates(at, self).map((folder) => ({ version: 2 as const, folder })));
    if (type === 'cgroup' && options.split(',').includes(controller)) {
      const own =
        self
          .split('\n')
          .map((entry) => entry.split(':'))
          .find(([, names]) => names?.split(',').includes(controller))
          ?.slice(2)
          .join(':') ?? '/';
      found.push(
        ...[join(at, own), at]
          .filter((folder) => existsSync(folder))
          .slice(0, 1)
          .map((folder) => ({ version: 1 as const, folder: join(folder, 'ccos') })),
      );
    }
  }
  return found.sort((a, b) => b.version - a.version);
}

/** Own group and those above it: a group that holds processes cannot have limited children, its parent may. */
function v2Candidates(at: string, self: string): string[] {
  const own =
    self
      .split('\n')
      .find((entry) => entry.startsWith('0::'))
      ?.slice(3) ?? '/';
  const parts = own.split('/').filter((part) => part !== '');
  return Array.from({ length: Math.min(parts.length, 3) + 1 }, (_, up) =>
    join(at, ...parts.slice(0, parts.length - up)),
  ).filter((folder) => existsSync(folder));
}

const FILES: Readonly<Record<Controller, readonly [v1: string, v2: string]>> = {
  memory: ['memory.limit_in_bytes', 'memory.max'],
  pids: ['pids.max', 'pids.max'],
  cpu: ['cpu.cfs_quota_us', 'cpu.max'],
  cpuacct: ['cpuacct.usage', 'cpu.stat'],
};

function trial(controller: Controller, place: Place): boolean {
  const folder = join(place.folder, `ccos-trial-${process.pid}-${controller}`);
  try {
    if (place.version === 2 && controller !== 'cpuacct') delegate(place.folder, controller);
    mkdirSync(folder, { recursive: place.version === 1 });
    const file = join(folder, FILES[controller][place.version - 1]!);
    // Reading back what was written shows that the file is the controller's and that it takes values.
    if (controller === 'cpuacct') return readText(file) !== null;
    if (controller !== 'cpu')
      writeFileSync(file, controller === 'pids' ? '64' : String(64 * 1024 * 1024), { flag: 'r+' });
    return existsSync(file) && (place.version === 1 || joins(folder));
  } catch {
    return false;
  } finally {
    removeFolder(folder);
  }
}

/** Under version 2 a group that can be made may still not be entered: that takes the common parent's leave. */
function joins(folder: string): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'echo $$ > "$1/cgroup.procs"', 'ccos-trial', folder], {
      env: {},
      stdio: 'ignore',
      timeout: 2_000,
    }).status === 0
  );
}

function delegate(folder: string, controller: Controller): void {
  const enabled = readText(join(folder, 'cgroup.subtree_control'))?.split(/\s+/) ?? [];
  if (!enabled.includes(controller)) writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
}

/** What was counted when it was last looked at. */
export interface GroupCounts {
  readonly cpuTimeMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly memoryBytes: number | null;
  readonly memoryFailures: number;
  readonly killedForMemory: boolean;
  readonly refusedTasks: number;
}

/** The groups of one guest. */
export class GuestGroups {
  readonly #places: Places;
  readonly #name: string;
  readonly #limits: GroupLimits;

  private constructor(places: Places, name: string, limits: GroupLimits) {
    this.#places = places;
    this.#name = name;
    this.#limits = limits;
  }

  /** Makes the groups and writes their limits. Throws what the system says; the caller falls back or refuses. */
  static make(places: Places, name: string, limits: GroupLimits): GuestGroups {
    const groups = new GuestGroups(places, name, limits);
    for (const folder of groups.folders) mkdirSync(folder, { recursive: true });
    const { memory, pids, cpu } = places;
    if (memory !== undefined && limits.memoryBytes !== null) groups.#limitMemory(memory, limits.memoryBytes);
    if (pids !== undefined && limits.tasks !== null)
      writeFileSync(groups.#file('pids', 'pids.max'), String(limits.tasks));
    if (cpu !== undefined && limits.cpuShare !== null)
      groups.#limitCpu(cpu, Math.max(1_000, Math.round(limits.cpuShare * CPU_PERIOD_US)));
    return groups;
  }

  #limitMemory(place: Place, bytes: number): void {
    if (place.version === 2) {
      writeFileSync(this.#file('memory', 'memory.max'), String(bytes));
      tryWrite(this.#file('memory', 'memory.swap.max'), '0');
      return;
    }
    writeFileSync(this.#file('memory', 'memory.limit_in_bytes'), String(bytes));
    tryWrite(this.#file('memory', 'memory.memsw.limit_in_bytes'), String(bytes));
  }
  #limitCpu(place: Place, quotaUs: number): void {
    if (place.version === 2) return writeFileSync(this.#file('cpu', 'cpu.max'), `${quotaUs} ${CPU_PERIOD_US}`);
    writeFileSync(this.#file('cpu', 'cpu.cfs_period_us'), String(CPU_PERIOD_US));
    writeFileSync(this.#file('cpu', 'cpu.cfs_quota_us'), String(quotaUs));
  }

  /** Folders that the guest's first process joins before it becomes anything else. */
  get folders(): readonly string[] {
    return [...new Set(Object.values(this.#places).map((place) => join(place.folder, this.#name)))];
  }

  /** Which controller is held by which version. */
  get versions(): Partial<Record<Controller, 1 | 2>> {
    return Object.fromEntries(Object.entries(this.#places).map(([controller, place]) => [controller, place.version]));
  }

  /** Reads the counters; to be done before `remove`. */
  counts(): GroupCounts {
    const { memory } = this.#places;
    const v2 = memory?.version === 2;
    const number = (controller: Controller, file: string): number | null => {
      const text = this.#places[controller] === undefined ? null : readText(this.#file(controller, file));
      return text === null || !/^\d+$/.test(text.trim()) ? null : Number(text);
    };
    return {
      cpuTimeMs: this.#cpuTime(),
      peakMemoryBytes: number('memory', v2 ? 'memory.peak' : 'memory.max_usage_in_bytes'),
      memoryBytes: number('memory', v2 ? 'memory.current' : 'memory.usage_in_bytes'),
      memoryFailures: v2 ? this.#event('memory', 'memory.events', 'max') : (number('memory', 'memory.failcnt') ?? 0),
      killedForMemory: this.#event('memory', v2 ? 'memory.events' : 'memory.oom_control', 'oom_kill') > 0,
      refusedTasks: this.#event('pids', 'pids.events', 'max'),
    };
  }

  /** Processes in the groups that are no zombies (M20.12). */
  living(): readonly number[] {
    const pids = new Set(
      this.folders.flatMap((folder) =>
        (readText(join(folder, 'cgroup.procs')) ?? '')
          .split('\n')
          .filter((line) => line !== '')
          .map(Number),
      ),
    );
    return [...pids].filter(isLiving);
  }

  /** Removes the groups; true when none is left. */
  remove(): boolean {
    return this.folders.map(removeFolder).every(Boolean);
  }

  get limits(): GroupLimits {
    return this.#limits;
  }

  #cpuTime(): number | null {
    const place = this.#places.cpuacct;
    if (place === undefined) return null;
    if (place.version === 2) {
      const us = this.#event('cpuacct', 'cpu.stat', 'usage_usec');
      return us / 1_000;
    }
    const text = readText(this.#file('cpuacct', 'cpuacct.usage'));
    return text === null ? null : Number(text) / 1e6;
  }
  #event(controller: Controller, file: string, name: string): number {
    if (this.#places[controller] === undefined) return 0;
    const line = readText(this.#file(controller, file))
      ?.split('\n')
      .find((entry) => entry.startsWith(`${name} `));
    return line === undefined ? 0 : Number(line.slice(name.length + 1));
  }
  #file(controller: Controller, file: string): string {
    return join(this.#places[controller]!.folder, this.#name, file);
  }
}

/** True for a process that exists and is no zombie. */
export function isLiving(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`);
  return stat !== null && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    return;
  }
}
function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
  } catch {
    return !existsSync(folder);
  }
  return true;
}

/** A group that a launch has made and not entered yet looks like one that is left over; it is younger than this. */
const LEFT_OVER_MS = 60_000;

/** Removes groups of guests whose CCOS died (M3.7): the kernel keeps those that a process is in. */
export function sweepGroups(places: Places): void {
  for (const { folder } of Object.values(places)) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const group = join(folder, name);
      const made = name.startsWith('ccos-exec-') ? statSync(group, { throwIfNoEntry: false })?.mtimeMs : undefined;
      if (made !== undefined && Date.now() - made > LEFT_OVER_MS) removeFolder(group);
    }
  }
}
