/** What an auditor does with the record of a run: search it, follow it, keep its head elsewhere, hand a single record on. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ccos, workspace, type Ended } from './harness.ts';

const GRANTS = ['--read', 'examples/weather/data', '--write', 'out', '--provider', 'wasm'];
let place: ReturnType<typeof workspace>;
const run = (...args: string[]): Promise<Ended> => ccos(args, { cwd: place.folder });
interface Shown {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly run?: string;
}
const records = async (...args: string[]): Promise<Shown[]> =>
  JSON.parse((await run('log', '--json', ...args)).stdout) as Shown[];

beforeAll(async () => {
  place = workspace();
  const ended = await run('run', 'examples/weather/plan.rtfs', '--quiet', ...GRANTS);
  expect(ended.code).toBe(0);
  const refused = await run('run', 'examples/weather/plan.rtfs', '--quiet');
  expect(refused.code).toBe(4);
}, 120_000);
afterAll(() => place.remove());

describe('L10.4 searching the record', () => {
  test('[shown] `ccos log` chooses records by run, kind, capability, outcome and time; `--tree` shows who caused what', async () => {
    const all = await records();
    const [started] = await records('--kind', 'PlanStarted');
    const runId = started?.run ?? '';
    const ofRun = await records('--run', runId);
    expect(ofRun).toEqual(all.filter((record) => record.run === runId));
    expect((await records('--capability', 'ccos.io.*', '--kind', 'CapabilityCall')).length).toBe(2);
    expect((await records('--outcome', 'deny')).length).toBeGreaterThan(0);
    expect(await records('--since', '1h', '--until', '2000-01-01')).toEqual([]);
    expect(await records('--limit', '3')).toEqual(all.slice(-3));
    const stored = readFileSync(join(place.folder, '.ccos/chain/000001.jsonl'), 'utf8');
    expect((await run('log', '--format', 'jsonl')).stdout).toBe(stored);
    const tree = (await run('log', '--run', runId, '--tree')).stdout.split('\n').slice(0, -1);
    expect(tree).toHaveLength(ofRun.length);
    const depth = (kind: string): number => {
      const line = tree.find((text) => text.includes(` ${kind} `)) ?? '';
      return (/^ */.exec(line)?.[0].length ?? 0) - (/^ */.exec(tree[0] ?? '')?.[0].length ?? 0);
    };
    expect(depth('PlanStepStarted')).toBeGreaterThan(depth('PlanStarted'));
    expect(depth('CapabilityResult')).toBeGreaterThan(depth('CapabilityCall'));
  });

  test('`why` goes from a result up to the proposal, with the rules of each decision', async () => {
    const [result] = await records('--kind', 'CapabilityResult');
    const way = (await run('why', result?.id ?? '')).stdout;
    const kinds = ['CapabilityResult', 'CapabilityCall', 'GovernanceDecision', 'PlanStarted', 'PlanProposed'];
    const places = kinds.map((kind) => way.indexOf(kind));
    expect(places.every((at) => at >= 0) && places.toSorted((a, b) => a - b).join() === places.join()).toBe(true);
    expect(way).toMatch(/\* allow:ccos\.io\.read-file/);
    expect(way).toMatch(/policyDigest: sha256:/);
  });

  test('[shown] `ccos tail` prints each record as it comes', async () => {
    let seen = '';
    let later: Promise<Ended> | undefined;
    const tail = ccos(['tail', '--kind', 'PlanCompleted', '--format', 'jsonl', '--limit', '0'], {
      cwd: place.folder,
      started: (child) => {
        child.stdout?.on('data', (text: string) => {
          seen += text;
          child.kill('SIGINT');
        });
        // Once it looks: a record that comes before would be no proof that it follows.
        setTimeout(() => {
          later = run('run', 'examples/weather/plan.rtfs', '--quiet', ...GRANTS);
        }, 1_500);
      },
    });
    expect(await tail).toMatchObject({ signal: 'SIGINT', stderr: '' });
    expect((await later)?.code).toBe(0);
    expect(JSON.parse(seen.split('\n')[0] ?? '')).toMatchObject({ kind: 'PlanCompleted' });
  });
});

describe('L12 what is kept elsewhere', () => {
  const file = (name: string): string => join(place.folder, name);
  test('[shown] `ccos log --prove` proves one record without the others; `ccos verify --proof` needs no record for it', async () => {
    const [call] = await records('--kind', 'CapabilityCall');
    expect((await run('log', '--prove', call?.id ?? '', '-o', 'proof.json')).code).toBe(0);
    const shown = (await run('verify', '--show-key')).stdout.trim();
    const elsewhere = file('elsewhere');
    mkdirSync(elsewhere);
    cpSync(file('proof.json'), join(elsewhere, 'proof.json'));
    const check = (...args: string[]): Promise<Ended> =>
      ccos(['verify', '--proof', 'proof.json', ...args], { cwd: elsewhere });
    const good = await check('--key', shown);
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toContain(call?.id);
    const text = readFileSync(join(elsewhere, 'proof.json'), 'utf8');
    const other = (await records('--kind', 'CapabilityResult'))[0]?.id ?? 'none';
    expect(text).not.toContain(other);
    writeFileSync(join(elsewhere, 'proof.json'), text.replace('"attempt\\":1', '"attempt\\":2'));
    const bad = await check();
    expect(bad).toMatchObject({ code: 8, stdout: '' });
    expect(bad.stderr).toContain('PROOF_INVALID');
    writeFileSync(join(elsewhere, 'proof.json'), text);
    expect(await check('--key', Buffer.alloc(32).toString('base64'))).toMatchObject({ code: 8 });
  });

  test('[shown] A record replaced together with its head by an older pair is found by a head that was kept elsewhere', async () => {
    const home = file('.ccos');
    cpSync(home, file('before'), { recursive: true });
    await run('run', 'examples/weather/plan.rtfs', '--quiet', ...GRANTS);
    expect((await run('log', '--head', '-o', 'head.json')).code).toBe(0);
    expect(await run('verify', '--against', 'head.json')).toMatchObject({ code: 0 });
    renameSync(home, file('after'));
    renameSync(file('before'), home);
    expect(await run('verify')).toMatchObject({ code: 0 });
    const found = await run('verify', '--against', 'head.json', '--json');
    expect(found.code).toBe(8);
    expect(JSON.parse(found.stdout)).toMatchObject({ ok: false, firstBad: { reason: 'truncated' } });
    writeFileSync(file('old.json'), (await run('log', '--head')).stdout);
    rmSync(home, { recursive: true });
    renameSync(file('after'), home);
    expect((await run('log', '--prove-consistency', 'old.json', '-o', 'longer.json')).code).toBe(0);
    expect((await run('verify', '--proof', 'longer.json')).stdout).toContain('goes on');
    expect(statSync(file('longer.json')).size).toBeLessThan(5_000);
  });

  test.each<[string[], string]>([
    [['log', '--tree'], '--tree needs the run'],
    [['log', '--head', '--kind', 'ChainHead'], 'Cannot use --kind with --head'],
    [['log', '--prove', 'x', '--tree'], 'Cannot use --prove with --tree'],
    [['log', '-o', 'x'], 'Cannot use --output without --head'],
    [['log', '--prove-consistency', 'absent.json'], 'Cannot read the head absent.json: ENOENT'],
    [['log', '--prove-consistency', 'examples/weather/plan.rtfs'], 'it is no head'],
    [['log', '--prove', 'action-x'], 'Cannot find the record'],
    [['verify', '--key', 'x'], 'Cannot read "x" as the PUBKEY'],
    [['verify', '--proof', 'absent.json'], 'Cannot read the proof absent.json: ENOENT'],
    [['verify', '--proof', 'a', '--against', 'b'], 'Cannot use --proof and --against together'],
    [['tail', '--json'], 'ccos tail --format jsonl'],
  ])('%j is told with exit 2', async (args, message) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.stderr).toContain(message);
  });
});

describe('L9.8 a record without values', () => {
  const MARK = 'Xq7-planted';
  /** The plan's own text does not hold what it handles: that is kept. */
  const PLAN = `(let [path (str (get input "dir") "/" (get input "name") ".txt")
                      text (str/repeat 2000 (get input "name"))]
    (step "Write" (call :ccos.io.write-file path text))
    (step "Read" (count (call :ccos.io.read-file path)))
    (try (step "Refused" (call :ccos.io.read-file (str "/etc/" (get input "name")))) (catch :SecurityViolation e nil))
    (try (step "Absent" (call :ccos.io.read-file (str path ".none"))) (catch e nil))
    (step "Fails" (throw {:kind :odd :message (get input "name")})))`;
  test('[shown] With `--record digests` no argument, result, input or message is in record or archive, and the record verifies', async () => {
    mkdirSync(join(place.folder, 'dir'));
    writeFileSync(join(place.folder, 'plan.rtfs'), PLAN);
    const args = ['--input', JSON.stringify({ dir: 'dir', name: MARK }), '--write', 'dir', '--provider', 'wasm'];
    const kept = async (home: string, ...more: string[]): Promise<string[]> => {
      const ended = await run('run', 'plan.rtfs', '--home', home, ...args, ...more);
      expect(ended.code, ended.stderr).toBe(1);
      const folder = join(place.folder, home);
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
        (name) => statSync(join(folder, name)).isFile() && readFileSync(join(folder, name), 'utf8').includes(MARK),
      );
    };
    expect((await kept('with')).length).toBeGreaterThan(1);
    expect(await kept('without', '--record', 'digests')).toEqual([]);
    expect(await run('verify', '--home', 'without')).toMatchObject({ code: 0 });
    const [started] = JSON.parse((await run('log', '--home', 'without', '--kind', 'PlanStarted', '--json')).stdout) as {
      payload: unknown;
    }[];
    expect(started?.payload).toMatchObject({ record: 'digests' });
    const count = async (home: string): Promise<string[]> =>
      (JSON.parse((await run('log', '--home', home, '--json')).stdout) as Shown[]).map(({ kind }) => kind);
    expect(await count('without')).toEqual(await count('with'));
  });
});
