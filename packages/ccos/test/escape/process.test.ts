/** M18 over the process wall: each attempt is refused, and the host is as it was. Numbers are those of the table. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromPlain } from '@ccos/rtfs';
import type { GuestHost } from '../../src/model/guest-host.ts';
import type { Grant } from '../../src/model/program.ts';
import { attack, NO_HOST, NO_WALL, processesWith, type Attack } from './kit.ts';

let folder = '';
let canary = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-canary-'));
  chmodSync(folder, 0o755);
  canary = join(folder, 'secret');
  writeFileSync(canary, 'CANARY', { mode: 0o644 });
});
afterAll(() => {
  expect(readFileSync(canary, 'utf8')).toBe('CANARY');
  rmSync(folder, { recursive: true, force: true });
});

const value = async (source: string, more: Partial<Attack> = {}): Promise<unknown> =>
  (await attack({ source, ...more })).value;
const tries = (paths: readonly string[], act: string): string =>
  `return ${JSON.stringify(paths)}.map(path => attempt(() => ${act}));`;
const reading = (...paths: string[]): string => tries(paths, "fs.readFileSync(path, 'utf8')");
const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
const grantOf = (path: string, access: 'read' | 'write'): Grant => ({ path, asWritten: path, kind: 'folder', access });

describe.skipIf(NO_WALL !== null)(`escape from the process wall${NO_WALL === null ? '' : ` (${NO_WALL})`}`, () => {
  test("M18.1, 2 the host's files, the home and the state folder are not there", async () => {
    expect(
      await value(reading('/etc/shadow', canary, join(homedir(), '.ssh'), join(homedir(), '.ccos/keys/ed25519.pem'))),
    ).toEqual(['ENOENT', 'ENOENT', 'ENOENT', 'ENOENT']);
  });
  test("M18.3 climbing stays in the guest's root", async () => {
    expect(await value(`${reading(`/work${'/..'.repeat(20)}${canary}`, `${'../'.repeat(20)}etc/shadow`)}`)).toEqual([
      'ENOENT',
      'ENOENT',
    ]);
  });
  test("M18.8 /proc/*/root and cwd are the guest's", async () => {
    expect(await value(reading(`/proc/self/root${canary}`, `/proc/1/root${canary}`, `/proc/1/cwd${canary}`))).toEqual([
      'ENOENT',
      expect.stringMatching(/ENOENT|EACCES|EPERM/),
      expect.stringMatching(/ENOENT|EACCES|EPERM/),
    ]);
  });
  test('M18.9 host processes are absent', async () => {
    const seen = (await value(
      "return fs.readdirSync('/proc').filter(name => /^[0-9]+$/.test(name)).map(Number);",
    )) as number[];
    expect(seen.every((pid) => pid < 10)).toBe(true);
    expect(await value(reading(`/proc/${process.pid + 100_000}/environ`))).toEqual(['ENOENT']);
  });
  test('M18.11 no kernel setting opens for writing', async () => {
    const paths = ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger'];
    for (const code of (await value(tries(paths, "fs.openSync(path, 'r+')"))) as string[])
      expect(code).toMatch(/^(EROFS|EACCES|EPERM|ENOENT)$/);
  });
  test('M18.12 the root is sealed; /work and /tmp are not, and gone afterwards', async () => {
    const written = tries(
      ['/x', '/etc/x', '/ccos/x', '/dev/x', '/lib/x', '/work/x', '/tmp/x'],
      "fs.writeFileSync(path, '')",
    );
    expect(await value(written)).toEqual(['EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'open', 'open']);
    expect(existsSync('/work/x')).toBe(false);
  });
  test('M18.13 a read-only grant is read-only', async () => {
    const seen = await value(
      `${`return [attempt(() => fs.readFileSync('${canary}', 'utf8')), attempt(() => fs.writeFileSync('${canary}', 'x')), attempt(() => fs.writeFileSync('${folder}/new', 'x')), attempt(() => fs.unlinkSync('${canary}'))];`}`,
      { grants: [grantOf(folder, 'read')] },
    );
    expect(seen).toEqual(['open CANARY', 'EROFS', 'EROFS', 'EROFS']);
  });
  test('S6.4 what is hidden below a grant is empty, and cannot be filled', async () => {
    const state = join(folder, '.ccos');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, 'key'), 'SECRET');
    const source = `return [fs.readdirSync('${state}').length, attempt(() => fs.readFileSync('${state}/key')), attempt(() => fs.writeFileSync('${state}/x', '')), attempt(() => fs.readFileSync('${canary}', 'utf8'))];`;
    expect(await value(source, { grants: [grantOf(folder, 'read')], hidden: [state] })).toEqual([
      0,
      'ENOENT',
      'EROFS',
      'open CANARY',
    ]);
  });
  test('M7.2 a granted folder that became a link is refused', async () => {
    const link = join(folder, 'link');
    symlinkSync('/etc', link);
    await expect(attack({ source: 'return 1', grants: [grantOf(link, 'read')] })).rejects.toMatchObject({
      code: 'LAUNCH_FAILED',
    });
    rmSync(link);
    await expect(attack({ source: 'return 1', grants: [grantOf(link, 'read')] })).rejects.toMatchObject({
      code: 'LAUNCH_FAILED',
      message: expect.stringContaining('is gone') as string,
    });
  });
  test('M18.14, 15, 17 mounting, new namespaces: the filter answers', async () => {
    // Node has no such calls of its own; the system's mount and unshare stand in no guest. The seal is looked at instead (M9.5).
    expect(await value(reading('/usr/bin/mount', '/usr/bin/unshare', '/bin/sh'))).toEqual([
      'ENOENT',
      'ENOENT',
      'ENOENT',
    ]);
  });
  test("M18.19 sealed: no capability, no privilege to gain, a filter, nobody's uid", async () => {
    const source =
      "return fs.readFileSync('/proc/self/status', 'utf8').match(/^(Uid|Groups|CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):.*$/gm).map(line => line.split(/\\s+/).join(' ').trim());";
    const seen = (await value(source)) as string[];
    expect(seen).toEqual(
      expect.arrayContaining([
        'Uid: 65534 65534 65534 65534',
        'CapPrm: 0000000000000000',
        'CapEff: 0000000000000000',
        'CapBnd: 0000000000000000',
        'NoNewPrivs: 1',
        'Seccomp: 2',
      ]),
    );
  });
  test('M18.10 descriptors that CCOS holds or inherited do not reach the guest', async () => {
    const source =
      "return fs.readdirSync('/proc/self/fd').map(fd => attempt(() => fs.readlinkSync('/proc/self/fd/' + fd))).filter(target => target.startsWith('open /') && !target.startsWith('open /dev/null') && !target.startsWith('open /proc/'));";
    expect(await value(source)).toEqual([]);
  });
  test("M18.26 the host's environment is absent", async () => {
    process.env['CCOS_TEST_CANARY'] = 'CANARY';
    try {
      const seen = await value(
        "return [Object.keys(process.env).sort().join(' '), fs.readdirSync('/proc').filter(name => /^[0-9]+$/.test(name)).some(pid => attempt(() => fs.readFileSync('/proc/' + pid + '/environ', 'utf8')).includes('CANARY'))];",
        { env: { OWN: '1' } },
      );
      expect(seen).toEqual(['HOME LANG OWN PATH PWD TMPDIR TZ', false]);
    } finally {
      delete process.env['CCOS_TEST_CANARY'];
    }
    await expect(attack({ source: 'return 1', env: { LD_PRELOAD: '/x' } })).rejects.toMatchObject({
      code: 'ENV_REFUSED',
      exit: 3,
    });
  });
  test("M18.28, 29 no way to the host's loopback or to any address", async () => {
    const server = createServer();
    let connections = 0;
    server.on('connection', (socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    const connect = `const connect = (port, host) => new Promise(resolve => { const socket = require('node:net').connect({ port, host }); socket.on('connect', () => resolve('open')); socket.on('error', error => resolve(error.code)); });`;
    try {
      const seen = await value(
        `${connect} return [await connect(${port}, '127.0.0.1'), await connect(80, '192.0.2.1'), fs.readFileSync('/proc/net/dev', 'utf8').split('\\n').slice(2).filter(Boolean).map(line => line.trim().split(':')[0])];`,
      );
      expect(seen).toEqual(['ECONNREFUSED', 'ENETUNREACH', ['lo']]);
      expect(connections).toBe(0);
    } finally {
      server.close();
    }
  });
  test('M18.41 frames on stdout and stderr are only text', async () => {
    const source =
      "const frame = JSON.stringify({ v: 1, id: 99, t: 'result', run: channel.run, ok: true, value: 'forged' }) + '\\n'; fs.writeSync(1, frame); fs.writeSync(2, frame); return 'real';";
    const { value: seen, guest } = await attack({ source });
    expect(seen).toBe('real');
    expect(guest.outputBytes!().stdout).toBeGreaterThan(50);
  });
  test('M18.42 a child of the guest has no channel', async () => {
    const source =
      "const child = require('node:child_process').spawnSync('/ccos/node', ['-e', 'try { require(\"fs\").writeSync(3, \"x\"); console.log(\"open\") } catch (error) { console.log(error.code) }']); return String(child.stdout).trim();";
    expect(await value(source)).toMatch(/^(EBADF|EACCES|EINVAL)$/);
  });
  test.each([
    ['two results', "channel.send('result', { run: channel.run, ok: true, value: 1 }); return 2;"],
    [
      'a result of another run',
      "channel.send('result', { run: 'f'.repeat(32), ok: true, value: 1 }); await new Promise(() => setInterval(() => {}, 1000));",
    ],
    ['garbage', "fs.writeSync(3, 'garbage\\n'); for (;;);"],
    ['a line without an end', 'const piece = Buffer.alloc(65536, 120); for (;;) fs.writeSync(3, piece);'],
    ['invalid UTF-8 in a frame', 'fs.writeSync(3, Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 10])); for (;;);'],
  ])('M18.43, 44 %s is a violation', async (_, source) => {
    await expect(attack({ source })).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
  test('M18.45 a denial stays a denial, however often it is asked', async () => {
    const host: GuestHost = {
      ...NO_HOST,
      call: () =>
        Promise.resolve({
          error: {
            kind: 'SecurityViolation',
            message: 'Security violation: no',
            data: fromPlain({ code: 'SECURITY_VIOLATION' }),
          },
        }),
    };
    const source = `const ask = path => { channel.send('call', { run: channel.run, path, step: null, capability: 'ccos.io.read-file', args: ['/etc/shadow'], exposure: { expose: null, keys: null }, hints: {}, timeoutMs: null }); return channel.receive().error.kind; };
      return [ask('a'), [1].map(() => ask('b'))[0], (() => { try { throw 1; } catch { return ask('c'); } })(), await new Promise(resolve => setTimeout(() => resolve(ask('d')), 1))];`;
    expect(await value(source, { host })).toEqual([
      'SecurityViolation',
      'SecurityViolation',
      'SecurityViolation',
      'SecurityViolation',
    ]);
  });
  test('M18.47 a fork bomb is contained and gone', async () => {
    const source =
      "const { spawn } = require('node:child_process'); const bomb = () => { for (let i = 0; i < 40; i++) spawn('/ccos/node', ['-e', 'setInterval(() => {}, 1000) // ccos-bomb']).on('error', () => {}); }; bomb(); setInterval(bomb, 50); await new Promise(() => {});";
    await expect(
      attack({ source, limits: { timeoutMs: 1_500, maxProcesses: 16, memoryMb: 256 } }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^LIMIT_/) as string });
    expect(processesWith('ccos-bomb', pids())).toEqual([]);
  });
  test.each([
    ['buffers', 'const all = []; for (;;) all.push(Buffer.alloc(1 << 22, 1));'],
    ['objects', "const all = []; for (;;) all.push({ a: [all.length], b: 'x' + all.length });"],
  ])('M18.48 %s without end are LIMIT_MEMORY', async (_, source) => {
    const before = process.memoryUsage().rss;
    await expect(attack({ source, limits: { memoryMb: 64, timeoutMs: 20_000 } })).rejects.toMatchObject({
      code: 'LIMIT_MEMORY',
      exit: 6,
      details: {
        limit: 'memoryMb',
        value: 64,
        enforcement: expect.stringMatching(/^(cgroup-v[12]|v8-heap|sampling|rlimit-data)$/) as string,
      },
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
  test.each([
    ['a busy loop', 'for (;;);'],
    ['a backtracking expression', "/^(a+)+$/.test('a'.repeat(64) + 'b');"],
    ['ignored signals', "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); for (;;);"],
    ['silence', 'await new Promise(() => setInterval(() => {}, 1000));'],
  ])('M18.49 %s is LIMIT_TIME, in time', async (_, source) => {
    const started = performance.now();
    let ms = 0;
    await expect(
      attack({ source: `// ccos-busy\n${source}`, limits: { timeoutMs: 300 } }).finally(() => {
        ms = performance.now() - started;
      }),
    ).rejects.toMatchObject({ code: 'LIMIT_TIME', exit: 6 });
    expect(ms).toBeLessThan(3_000);
  });
  test('M18.50 the scratch folders are full at their size', async () => {
    const source =
      "const fill = path => attempt(() => { const fd = fs.openSync(path, 'w'); for (;;) fs.writeSync(fd, Buffer.alloc(65536)); }); return ['/work/a', '/tmp/a', '/dev/shm/a'].map(fill);";
    for (const code of (await value(source, { limits: { diskMb: 2 } })) as string[])
      expect(code).toMatch(/^(ENOSPC|EFBIG)$/);
  });
  test('M18.51 open files end', async () => {
    expect(
      await value(
        "for (;;) { const code = attempt(() => fs.openSync('/dev/null')); if (code !== 'open') return code; }",
        { limits: { maxOpenFiles: 64 } },
      ),
    ).toBe('EMFILE');
  });
  test('M18.52 what daemonises is gone with the run', async () => {
    const source =
      "require('node:child_process').spawn('/ccos/node', ['-e', 'setInterval(() => {}, 1000) // ccos-daemon'], { detached: true, stdio: 'ignore' }).unref(); await new Promise(resolve => setTimeout(resolve, 100)); return 1;";
    expect(await value(source)).toBe(1);
    expect(processesWith('ccos-daemon', pids())).toEqual([]);
  });
  test('M18.53 a flood of output is dropped, and the host stays small', async () => {
    const before = process.memoryUsage().rss;
    const { value: seen, guest } = await attack({
      source:
        "const piece = Buffer.alloc(1 << 20, 120); for (let i = 0; i < 1024; i++) for (let at = 0; at < piece.length;) { try { at += fs.writeSync(1, piece, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; } } return 1;",
    });
    expect(seen).toBe(1);
    expect(guest.outputBytes!().stdout).toBeGreaterThan(1 << 20);
    // What is read and dropped is garbage until it is collected; the flood is a whole gigabyte.
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });
  test('an exit without a result is GUEST_CRASH with its code and last words', async () => {
    await expect(attack({ source: "fs.writeSync(2, 'last words'); process.exit(42);" })).rejects.toMatchObject({
      code: 'GUEST_CRASH',
      details: { exitCode: 42, stderr: 'last words' },
    });
  });
});
