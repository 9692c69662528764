/** The main job as a stranger does it, and what the record proves of it. Each test works in a folder of its own. */
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read } from '@ccos/rtfs';
import { type Ended, ccos, workspace } from './harness.ts';
import { expectedReport } from './weather.ts';
import { hideBubblewrap, wall } from './walls.ts';

const PLAN = 'examples/weather/plan.rtfs';
const GRANTS = ['--read', 'examples/weather/data', '--write', 'out'];

/** The plan's value on stdout, as one readable RTFS form. */
function valueOf(ended: Ended): string {
  const { forms, diagnostics } = read(ended.stdout);
  expect(diagnostics).toEqual([]);
  expect(forms).toHaveLength(1);
  return ended.stdout;
}

function weather(folder: string): { report: string; expected: string } {
  const csv = readFileSync(join(folder, 'examples/weather/data/seattle-weather.csv'), 'utf8');
  return { report: readFileSync(join(folder, 'out/report.md'), 'utf8'), expected: expectedReport(csv) };
}

describe('the main job', () => {
  let place: ReturnType<typeof workspace>;
  beforeAll(() => {
    place = workspace();
  });
  afterAll(() => place.remove());

  test('[shown] A plan reads real data, writes its report, and the record of the run verifies', async () => {
    const run = await ccos(['run', PLAN, ...GRANTS], { cwd: place.folder });
    expect(run.stderr).toMatch(/step/i);
    expect(run.code).toBe(0);
    valueOf(run);
    const { report, expected } = weather(place.folder);
    expect(report).toBe(expected);
    const verify = await ccos(['verify'], { cwd: place.folder });
    expect(verify.code).toBe(0);
    expect(verify.stdout).toMatch(/\b\d+ records\b/);
    expect(existsSync(join(place.folder, '.ccos/runs')) ? readdirSync(join(place.folder, '.ccos/runs')) : []).toEqual(
      [],
    );
  });

  test('[shown] `--quiet` tells nothing but the value', async () => {
    const run = await ccos(['run', PLAN, ...GRANTS, '--quiet'], { cwd: place.folder });
    expect(run.stderr).toBe('');
    valueOf(run);
  });
});

describe('without the grants', () => {
  let place: ReturnType<typeof workspace>;
  beforeAll(() => {
    place = workspace();
  });
  afterAll(() => place.remove());

  test('[shown] The same plan is refused, with the call, the rule and the options to paste, and the refusal is in the record', async () => {
    const refused = await ccos(['run', PLAN], { cwd: place.folder });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('Security violation');
    expect(refused.stderr).toContain('ccos.io.read-file');
    expect(existsSync(join(place.folder, 'out'))).toBe(false);
    const hint = /hint: .*?((?:--(?:read|write) \S+ ?)+)/.exec(refused.stderr)?.[1];
    expect(hint).toContain('--read examples/weather/data/seattle-weather.csv');
    expect(hint).toContain('--write out');
    const log = await ccos(['log', '--json'], { cwd: place.folder });
    const denials = (JSON.parse(log.stdout) as { kind: string; payload: { outcome?: string; rule?: string } }[]).filter(
      (record) => record.kind === 'GovernanceDecision' && record.payload.outcome === 'deny',
    );
    expect(denials.length).toBeGreaterThan(0);
    expect(denials[0]?.payload.rule).toMatch(/^default:(path|deny)$/);
    const pasted = await ccos(['run', PLAN, ...hint!.trim().split(/\s+/)], { cwd: place.folder });
    expect(pasted.stderr).not.toContain('Security violation');
    expect(pasted.code).toBe(0);
  });

  test('[shown] `check` lists capabilities and effects with the verdict and runs nothing', async () => {
    const before = existsSync(join(place.folder, '.ccos'))
      ? readFileSync(join(place.folder, '.ccos/chain/000001.jsonl'), 'utf8')
      : '';
    const granted = await ccos(['check', PLAN, ...GRANTS, '--json'], { cwd: place.folder });
    expect(granted.code).toBe(0);
    const report = JSON.parse(granted.stdout) as {
      verdict: string;
      calls: { capability: string; verdict: string }[];
      effects: string[];
    };
    expect(report.verdict).toBe('allow');
    expect(report.calls.map((call) => call.capability)).toContain('ccos.io.write-file');
    expect(report.effects).toContain(':write-local');
    const missing = await ccos(['check', PLAN], { cwd: place.folder });
    expect(missing.code).toBe(4);
    expect(missing.stderr + missing.stdout).toContain('--write out');
    expect(readFileSync(join(place.folder, '.ccos/chain/000001.jsonl'), 'utf8')).toBe(before);
  });
});

describe('walls', () => {
  let place: ReturnType<typeof workspace>;
  beforeAll(() => {
    place = workspace();
  });
  afterAll(() => place.remove());

  const json = (ended: Ended): { status: string; rtfs: string; metadata: Record<string, unknown> } =>
    JSON.parse(ended.stdout) as { status: string; rtfs: string; metadata: Record<string, unknown> };

  test.runIf(wall.process.available)(
    '[shown] `--provider process` and `--provider wasm` give the same value, with measured metadata',
    async () => {
      const values: string[] = [];
      for (const [provider, isolation] of [
        ['process', 'namespace'],
        ['wasm', 'wasm'],
      ] as const) {
        const run = await ccos(['run', PLAN, ...GRANTS, '--provider', provider, '--json'], { cwd: place.folder });
        expect(run.stderr).not.toContain('error');
        expect(run.code).toBe(0);
        const document = json(run);
        expect(document.status).toBe('completed');
        expect(document.metadata).toMatchObject({ provider, isolation, simulated: false });
        const unmeasured = document.metadata['unmeasured'] as Record<string, string>;
        for (const figure of ['cpuTimeMs', 'peakMemoryBytes', 'exitCode', 'imageDigest']) {
          if (document.metadata[figure] === null) expect(unmeasured[figure], figure).toMatch(/./);
          else expect(unmeasured[figure], figure).toBeUndefined();
        }
        values.push(document.rtfs);
        const { report, expected } = weather(place.folder);
        expect(report).toBe(expected);
      }
      expect(values[0]).toBe(values[1]);
    },
  );

  test('[shown] Without dangerous calls `--provider mock` gives the same value, marked simulated', async () => {
    writeFileSync(
      join(place.folder, 'pure.rtfs'),
      '(println "hello") (reduce + 0 (map (fn [x] (call :ccos.math.add x 1)) (range 10)))',
    );
    const mock = await ccos(['run', 'pure.rtfs', '--provider', 'mock', '--json'], { cwd: place.folder });
    expect(mock.code).toBe(0);
    expect(json(mock)).toMatchObject({
      status: 'completed',
      value: 55,
      metadata: { provider: 'mock', isolation: 'none', simulated: true },
    });
    const real = await ccos(['run', 'pure.rtfs', '--provider', 'wasm', '--json'], { cwd: place.folder });
    expect(json(real)).toMatchObject({ value: 55, metadata: { simulated: false } });
  });

  test.runIf(hideBubblewrap !== null)(
    '[shown] On a machine without bubblewrap the main job runs in wasm, and one line says so',
    async () => {
      const run = await ccos(['run', PLAN, ...GRANTS, '--json'], { cwd: place.folder, prefix: hideBubblewrap! });
      expect(run.code).toBe(0);
      expect(json(run).metadata).toMatchObject({ provider: 'wasm', isolation: 'wasm' });
      expect((json(run).metadata['enforcement'] as Record<string, string>)['files']).toBe('descriptor-walk');
      expect(run.stderr.match(/running in wasm/g)).toHaveLength(1);
      const { report, expected } = weather(place.folder);
      expect(report).toBe(expected);
    },
  );

  test('[shown] `doctor` lists all six providers with reason and remedy, and says that the main job can run', async () => {
    const doctor = await ccos(['doctor', '--json'], { cwd: place.folder });
    expect(doctor.code).toBe(0);
    const report = JSON.parse(doctor.stdout) as {
      providers: { name: string; available: boolean; reason?: string; remedy?: string }[];
    };
    expect(report.providers.map((provider) => provider.name).sort()).toEqual([
      'firecracker',
      'gvisor',
      'mock',
      'process',
      'qemu',
      'wasm',
    ]);
    for (const provider of report.providers)
      if (!provider.available) expect(provider.reason, provider.name).toMatch(/./);
    expect(report.providers.find((provider) => provider.name === 'qemu')?.reason).toBe('not in this version');
    const human = await ccos(['doctor'], { cwd: place.folder });
    expect(human.stdout).toContain('not in this version');
  });
});

describe('a record that was touched', () => {
  let place: ReturnType<typeof workspace>;
  let segment: string;
  let original: string;
  beforeAll(async () => {
    place = workspace();
    writeFileSync(join(place.folder, 'plan.rtfs'), '(step "Say" (println "hello")) 1');
    expect((await ccos(['run', 'plan.rtfs'], { cwd: place.folder })).code).toBe(0);
    segment = join(place.folder, '.ccos/chain/000001.jsonl');
    original = readFileSync(segment, 'utf8');
  });
  afterAll(() => place.remove());

  const lines = (): string[] => original.slice(0, -1).split('\n');
  async function verifyWith(
    text: string,
  ): Promise<{ code: number | null; seq: number | undefined; reason: string | undefined }> {
    writeFileSync(`${segment}.new`, text, { mode: 0o600 });
    renameSync(`${segment}.new`, segment);
    const verify = await ccos(['verify', '--json'], { cwd: place.folder });
    const report = JSON.parse(verify.stdout) as { firstBad: { seq: number; reason: string } | null };
    return { code: verify.code, seq: report.firstBad?.seq, reason: report.firstBad?.reason };
  }

  test('[shown] One byte changed anywhere in the record is found, with the first bad record named', async () => {
    const all = lines();
    for (const k of [0, 3, all.length - 1]) {
      const line = all[k]!;
      const changed = line.replace(/"time":(\d)/, (_, digit: string) => `"time":${digit === '1' ? '2' : '1'}`);
      expect(changed).not.toBe(line);
      const result = await verifyWith([...all.slice(0, k), changed, ...all.slice(k + 1)].join('\n') + '\n');
      expect(result).toEqual({ code: 8, seq: k + 1, reason: 'hash' });
    }
  });

  test('[shown] A record removed, two swapped, the last one cut: each is found', async () => {
    const all = lines();
    expect(await verifyWith(all.toSpliced(2, 1).join('\n') + '\n')).toEqual({ code: 8, seq: 3, reason: 'seq' });
    const swapped = [...all];
    [swapped[1], swapped[2]] = [swapped[2]!, swapped[1]!];
    expect(await verifyWith(swapped.join('\n') + '\n')).toEqual({ code: 8, seq: 2, reason: 'seq' });
    expect(await verifyWith(all.slice(0, -1).join('\n') + '\n')).toEqual({
      code: 8,
      seq: all.length,
      reason: 'truncated',
    });
    expect(await verifyWith(original)).toEqual({ code: 0, seq: undefined, reason: undefined });
  });
});

describe('eval', () => {
  test('[shown] `ccos eval` computes without a trace', async () => {
    const place = workspace();
    try {
      const run = await ccos(['eval', '(reduce + 0 (map (fn [x] (* x x)) (range 10)))'], { cwd: place.folder });
      expect(run).toMatchObject({ code: 0, stdout: '285\n' });
      expect(existsSync(join(place.folder, '.ccos'))).toBe(false);
    } finally {
      place.remove();
    }
  });
});
