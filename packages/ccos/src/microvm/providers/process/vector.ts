/** A launch as data, and its argument vector for bubblewrap (M9.3, M20.1–M20.8). No shell sees data. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Binds } from './binds.ts';
import type { Tools } from './tools.ts';

/** Everything that makes one guest; `synthesize` could print it and a digest can be taken of it (§8.7). */
export interface Launch {
  readonly tools: Tools;
  /** Whether this bubblewrap knows `--disable-userns` (≥ 0.8). */
  readonly disableUserns: boolean;
  /** Files at fixed places of the guest's root: `[source, destination]`, read-only. */
  readonly entries: readonly (readonly [source: string, destination: string])[];
  readonly binds: Binds;
  readonly env: Readonly<Record<string, string>>;
  readonly scratchBytes: number;
  readonly groups: readonly string[];
  readonly rlimits: Rlimits;
  /** The guest's own command, by its paths inside. */
  readonly command: readonly string[];
}

/** Resource limits set before bubblewrap; `innerTasks` inside, where only the guest's own processes count. */
export interface Rlimits {
  readonly openFiles: number;
  readonly fileBytes: number;
  readonly stackBytes: number;
  readonly cpuSeconds: number | null;
  readonly dataBytes: number | null;
  readonly innerTasks: number | null;
}

/** Descriptors that bubblewrap itself reads and closes (M9.4). */
export const STATUS_FD = 8,
  FILTER_FD = 9;

/** Joins each group and becomes the rest; `$0` is explicit, data is only ever an argument (M20.6). */
const JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"';

/** Where inside the guest's root its own tools stand. */
export const INSIDE = {
  node: '/ccos/node',
  guest: '/ccos/guest.cjs',
  boot: '/ccos/boot.cjs',
  cache: '/ccos/guest.cache',
  setpriv: '/ccos/setpriv',
  prlimit: '/ccos/prlimit',
} as const;

const PROC_FOLDERS = ['sys', 'irq', 'bus', 'fs', 'acpi', 'mtrr', 'scsi', 'sysrq-trigger'];
const PROC_FILES = ['kcore', 'keys', 'kallsyms', 'timer_list', 'latency_stats'];

/** Program and arguments of a launch. */
export function argumentVector(launch: Launch): readonly [program: string, args: readonly string[]] {
  const { tools, groups } = launch;
  const limited = [
    tools.prlimit,
    ...prlimits(launch.rlimits),
    '--',
    tools.bwrap,
    ...bwrapArguments(launch),
    '--',
    ...inner(launch),
  ];
  const vector = groups.length === 0 ? limited : [tools.sh, '-c', JOIN, 'ccos-join', ...groups, '--', ...limited];
  return [vector[0]!, vector.slice(1)];
}

function prlimits({ openFiles, fileBytes, stackBytes, cpuSeconds, dataBytes }: Rlimits): string[] {
  const both = (name: string, value: number): string => `--${name}=${value}:${value}`;
  return [
    '--core=0',
    both('nofile', openFiles),
    both('fsize', fileBytes),
    both('stack', stackBytes),
    ...(cpuSeconds === null ? [] : [both('cpu', cpuSeconds)]),
    ...(dataBytes === null ? [] : [both('data', dataBytes)]),
  ];
}

/** What bubblewrap executes: the guest, after becoming its uid and losing what a root caller's sandbox still had. */
function inner({ binds, rlimits, command }: Launch): string[] {
  const { uid, gid, mapped } = binds.identity;
  const become = mapped
    ? []
    : [
        INSIDE.setpriv,
        `--reuid=${uid}`,
        `--regid=${gid}`,
        '--clear-groups',
        '--inh-caps=-all',
        '--ambient-caps=-all',
        '--bounding-set=-all',
        '--no-new-privs',
        '--',
      ];
  const tasks =
    rlimits.innerTasks === null ? [] : [INSIDE.prlimit, `--nproc=${rlimits.innerTasks}:${rlimits.innerTasks}`, '--'];
  return [...become, ...tasks, ...command];
}

function bwrapArguments(launch: Launch): string[] {
  const { binds, entries, env, scratchBytes } = launch;
  const half = String(Math.floor(scratchBytes / 2));
  return [
    ...identityArguments(launch),
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--die-with-parent',
    '--new-session',
    '--hostname',
    'guest',
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    // bubblewrap makes missing parents 0700 and owned by the caller, whom the guest need not be: they are made first, by name.
    ...makeParents(entries.map(([, destination]) => destination)),
    ...entries.flatMap(([source, destination]) => ['--ro-bind', source, destination]),
    '--dev',
    '/dev',
    '--perms',
    '1777',
    '--size',
    half,
    '--tmpfs',
    '/dev/shm',
    '--remount-ro',
    '/dev',
    '--proc',
    '/proc',
    ...PROC_FOLDERS.map((name) => `/proc/${name}`)
      .filter((path) => existsSync(path))
      .flatMap((path) => ['--ro-bind', path, path]),
    ...PROC_FILES.map((name) => `/proc/${name}`)
      .filter((path) => existsSync(path))
      .flatMap((path) => ['--ro-bind', '/dev/null', path]),
    '--perms',
    '1777',
    '--size',
    half,
    '--tmpfs',
    '/tmp',
    '--perms',
    '0777',
    '--size',
    half,
    '--tmpfs',
    '/work',
    ...makeParents(binds.binds.map((bind) => bind.path)),
    ...binds.binds.flatMap(({ path, access }) => [access === 'write' ? '--bind' : '--ro-bind', path, path]),
    ...binds.hidden.flatMap(({ path, kind }) =>
      kind === 'folder'
        ? ['--perms', '0555', '--size', '4096', '--tmpfs', path, '--remount-ro', path]
        : ['--ro-bind', '/dev/null', path],
    ),
    '--remount-ro',
    '/',
    '--chdir',
    '/work',
    '--seccomp',
    String(FILTER_FD),
    '--json-status-fd',
    String(STATUS_FD),
  ];
}

/**
 * A plain caller gets a user namespace. Root needs none, and without it mounts reach folders that only root can traverse; what it
 * keeps is just enough for `setpriv` to drop everything.
 */
function identityArguments({ binds, disableUserns }: Launch): string[] {
  if (!binds.identity.mapped)
    return ['--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SETPCAP'];
  return [
    '--unshare-user',
    ...(disableUserns ? ['--disable-userns'] : []),
    '--cap-drop',
    'ALL',
    '--uid',
    '65534',
    '--gid',
    '65534',
  ];
}

/** Makes every folder above the paths, outermost first, 0755. */
function makeParents(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) folders.add(folder);
  return [...folders].sort().flatMap((folder) => ['--dir', folder]);
}
