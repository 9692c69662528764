/** What a user waits for: starting the command line, evaluating, running a plan behind the process wall, and one call through it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { systemClock } from '../packages/ccos/src/foundation/clock.ts';
import { executionId } from '../packages/ccos/src/foundation/ids.ts';
import type { GuestHost } from '../packages/ccos/src/model/guest-host.ts';
import { defaultLimits } from '../packages/ccos/src/model/limits.ts';
import { processKit, processProvider } from '../packages/ccos/src/microvm/providers/process/provider.ts';
import { GuestSession } from '../packages/ccos/src/microvm/session.ts';
import { quantiles, type Row } from './measure.ts';

const root = join(import.meta.dirname, '..');
const bundle = join(root, 'packages/ccos/bundle');
const ENV = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' };

const ROUND_TRIPS = 10_000;
const FIVE_CALLS =
  '(do (call :ccos.echo 1) (call :ccos.echo 2) (call :ccos.echo 3) (call :ccos.echo 4) (call :ccos.echo 5))';
const MANY_CALLS = `(loop [i 0 last nil] (if (= i ${ROUND_TRIPS}) last (recur (inc i) (call :ccos.echo i))))`;

/** Answers each line with itself, read and written as the guest reads and writes. */
const ECHO = `
const { readSync, writeSync } = require('node:fs');
const chunk = Buffer.alloc(262144);
for (;;) {
  const count = readSync(3, chunk, 0, chunk.length, null);
  if (count === 0) break;
  for (let sent = 0; sent < count;) sent += writeSync(3, chunk, sent, count - sent);
}`;

/** The rows of `cli`; those of the process wall only where its probe passes. */
export async function cliRows(): Promise<{ rows: Row[]; absent: string[]; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'ccos-bench-'));
  const plan = join(folder, 'plan.rtfs');
  writeFileSync(plan, FIVE_CALLS);
  const ccos = (args: readonly string[]) => (): Promise<number> => timed(join(root, 'ccos'), [...args], folder);
  const bareNode = (): Promise<number> => timed(process.execPath, ['-e', '0'], folder);
  const rows: Row[] = [
    {
      name: 'ccos --version',
      reference: 'node -e 0',
      bound: 2,
      samples: 31,
      subject: ccos(['--version']),
      baseline: bareNode,
    },
    {
      name: "ccos eval '(+ 1 2)'",
      reference: 'node -e 0',
      bound: 3,
      samples: 31,
      subject: ccos(['eval', '(+ 1 2)']),
      baseline: bareNode,
    },
  ];
  const wall = await processProvider().probe();
  const names = ['ccos run, five calls, process', `${ROUND_TRIPS.toLocaleString('en-US')} round trips, process`];
  const absent = wall.available ? [] : names.map((name) => `${name}: ${wall.reason}`);
  if (wall.available) {
    rows.push(
      {
        name: names[0] ?? '',
        reference: 'bwrap … node guest',
        bound: 3,
        samples: 21,
        subject: ccos(['run', plan, '--provider', 'process', '--quiet']),
        baseline: () => timed('bwrap', bareGuest(), folder),
      },
      {
        name: names[1] ?? '',
        reference: 'as many bare lines echoed',
        bound: 3,
        samples: 5,
        subject: roundTrips,
        baseline: bareEcho,
        note: processorTimes,
      },
    );
  }
  return { rows, absent, close: async () => rmSync(folder, { recursive: true, force: true }) };
}

/** The same guest in a namespace of its own, by hand; it ends at once, for its channel is at its end. */
function bareGuest(): string[] {
  return [
    '--unshare-all',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--',
    process.execPath,
    join(bundle, 'guest.cjs'),
  ];
}

/** Milliseconds from the start of a command to its end. Throws when it fails. */
function timed(command: string, args: readonly string[], cwd: string): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: ENV, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    (child.stdio[3] as Duplex).end();
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr}`));
    });
  });
}

/** Microseconds of processor time a call, at each end: they repeat where others keep the machine busy. One entry a sample. */
const spent = { subject: [] as Ends[], baseline: [] as Ends[] };
interface Ends {
  readonly host: number;
  readonly guest: number;
}

/** The medians of what the samples of the last row spent; that of its warm-up counts for nothing. */
function processorTimes(): string {
  const told = (samples: readonly Ends[]): string => {
    const median = (end: keyof Ends): string => quantiles(samples.slice(1).map((ends) => ends[end])).p50.toFixed(1);
    return `host ${median('host')} µs, guest ${median('guest')} µs`;
  };
  return `processor time a call: ${told(spent.subject)}; a line: ${told(spent.baseline)}`;
}

/** Runs `work` and tells what this process and that of `pid` spent on it, all their threads, by trip. */
async function spending<T>(pid: number, work: () => Promise<T>): Promise<{ readonly value: T; readonly ends: Ends }> {
  const before = { host: process.cpuUsage(), guest: processorMicroseconds(pid) };
  const value = await work();
  const { user, system } = process.cpuUsage(before.host);
  const guest = processorMicroseconds(pid) - before.guest;
  return { value, ends: { host: (user + system) / ROUND_TRIPS, guest: guest / ROUND_TRIPS } };
}

/** What a living process has spent in all its threads; NaN where the kernel does not say. */
function processorMicroseconds(pid: number): number {
  try {
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1_000;
  } catch {
    return Number.NaN;
  }
}

/** The last descendant of this process in a row of only children: the guest behind what starts it. */
function innermostChild(): number {
  for (let pid = process.pid; ;) {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').at(-1) ?? '';
    if (child === '') return pid;
    pid = Number(child);
  }
}

/** Calls of a guest behind the process wall that a host answers at once: the channel's own cost, without door and record. */
async function roundTrips(): Promise<number> {
  const { launcher, guestDigest } = await processKit({});
  const limits = { ...defaultLimits(), timeoutMs: 600_000 };
  const config = { limits, network: 'Denied', grants: [], hidden: [], env: {} } as const;
  const guest = await launcher.launch({ executionId: executionId(), config }, AbortSignal.timeout(600_000));
  try {
    const session = new GuestSession(guest, { guestHost: ECHO_HOST, guestDigest, limits, clock: systemClock });
    await session.handshake();
    const startedAt = performance.now();
    const deadline = systemClock.monotonic() + limits.timeoutMs;
    const { value, ends } = await spending(innermostChild(), () =>
      session.run({ program: { kind: 'rtfs-source', source: MANY_CALLS }, args: [], input: null, deadline }),
    );
    spent.subject.push(ends);
    if (value !== ROUND_TRIPS - 1) throw new Error(`the guest answered ${String(value)}`);
    const taken = performance.now() - startedAt;
    await session.close();
    return taken;
  } finally {
    await guest.kill();
    guest.channel.close();
  }
}

const refuse = (): Promise<never> => Promise.reject(new Error('the plan of the benchmark only calls'));
const ECHO_HOST: GuestHost = {
  call: async ({ args }) => ({ ok: args[0] ?? null }),
  context: refuse,
  pause: refuse,
  checkpoint: refuse,
  step: refuse,
};

/** As many lines of a call's length, one after the other, over a stream of the same kind. */
async function bareEcho(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ECHO], { env: ENV, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const stream = child.stdio[3] as Duplex;
  const line = `${'x'.repeat(150)}\n`;
  const first = new Promise<void>((resolve) => {
    stream.once('data', () => resolve());
  });
  stream.write(line);
  await first;
  const echoed = (): Promise<void> =>
    new Promise((resolve) => {
      let left = ROUND_TRIPS;
      stream.on('data', () => {
        left -= 1;
        if (left === 0) resolve();
        else stream.write(line);
      });
      stream.write(line);
    });
  const startedAt = performance.now();
  const { ends } = await spending(child.pid ?? 0, echoed);
  const taken = performance.now() - startedAt;
  spent.baseline.push(ends);
  stream.end();
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
  return taken;
}

if (
  !existsSync(join(bundle, 'cli.cjs')) &&
  spawnSync(join(root, 'ccos'), ['--version'], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0
) {
  throw new Error('the command line could not be built');
}
