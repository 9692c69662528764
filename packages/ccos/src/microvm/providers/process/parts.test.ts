/** The parts of the process wall one by one; the wall as a whole is attacked in test/escape. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../model/limits.ts';
import type { Grant } from '../../../model/program.ts';
import { NOBODY, planBinds } from './binds.ts';
import { findPlaces, GuestGroups } from './cgroups.ts';
import { inheritableDescriptors, stdioList } from './descriptors.ts';
import { elfInterpreter, librariesOf, parseLoaderList } from './libraries.ts';
import { checkGuest, sealProblem } from './outside-view.ts';
import { namespaceCause } from './probe.ts';
import { processProvider } from './provider.ts';
import { REFUSED_CALLS, seccompFilter } from './seccomp.ts';
import { findTool, findTools } from './tools.ts';
import { argumentVector, type Launch } from './vector.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-parts-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('M9.5 seccomp', () => {
  /** Runs the program as the kernel would, on `{nr, arch, args}`. */
  function decide(filter: Buffer, data: { nr: number; arch: number; args?: readonly number[] }): number {
    const words = new Map([
      [0, data.nr],
      [4, data.arch],
      ...(data.args ?? []).map((arg, i) => [16 + 8 * i, arg] as const),
    ]);
    let accumulator = 0;
    for (let at = 0; ; at++) {
      const code = filter.readUInt16LE(at * 8),
        yes = filter[at * 8 + 2]!,
        no = filter[at * 8 + 3]!,
        value = filter.readUInt32LE(at * 8 + 4);
      if (code === 0x06) return value;
      if (code === 0x20) {
        accumulator = words.get(value) ?? 0;
        continue;
      }
      const holds =
        code === 0x15 ? accumulator === value : code === 0x35 ? accumulator >= value : (accumulator & value) !== 0;
      at += holds ? yes : no;
    }
  }
  const ALLOW = 0x7fff0000,
    KILL = 0x80000000,
    EPERM = 0x50001,
    ENOSYS = 0x50026;
  const X64 = 0xc000003e,
    ARM64 = 0xc00000b7;

  test.each<[string, 'x64' | 'arm64', { nr: number; arch: number; args?: readonly number[] }, number]>([
    ['read', 'x64', { nr: 0, arch: X64 }, ALLOW],
    ['read', 'arm64', { nr: 63, arch: ARM64 }, ALLOW],
    ['a 32-bit call (M18.24)', 'x64', { nr: 0, arch: 0x40000003 }, KILL],
    ['an x32 call', 'x64', { nr: 0x40000000, arch: X64 }, KILL],
    ['another architecture', 'arm64', { nr: 0, arch: X64 }, KILL],
    ['clone3', 'x64', { nr: 435, arch: X64 }, ENOSYS],
    ['clone of a thread', 'x64', { nr: 56, arch: X64, args: [0x3d0f00] }, ALLOW],
    ['clone of a user namespace', 'x64', { nr: 56, arch: X64, args: [0x10000000] }, EPERM],
    ['clone of a mount namespace', 'arm64', { nr: 220, arch: ARM64, args: [0x20000] }, EPERM],
    ['socket AF_UNIX', 'x64', { nr: 41, arch: X64, args: [1] }, ALLOW],
    ['AF_INET', 'x64', { nr: 41, arch: X64, args: [2] }, ALLOW],
    ['AF_INET6', 'x64', { nr: 41, arch: X64, args: [10] }, ALLOW],
    ['AF_NETLINK (M18.31)', 'x64', { nr: 41, arch: X64, args: [16] }, EPERM],
    ['AF_VSOCK', 'arm64', { nr: 198, arch: ARM64, args: [40] }, EPERM],
    ['AF_PACKET', 'x64', { nr: 41, arch: X64, args: [17] }, EPERM],
    ['TIOCSTI (M18.23)', 'x64', { nr: 16, arch: X64, args: [0, 0x5412] }, EPERM],
    ['TIOCLINUX', 'x64', { nr: 16, arch: X64, args: [0, 0x541c] }, EPERM],
    ['another ioctl', 'x64', { nr: 16, arch: X64, args: [0, 0x5413] }, ALLOW],
  ])('%s on %s', (_, arch, data, answer) => {
    expect(decide(seccompFilter(arch), data)).toBe(answer);
  });

  test('each refused call on each architecture', () => {
    for (const [name, [x64, arm64]] of Object.entries(REFUSED_CALLS)) {
      expect(decide(seccompFilter('x64'), { nr: x64, arch: X64 }), name).toBe(EPERM);
      if (arm64 !== null) expect(decide(seccompFilter('arm64'), { nr: arm64, arch: ARM64 }), name).toBe(EPERM);
    }
  });

  const header = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
  test.skipIf(!existsSync(header))("the numbers are the kernel's (needs linux-libc-dev)", () => {
    const text = readFileSync(header, 'utf8');
    for (const [name, [number]] of Object.entries(REFUSED_CALLS)) {
      const defined = new RegExp(`#define __NR_${name} (\\d+)`).exec(text)?.[1];
      if (defined !== undefined) expect(Number(defined), name).toBe(number);
    }
  });

  const python = findTool('python3'),
    bwrap = findTool('bwrap');
  test.skipIf(python === null || bwrap === null || process.arch !== 'x64')(
    'M18.14-17, 20-25 the kernel answers so (needs python3 and bubblewrap)',
    () => {
      const file = join(folder, 'filter.bpf');
      writeFileSync(file, seccompFilter('x64'));
      const fd = openSync(file, 'r');
      const source = `import ctypes,errno,json
c=ctypes.CDLL(None,use_errno=True)
def call(*a):
    ctypes.set_errno(0); r=c.syscall(*[ctypes.c_long(x) for x in a]); return errno.errorcode.get(ctypes.get_errno(),'ok') if r==-1 else 'ok'
print(json.dumps([call(272,0x10000000),call(165,0,0,0,0,0),call(101,0,0,0,0),call(308,0,0),call(161,0),call(321,0,0,0),call(425,1,0),call(435,0,0),call(41,16,3,0),call(304,0,0,0),call(41,2,1,0)]))`;
      const stdio = ['ignore', 'pipe', 'pipe', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', fd] as const;
      const ran = spawnSync(bwrap!, ['--ro-bind', '/', '/', '--seccomp', '9', '--', python!, '-c', source], {
        stdio: [...stdio],
        encoding: 'utf8',
      });
      closeSync(fd);
      expect(JSON.parse(ran.stdout)).toEqual([
        'EPERM',
        'EPERM',
        'EPERM',
        'EPERM',
        'EPERM',
        'EPERM',
        'EPERM',
        'ENOSYS',
        'EPERM',
        'EPERM',
        'ok',
      ]);
    },
  );
});

describe('M9.1 libraries', () => {
  test('what a loader prints', () => {
    expect(
      parseLoaderList(
        '\tlinux-vdso.so.1 (0x00007)\n\tlibm.so.6 => /lib/x/libm.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n',
      ),
    ).toEqual(['/lib/x/libm.so.6', '/lib64/ld-linux-x86-64.so.2']);
  });
  test.skipIf(process.platform !== 'linux')("Node's own, from the loader and from the cache", async () => {
    const cache = join(folder, 'cache');
    const interpreter = elfInterpreter(process.execPath)!;
    const first = await librariesOf(process.execPath, cache);
    expect(first).toContain(interpreter);
    expect(first.every((path) => existsSync(path))).toBe(true);
    expect(await librariesOf(process.execPath, cache)).toEqual(first);
    expect(await librariesOf(process.execPath, '/proc/nowhere')).toEqual(first);
  });
  test('what is no ELF file is refused', async () => {
    const text = join(folder, 'text');
    writeFileSync(text, '#!/bin/sh\n');
    await expect(librariesOf(text, null)).rejects.toMatchObject({ code: 'LAUNCH_FAILED' });
  });
});

describe('M9.2 tools', () => {
  test('only the fixed folders count, and what is missing has a command', () => {
    expect(findTools(0, [folder])).toEqual({ missing: { name: 'bubblewrap', remedy: 'apt install bubblewrap' } });
  });
  test('PROVIDER_UNAVAILABLE and a probe that says why', async () => {
    const hidden = processProvider({ toolFolders: [folder] });
    expect(await hidden.probe()).toMatchObject({
      available: false,
      reason: 'bubblewrap not found',
      remedy: 'apt install bubblewrap',
      checks: [{ name: 'bwrap', ok: false, remedy: 'apt install bubblewrap' }, {}, {}],
    });
    await expect(hidden.initialize()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', exit: 7 });
  });
  test('a guest bundle that is not built', async () => {
    const probe = await processProvider({ guest: join(folder, 'none.cjs') }).probe();
    expect(probe.available).toBe(false);
  });
});

describe('M16.6 causes', () => {
  const settings =
    (values: Record<string, string>) =>
    (name: string): string | null =>
      values[name] ?? null;
  test.each<[string, Record<string, string>, boolean, RegExp | null]>([
    [
      'AppArmor',
      { 'kernel/apparmor_restrict_unprivileged_userns': '1' },
      true,
      /apparmor_restrict_unprivileged_userns is 1/,
    ],
    ['userns_clone', { 'kernel/unprivileged_userns_clone': '0' }, false, /unprivileged_userns_clone is 0/],
    ['max_user_namespaces', { 'user/max_user_namespaces': '0' }, false, /max_user_namespaces is 0/],
    ['a container', { 'user/max_user_namespaces': '100' }, true, /container/],
    ['nothing known', { 'user/max_user_namespaces': '100' }, false, null],
  ])('%s', (_, values, container, reason) => {
    const cause = namespaceCause(settings(values), container);
    if (reason === null) return expect(cause).toBeNull();
    expect(cause!.reason).toMatch(reason);
    expect(cause!.remedy).toMatch(/wasm/);
  });
});

describe('M20.1 who the guest is', () => {
  const grant = (path: string, access: 'read' | 'write'): Grant => ({ path, asWritten: path, kind: 'folder', access });
  const config = (grants: readonly Grant[]) => ({
    limits: defaultLimits(),
    network: 'Denied' as const,
    grants,
    hidden: [],
    env: {},
  });
  const folderOf = (name: string, mode: number, owner: number): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    execFileSync('chmod', [mode.toString(8), path]);
    if (process.getuid?.() === 0) execFileSync('chown', [`${owner}:${owner}`, path]);
    return path;
  };
  test('a plain caller keeps its rights and gets everything bound', () => {
    const path = folderOf('mine', 0o700, 0);
    expect(planBinds(config([grant(path, 'write')]), { uid: 1_000, gid: 1_000 })).toMatchObject({
      identity: { uid: 1_000, mapped: true },
      binds: [{ path, access: 'write' }],
    });
  });
  test.skipIf(process.getuid?.() !== 0)(
    "a root caller's guest is nobody, or the owner of what it writes (needs root)",
    () => {
      const open = folderOf('open', 0o755, 0),
        closed = folderOf('closed', 0o700, 0),
        users = folderOf('users', 0o755, 4_242);
      const root = { uid: 0, gid: 0 };
      expect(planBinds(config([grant(open, 'read'), grant(closed, 'read'), grant(open, 'write')]), root)).toMatchObject(
        { identity: { uid: NOBODY, mapped: false }, binds: [{ path: open, access: 'read' }] },
      );
      expect(planBinds(config([grant(open, 'read'), grant(users, 'write')]), root)).toMatchObject({
        identity: { uid: 4_242 },
        binds: [{ path: open }, { path: users, access: 'write' }],
      });
    },
  );
  test.each([
    ['Uid:\t65534\t0\t65534\t65534\nCapPrm:\t0\nCapEff:\t0\nNoNewPrivs:\t1\nSeccomp:\t2', 'one of its user ids is 0'],
    ['Uid:\t1\t1\t1\t1\nCapPrm:\t0\nCapEff:\t00c0\nNoNewPrivs:\t1\nSeccomp:\t2', 'it has capabilities'],
    ['Uid:\t1\t1\t1\t1\nCapPrm:\t0\nCapEff:\t0\nNoNewPrivs:\t0\nSeccomp:\t2', 'it may gain privileges'],
    ['Uid:\t1\t1\t1\t1\nCapPrm:\t0\nCapEff:\t0\nNoNewPrivs:\t1\nSeccomp:\t0', 'it has no system call filter'],
    ['', 'one of its user ids is 0'],
    ['Uid:\t1\t1\t1\t1\nCapPrm:\t0\nCapEff:\t0\nNoNewPrivs:\t1\nSeccomp:\t2', null],
  ])('seen from outside: %j', (status, problem) => {
    expect(sealProblem(status)).toBe(problem);
  });
  test('a process without a wall is no guest', () => {
    expect(() => {
      checkGuest(process.pid, { identity: { uid: 1, gid: 1, mapped: true }, binds: [], hidden: [] });
    }).toThrow('The guest is not what was launched');
  });
});

describe('M9.3 the vector', () => {
  const launch: Launch = {
    tools: { bwrap: '/usr/bin/bwrap', prlimit: '/usr/bin/prlimit', sh: '/bin/sh', setpriv: '/usr/bin/setpriv' },
    disableUserns: true,
    entries: [['/a', '/ccos/node']],
    binds: {
      identity: { uid: 7, gid: 7, mapped: true },
      binds: [{ path: '/data', access: 'read', identity: '' }],
      hidden: [],
    },
    env: { A: '1; rm -rf /' },
    scratchBytes: 100,
    groups: [],
    rlimits: { openFiles: 256, fileBytes: 9, stackBytes: 8, cpuSeconds: null, dataBytes: null, innerTasks: null },
    command: ['/ccos/node', '/ccos/guest.cjs'],
  };
  test('a plain caller: user namespace, and no setpriv', () => {
    const [program, args] = argumentVector(launch);
    expect(program).toBe('/usr/bin/prlimit');
    expect(args).toEqual(
      expect.arrayContaining([
        '--unshare-user',
        '--disable-userns',
        '--unshare-net',
        '--unshare-pid',
        '--die-with-parent',
        '--new-session',
        '--clearenv',
        '--seccomp',
        '9',
      ]),
    );
    expect(args.slice(-3)).toEqual(['--', '/ccos/node', '/ccos/guest.cjs']);
    expect(args.join(' ')).not.toContain('setpriv');
  });
  test('a root caller: no user namespace, everything dropped inside', () => {
    const [, args] = argumentVector({
      ...launch,
      binds: { ...launch.binds, identity: { uid: 65_534, gid: 65_534, mapped: false } },
    });
    expect(args).not.toContain('--unshare-user');
    expect(args.slice(args.indexOf('--json-status-fd') + 3)).toEqual([
      '/ccos/setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--inh-caps=-all',
      '--ambient-caps=-all',
      '--bounding-set=-all',
      '--no-new-privs',
      '--',
      '/ccos/node',
      '/ccos/guest.cjs',
    ]);
  });
  test('groups are joined by arguments, not by text', () => {
    const [program, args] = argumentVector({ ...launch, groups: ['/sys/a b'] });
    expect([program, args[0], args[2], args[3], args[4]]).toEqual(['/bin/sh', '-c', 'ccos-join', '/sys/a b', '--']);
    expect(args[1]).not.toContain('/sys');
  });
});

describe('M9.4, M20.3 descriptors', () => {
  test('an inherited one above 15 gets /dev/null at its own number', async () => {
    const canary = join(folder, 'canary');
    writeFileSync(canary, 'CANARY');
    const fd = openSync(canary, 'r');
    const script = `const { inheritableDescriptors } = await import(${JSON.stringify(join(import.meta.dirname, 'descriptors.ts'))}); console.log(JSON.stringify(inheritableDescriptors(2)));`;
    const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'inherit' as 'ignore'];
    while (stdio.length < 25) stdio.push('ignore');
    stdio.push(fd);
    const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
      stdio,
      env: {},
    });
    closeSync(fd);
    let text = '';
    for await (const chunk of child.stdout!) text += String(chunk);
    expect(JSON.parse(text)).toContain(25);
  });
  test('the list', () => {
    expect(stdioList(40, 41, [12])).toEqual([
      41,
      'pipe',
      'pipe',
      'pipe',
      41,
      41,
      41,
      41,
      'pipe',
      40,
      'ignore',
      'ignore',
      41,
    ]);
    expect(inheritableDescriptors(100_000)).toEqual([]);
  });
});

describe('M5.3 cgroups', () => {
  /** A tree like the kernel's, made of plain files: enough for the choice of places and for what is written. */
  function v2Tree(controllers: string): { mounts: string; self: string; own: string } {
    const root = mkdtempSync(join(folder, 'cgroup-'));
    const own = join(root, 'user.slice');
    mkdirSync(own);
    writeFileSync(join(own, 'cgroup.subtree_control'), controllers);
    return { mounts: `cgroup2 ${root} cgroup2 rw 0 0\n`, self: '0::/user.slice\n', own };
  }
  test('a mount without controllers does not count', () => {
    const { mounts, self } = v2Tree('');
    expect(findPlaces({ mounts, self })).toEqual({});
  });
  test('no mount, nothing', () => {
    expect(findPlaces({ mounts: '', self: '' })).toEqual({});
  });
  test('v2: what is written, and what is read', () => {
    const { own } = v2Tree('memory pids cpu');
    const place = { version: 2 as const, folder: own };
    const groups = GuestGroups.make({ memory: place, pids: place, cpu: place, cpuacct: place }, 'ccos-x', {
      memoryBytes: 1_000,
      tasks: 20,
      cpuShare: 0.5,
    });
    const read = (name: string): string => readFileSync(join(own, 'ccos-x', name), 'utf8');
    expect([read('memory.max'), read('pids.max'), read('cpu.max')]).toEqual(['1000', '20', '50000 100000']);
    for (const [name, text] of [
      ['memory.events', 'max 3\noom_kill 1\n'],
      ['memory.peak', '900'],
      ['memory.current', '800'],
      ['cpu.stat', 'usage_usec 2500\n'],
      ['pids.events', 'max 4\n'],
    ] as const)
      writeFileSync(join(own, 'ccos-x', name), text);
    expect(groups.counts()).toEqual({
      cpuTimeMs: 2.5,
      peakMemoryBytes: 900,
      memoryBytes: 800,
      memoryFailures: 3,
      killedForMemory: true,
      refusedTasks: 4,
    });
    expect(groups.folders).toEqual([join(own, 'ccos-x')]);
  });
  const real = findPlaces();
  test.skipIf(real.memory === undefined)('here: made, limited, removed (needs a writable memory cgroup)', () => {
    const groups = GuestGroups.make(real, `ccos-test-${process.pid}`, {
      memoryBytes: 64 * 1024 * 1024,
      tasks: 10,
      cpuShare: 1,
    });
    expect(groups.living()).toEqual([]);
    expect(groups.counts().killedForMemory).toBe(false);
    expect(groups.remove()).toBe(true);
    expect(groups.folders.some((path) => existsSync(path))).toBe(false);
  });
});

test('S6.5 a link as a granted path', () => {
  const link = join(folder, 'link');
  symlinkSync('/etc', link);
  expect(() =>
    planBinds(
      {
        limits: defaultLimits(),
        network: 'Denied',
        grants: [{ path: link, asWritten: 'link', kind: 'folder', access: 'read' }],
        hidden: [],
        env: {},
      },
      { uid: 1, gid: 1 },
    ),
  ).toThrow('Granted path has become a link: link');
});
