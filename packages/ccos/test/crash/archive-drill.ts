/**
 * Crash drills of the archive (A13): a real process killed before or after a numbered call, and a model disk that loses its power.
 * As a program, `npm run drill -- --rounds N [--seed S]`.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { systemFiles, type Files, type FileStatus } from '../../src/foundation/files.ts';
import { expectSound, prepare, work, WORKLOADS, type WorkloadName } from './archive-workloads.ts';
import type { Fault } from './faulty-files.ts';
import { ModelDisk } from './model-disk.ts';
import { seededRandom, type Random } from './random.ts';

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];
/** A killed process leaves here what it leaves on a disk, and lost power is modelled: no round has to wait for a real disk. */
const IN_MEMORY = '/dev/shm';
/** Rounds by workload and how they ended the work. */
export type Tally = Record<string, number>;

/** A folder of stores to break. */
export class Drill {
  readonly #scratch = fs.mkdtempSync(join(fs.existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'ccos-drill-'));
  readonly #templates = new Map<WorkloadName, Promise<string>>();
  readonly #calls = new Map<WorkloadName, number>();
  readonly #disks = new Map<WorkloadName, Promise<{ disk: ModelDisk; promises: { at: number; line: string }[] }>>();
  #worker: Promise<string> | null = null;
  #stores = 0;

  close(): void {
    fs.rmSync(this.#scratch, { recursive: true });
  }

  /** How many calls a workload makes when nothing goes wrong. */
  async calls(name: WorkloadName): Promise<number> {
    const known = this.#calls.get(name);
    if (known !== undefined) return known;
    const { folder, output } = await this.#run(name, null);
    const line = output.find((said) => said.startsWith('calls '));
    if (line === undefined) throw new Error(`${name} does not end: ${output.join('; ')}`);
    await expectSound(name, folder, output);
    fs.rmSync(folder, { recursive: true });
    this.#calls.set(name, Number(line.slice('calls '.length)));
    return Number(line.slice('calls '.length));
  }

  /** One round: the process is killed before or after its `at`-th call. Throws when something was lost. */
  async kill(name: WorkloadName, at: number, what: 'kill-before' | 'kill-after'): Promise<void> {
    const { folder, output, signal } = await this.#run(name, { at, what });
    const place = `killed ${what.slice('kill-'.length)} call ${at}`;
    if (signal !== 'SIGKILL') throw new Error(`${name}, ${place}: it was not: ${output.join('; ')}`);
    await this.#expect(name, folder, output, place);
  }

  /** One round: the call fails as on a full disk, and so do all that follow. */
  async fail(name: WorkloadName, at: number, errno: string): Promise<readonly string[]> {
    const { folder, output } = await this.#run(name, { at, what: errno, from: true });
    const left = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tmp'));
    if (left.length > 0) throw new Error(`${name}, ${errno} from call ${at} on: ${left.join()} is left`);
    await this.#expect(name, folder, output, `${errno} from call ${at} on`);
    return output;
  }

  /** Moments at which the power can fail during a workload: 0 to this one. */
  async moments(name: WorkloadName): Promise<number> {
    return (await this.#disk(name)).disk.moment;
  }

  /** How many changes are unsynced at a moment. */
  async unsynced(name: WorkloadName, moment: number): Promise<number[]> {
    return (await this.#disk(name)).disk.unsynced(moment);
  }

  /** One round: the power fails at a moment, and some unsynced changes are lost. Throws when something promised was. */
  async loseThePower(name: WorkloadName, moment: number, lost: ReadonlySet<number>, zeroed: boolean): Promise<void> {
    const { disk, promises } = await this.#disk(name);
    const folder = this.#newStore();
    disk.image(moment, lost, folder, zeroed);
    const kept = promises.filter(({ at }) => at <= moment).map(({ line }) => line);
    await this.#expect(name, folder, kept, `power lost at ${moment} without ${[...lost].join()}`, UNTOUCHED);
  }

  async #expect(
    name: WorkloadName,
    folder: string,
    promises: readonly string[],
    place: string,
    files?: Files,
  ): Promise<void> {
    try {
      // One lock for all stores: each lock stays open as long as the process lives.
      await expectSound(name, folder, promises, {
        lockFolder: this.#scratch,
        ...(files === undefined ? {} : { files }),
      });
    } catch (error) {
      throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
    }
    fs.rmSync(folder, { recursive: true });
  }

  #newStore(): string {
    return join(this.#scratch, String(this.#stores++));
  }

  #template(name: WorkloadName): Promise<string> {
    const known = this.#templates.get(name);
    if (known !== undefined) return known;
    const folder = this.#newStore();
    const made = prepare(name, folder).then(() => folder);
    this.#templates.set(name, made);
    return made;
  }

  async #copy(name: WorkloadName): Promise<string> {
    const folder = this.#newStore();
    fs.cpSync(await this.#template(name), folder, { recursive: true, preserveTimestamps: true });
    return folder;
  }

  async #disk(name: WorkloadName): Promise<{ disk: ModelDisk; promises: { at: number; line: string }[] }> {
    let known = this.#disks.get(name);
    if (known === undefined) {
      known = this.#copy(name).then(async (folder) => {
        const disk = new ModelDisk(folder);
        const promises: { at: number; line: string }[] = [];
        await work(name, folder, disk.files, (what, hash) =>
          promises.push({ at: disk.moment, line: `${what} ${hash}` }),
        );
        return { disk, promises };
      });
      this.#disks.set(name, known);
    }
    return known;
  }

  async #run(
    name: WorkloadName,
    fault: Fault | null,
  ): Promise<{ folder: string; output: string[]; signal: string | null }> {
    const folder = await this.#copy(name);
    const script = await (this.#worker ??= this.#bundled());
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, folder, name, JSON.stringify(fault)], {
        env: { PATH: process.env['PATH'] ?? '' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      child.on('error', reject);
      child.on('close', (_code, signal) => resolve({ folder, output: output.split('\n').slice(0, -1), signal }));
    });
  }

  /** The worker in one file, which starts in a third of the time. */
  async #bundled(): Promise<string> {
    const outfile = join(this.#scratch, 'worker.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'archive-worker.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['source'],
      logLevel: 'error',
    });
    return outfile;
  }
}

/** An image's files were all made now; when each was published stands in its time of modification. */
const asWritten = (status: FileStatus): FileStatus => ({ ...status, changedMs: status.mtimeMs });
const UNTOUCHED: Files = {
  ...systemFiles,
  status: (path) => {
    const status = systemFiles.status(path);
    return status === null ? null : asWritten(status);
  },
  statusOf: (fd) => asWritten(systemFiles.statusOf(fd)),
};

/** Rounds at the same time: while a process starts, an image can be looked at. */
const AT_ONCE = 2;

/** Random rounds, half of them kills and half losses of power; resolves to how many there were of each. */
export async function randomRounds(drill: Drill, rounds: number, random: Random): Promise<Tally> {
  const tally: Tally = {};
  const below = (bound: number): number => Math.floor(random() * bound);
  const one = async (n: number): Promise<void> => {
    const name = WORKLOAD_NAMES[below(WORKLOAD_NAMES.length)] as WorkloadName;
    const draws = [random(), random(), random(), random()] as const;
    const how = n % 2 === 0 ? (draws[0] < 0.5 ? 'kill-before' : 'kill-after') : 'power lost';
    if (how === 'power lost') {
      const moment = Math.floor(draws[1] * ((await drill.moments(name)) + 1));
      const part = draws[2];
      const choose = seededRandom(Math.floor(draws[3] * 2 ** 32));
      const lost = (await drill.unsynced(name, moment)).filter(() => choose() < part);
      await drill.loseThePower(name, moment, new Set(lost), draws[0] < 0.5);
    } else await drill.kill(name, 1 + Math.floor(draws[1] * (await drill.calls(name))), how);
    const line = `${name}, ${how}`;
    tally[line] = (tally[line] ?? 0) + 1;
  };
  for (let at = 0; at < rounds; at += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, rounds - at) }, (_none, n) => at + n);
    const failed = (await Promise.allSettled(numbers.map(one))).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  return tally;
}
