/** Launches a guest behind bubblewrap (M9) and ends it: the whole of what is this provider's own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { CcosError } from '../../../foundation/errors.ts';
import type { Measured } from '../../../model/measured.ts';
import { GUEST_STACK_KB } from '../../../guest/wrapped.ts';
import { LineChannel } from '../../line-channel.ts';
import type { Exit, GuestLauncher, GuestProcess, GuestUsage, LaunchSpec, LimitHit } from '../../provider.ts';
import { planBinds, type Binds } from './binds.ts';
import { GuestGroups, isLiving, type GroupCounts, type Places } from './cgroups.ts';
import { inheritableDescriptors, stdioList } from './descriptors.ts';
import type { GuestRoot } from './guest-root.ts';
import { librariesOf } from './libraries.ts';
import { LimitMonitor } from './monitor.ts';
import { checkGuest } from './outside-view.ts';
import type { Tools } from './tools.ts';
import { argumentVector, INSIDE, STATUS_FD, type Launch, type Rlimits } from './vector.ts';

const MB = 1024 * 1024;
/** What a guest's runtime needs before its program allocates anything, above `memory_limit_mb` (M5.4, M20.7). */
export const RUNTIME_FLOOR_MB = 64;
/** Tasks of bubblewrap, the helpers and Node's own threads (M20.6). */
const RUNTIME_FLOOR_TASKS = 24;
/** The guest's stack, most of it never touched: what Node is told, and some room for what it does not count. */
const STACK_BYTES = GUEST_STACK_KB * 1024 + 8 * MB;
/** Address space that Node's threads and stacks reserve before any program runs; measured, see the launcher's test. */
const DATA_FLOOR_MB = 1024;
const STDERR_TAIL = 4096;
const GONE_WITHIN_MS = 2_000;

/** What is fixed for all launches of one process, found once by the provider. */
export interface LauncherSettings {
  readonly tools: Tools;
  readonly disableUserns: boolean;
  readonly places: Places;
  /** Host paths of Node and of the guest's files: `guest` is run, `files` stand beside it. */
  readonly node: string;
  readonly guest: string;
  readonly root: GuestRoot;
  readonly caller: { readonly uid: number; readonly gid: number };
  /** The starter and the code cache of this very guest, where the build made them (M20.9). */
  readonly cached?: { readonly boot: string; readonly cache: string } | undefined;
}

/** The process wall's launcher. */
export class ProcessLauncher implements GuestLauncher {
  readonly #settings: LauncherSettings;
  constructor(settings: LauncherSettings) {
    this.#settings = settings;
  }

  /** Starts a guest. Throws `LAUNCH_FAILED`, `ENFORCEMENT_UNAVAILABLE`. What dies later, the session tells. */
  async launch(spec: LaunchSpec, signal: AbortSignal): Promise<GuestProcess> {
    const binds = planBinds(spec.config, this.#settings.caller);
    const groups = this.#makeGroups(spec);
    try {
      const launch = await this.#describe(spec, binds, groups);
      signal.throwIfAborted();
      return new ProcessGuest({ child: start(launch, this.#settings.root.filter), spec, binds, groups, launch });
    } catch (error) {
      groups?.remove();
      throw error;
    }
  }

  #makeGroups({ executionId, config: { limits } }: LaunchSpec): GuestGroups | null {
    const { places } = this.#settings;
    if (limits.cpuShare < 1 && places.cpu === undefined) {
      throw new CcosError('ENFORCEMENT_UNAVAILABLE', `No mechanism here can hold a cpu share of ${limits.cpuShare}`, {
        hint: 'run as root or with delegated cgroups, or leave --cpu at 1 or more',
        details: { limit: 'cpuShare' },
      });
    }
    if (Object.keys(places).length === 0) return null;
    try {
      return GuestGroups.make(places, `ccos-${executionId}`, {
        memoryBytes: (limits.memoryMb + RUNTIME_FLOOR_MB) * MB,
        tasks: RUNTIME_FLOOR_TASKS + limits.maxProcesses,
        cpuShare: limits.cpuShare,
      });
    } catch (cause) {
      throw new CcosError('LAUNCH_FAILED', 'Cannot make the cgroups of the guest', {
        cause,
        hint: 'ccos doctor shows which controllers are writable',
      });
    }
  }

  async #describe(spec: LaunchSpec, binds: Binds, groups: GuestGroups | null): Promise<Launch> {
    const { tools, disableUserns, node, guest, root, cached, places } = this.#settings;
    const { limits } = spec.config;
    const rlimits: Rlimits = {
      openFiles: limits.maxOpenFiles,
      fileBytes: limits.diskMb * MB,
      stackBytes: STACK_BYTES,
      cpuSeconds: limits.cpuTimeMs === null ? null : Math.ceil(limits.cpuTimeMs / 1_000) + 1,
      dataBytes: places.memory === undefined ? (limits.memoryMb + DATA_FLOOR_MB) * MB : null,
      innerTasks: places.pids === undefined ? RUNTIME_FLOOR_TASKS + limits.maxProcesses : null,
    };
    const helpers = [
      ...(binds.identity.mapped ? [] : [[tools.setpriv!, INSIDE.setpriv]]),
      ...(rlimits.innerTasks === null ? [] : [[tools.prlimit, INSIDE.prlimit]]),
    ] as [string, string][];
    const programs: [string, string][] = [[node, INSIDE.node], ...helpers];
    const starter: [string, string][] =
      cached === undefined
        ? []
        : [
            [cached.boot, INSIDE.boot],
            [cached.cache, INSIDE.cache],
          ];
    const libraries = new Set((await Promise.all(programs.map(([source]) => librariesOf(source)))).flat());
    return {
      tools,
      disableUserns,
      binds,
      rlimits,
      groups: groups?.folders ?? [],
      entries: [
        ...programs,
        [guest, INSIDE.guest],
        ...starter,
        ...[...libraries].map((path) => [path, path] as const),
        ...root.entries,
      ],
      env: guestEnvironment(spec.config.env),
      scratchBytes: limits.diskMb * MB,
      command: [
        INSIDE.node,
        `--stack-size=${GUEST_STACK_KB}`,
        `--max-old-space-size=${limits.memoryMb}`,
        cached === undefined ? INSIDE.guest : INSIDE.boot,
      ],
    };
  }
}

/** Exactly M7.7's names, then the run's own; those that steer loaders are refused. Throws `ENV_REFUSED`. */
export function guestEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  const refused = Object.keys(own).find((name) =>
    /^(?:LD_.*|NODE_OPTIONS|NODE_PATH|PYTHON.*|BASH_ENV|ENV|IFS)$/.test(name),
  );
  if (refused !== undefined)
    throw new CcosError('ENV_REFUSED', `The variable ${refused} steers a loader and is never passed to a guest`, {
      hint: `leave out --env ${refused}`,
    });
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/work', TMPDIR: '/tmp', LANG: 'C.UTF-8', TZ: 'UTC', ...own };
}

/** Starts the vector with the child's descriptors as M9.4 has them. Call it on the main thread only (M20.5). */
function start(launch: Launch, filterPath: string): ChildProcess {
  const [program, args] = argumentVector(launch);
  const filter = openFilter(filterPath);
  const devNull = openSync('/dev/null', 'r+');
  try {
    return spawn(program, args, {
      env: {},
      cwd: '/',
      stdio: stdioList(filter, devNull, inheritableDescriptors(2)),
      detached: true,
    });
  } finally {
    closeSync(filter);
    closeSync(devNull);
  }
}

function openFilter(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new CcosError('LAUNCH_FAILED', `The system call filter cannot be opened: ${path}`, {
      cause,
      hint: 'build it: npm run build',
    });
  }
}

interface GuestParts {
  readonly child: ChildProcess;
  readonly spec: LaunchSpec;
  readonly binds: Binds;
  readonly groups: GuestGroups | null;
  readonly launch: Launch;
}

class ProcessGuest implements GuestProcess {
  readonly channel: LineChannel;
  readonly exited: Promise<Exit>;
  readonly enforcement: Readonly<Record<string, string>>;
  readonly #parts: GuestParts;
  readonly #initPid: Promise<number | null>;
  readonly #monitor: LimitMonitor;
  #pid: number | null = null;
  #stderr = '';
  #bytes = { stdout: 0, stderr: 0 };
  #over = false;
  #killed: Promise<Exit> | null = null;
  #last: { readonly usage: GuestUsage; readonly hit: LimitHit | null } | null = null;

  constructor(parts: GuestParts) {
    const { child, spec, groups, launch } = parts;
    this.#parts = parts;
    this.enforcement = enforcementOf(launch, groups);
    this.channel = new LineChannel(child.stdio[3] as Duplex);
    this.#initPid = readInitPid((child.stdio as readonly unknown[])[STATUS_FD] as Readable);
    void this.#initPid.then((pid) => {
      this.#pid = pid;
    });
    child.stdout!.on('data', (chunk: Buffer) => {
      this.#bytes.stdout += chunk.length;
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#bytes.stderr += chunk.length;
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_TAIL);
    });
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#stderr += error.message;
        resolve({ code: 127, signal: null });
      });
      child.once('exit', (code, signal) => {
        this.#over = true;
        resolve({ code, signal });
      });
    });
    this.#monitor = new LimitMonitor({
      limits: spec.config.limits,
      wallBytes: (spec.config.limits.memoryMb + RUNTIME_FLOOR_MB) * MB,
      groups,
      guestPid: () => this.#guestPid(),
      onLimit: () => {
        void this.kill();
      },
    });
    void this.exited.then(() => {
      this.#monitor.stop();
    });
  }

  stderrTail(): string {
    return this.#stderr;
  }
  outputBytes(): { stdout: number; stderr: number } {
    return { ...this.#bytes };
  }
  mounts(grantPath: string, access: 'read' | 'write'): boolean {
    return this.#parts.binds.binds.some(
      (bind) => bind.path === grantPath && (access === 'read' || bind.access === 'write'),
    );
  }

  async usage(): Promise<GuestUsage> {
    return this.#last?.usage ?? this.#measure(this.#parts.groups?.counts() ?? null);
  }
  async limitHit(): Promise<LimitHit | null> {
    await this.kill();
    return this.#last?.hit ?? null;
  }

  /** Throws `LAUNCH_FAILED` when the guest is not who and where it should be (M20.1, M7.2). */
  async verify(): Promise<void> {
    const init = await this.#initPid;
    const pid = init === null ? null : this.#guestPid();
    if (pid === null)
      throw new CcosError('LAUNCH_FAILED', 'The guest cannot be found among the processes', { hint: 'ccos doctor' });
    checkGuest(pid, this.#parts.binds);
  }

  kill(): Promise<Exit> {
    return (this.#killed ??= this.#kill());
  }

  async #kill(): Promise<Exit> {
    const { child, groups } = this.#parts;
    this.#monitor.sample();
    if (!this.#over) {
      // bubblewrap's child dies with it; killed itself as well, it cannot slip away between its start and that promise.
      const init = await within(500, Promise.race([this.#initPid, this.exited.then(() => null)]));
      child.kill('SIGKILL');
      if (init !== null && !this.#over) killQuietly(init);
    }
    const exit = await this.exited;
    const counts = groups?.counts() ?? null;
    this.#last = { usage: this.#measure(counts), hit: this.#explain(exit, counts) };
    await this.#gone();
    return exit;
  }

  /** Waits until no process of the guest is left, and removes its groups (M3.5, M20.12). */
  async #gone(): Promise<void> {
    const { groups, spec } = this.#parts;
    const init = this.#pid;
    for (const until = performance.now() + GONE_WITHIN_MS; ;) {
      const living = [...(groups?.living() ?? []), ...(init !== null && isLiving(init) ? [init] : [])];
      if (living.length === 0 && (groups?.remove() ?? true)) return;
      if (performance.now() > until)
        throw new CcosError(
          'INTERNAL',
          `Guest ${spec.executionId} left something behind: processes ${living.join(', ') || 'none'}, groups ${groups?.folders.join(', ') ?? 'none'}`,
        );
      for (const pid of living) killQuietly(pid);
      await after(2);
    }
  }

  #measure(counts: GroupCounts | null): GuestUsage {
    const figure = (value: number | null | undefined, reason: string): Measured<number> =>
      value === null || value === undefined ? { reason } : { value };
    const sampled = this.#monitor.last;
    return {
      cpuTimeMs: figure(counts?.cpuTimeMs ?? sampled?.cpuTimeMs, 'the guest was gone before it was sampled'),
      peakMemoryBytes: figure(
        counts?.peakMemoryBytes ?? sampled?.peakMemoryBytes,
        'the guest was gone before it was sampled',
      ),
    };
  }

  /** The limit that explains an exit (M5.1, M20.7), or null. */
  #explain(exit: Exit, counts: GroupCounts | null): LimitHit | null {
    if (this.#monitor.hit !== null) return this.#monitor.hit;
    const measured = counts?.peakMemoryBytes ?? this.#monitor.last?.peakMemoryBytes ?? null;
    if (counts?.killedForMemory === true)
      return { code: 'LIMIT_MEMORY', enforcement: this.enforcement['memory']!, measured };
    const aborted = exit.code === 134 || exit.code === 133 || exit.signal === 'SIGABRT' || exit.signal === 'SIGTRAP';
    return aborted ? { code: 'LIMIT_MEMORY', enforcement: 'v8-heap', measured } : null;
  }

  #guestPid(): number | null {
    if (this.#pid === null) return null;
    try {
      const child = readFileSync(`/proc/${this.#pid}/task/${this.#pid}/children`, 'utf8').trim().split(' ')[0];
      return child === undefined || child === '' ? null : Number(child);
    } catch {
      return null;
    }
  }
}

/** What bubblewrap says on its status pipe first: the pid of the namespace's init, as the host sees it. */
function readInitPid(stream: Readable): Promise<number | null> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(0, 4096);
      const found = /"child-pid"\s*:\s*(\d+)/.exec(text);
      if (found !== null) resolve(Number(found[1]));
    });
    stream.once('close', () => {
      resolve(null);
    });
    stream.once('error', () => {
      resolve(null);
    });
  });
}

function enforcementOf({ rlimits, binds }: Launch, groups: GuestGroups | null): Record<string, string> {
  const by = (controller: 'memory' | 'pids' | 'cpu', otherwise: string): string => {
    const version = groups?.versions[controller];
    return version === undefined ? otherwise : `cgroup-v${version}`;
  };
  return {
    time: 'host-timer',
    memory: by('memory', 'rlimit-data'),
    processes: by('pids', 'rlimit-nproc'),
    cpu: by('cpu', 'none'),
    'cpu-time': rlimits.cpuSeconds === null ? 'none' : 'sampling, rlimit-cpu',
    'open-files': 'rlimit-nofile',
    disk: 'tmpfs, rlimit-fsize',
    output: 'channel',
    files: 'mounts',
    network: 'namespace',
    'system-calls': 'seccomp',
    uid: binds.identity.mapped ? 'user-namespace' : String(binds.identity.uid),
  };
}

function after(ms: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(null);
    }, ms);
  });
}
/** The promise's value, or null after so many milliseconds; no timer is left that would keep the process. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => {
    late.resolve(null);
  }, ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}
