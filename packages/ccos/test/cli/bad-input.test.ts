/** What a user or a plan can do wrong, each with its exit code and message, and nothing left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, type Ended, ccos, workspace } from './harness.ts';
import { smallDiskOn, wall } from './walls.ts';

let place: ReturnType<typeof workspace>;
beforeAll(() => {
  place = workspace();
  mkdirSync(join(place.folder, 'in/sub'), { recursive: true });
  mkdirSync(join(place.folder, 'secret'));
  writeFileSync(join(place.folder, 'in/a.txt'), 'inside');
  writeFileSync(join(place.folder, 'secret/s.txt'), 'outside');
  symlinkSync('../secret', join(place.folder, 'in/link'));
  symlinkSync('../secret/s.txt', join(place.folder, 'in/link.txt'));
  linkSync(join(place.folder, 'secret/s.txt'), join(place.folder, 'in/hard.txt'));
});
afterAll(() => place.remove());

let count = 0;
/** Writes a plan and runs it. */
function runPlan(source: string, ...args: string[]): Promise<Ended> {
  const file = `plan-${++count}.rtfs`;
  writeFileSync(join(place.folder, file), source);
  return ccos(['run', file, ...args], { cwd: place.folder });
}
const walls = ['process', 'wasm'].filter((name) => name === 'wasm' || wall.process.available);
const leftovers = (): string[] =>
  existsSync(join(place.folder, '.ccos/runs')) ? readdirSync(join(place.folder, '.ccos/runs')) : [];

describe('a plan that does not parse', () => {
  test('[shown] Every error is told with line, column, excerpt and hint, exit 3, and nothing runs', async () => {
    const run = await runPlan('(let [x 1]\n  (+ x 123abc)\n  "\\q")\n(foo');
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('plan-1.rtfs:2:8');
    expect(run.stderr).toContain('(+ x 123abc)');
    expect(run.stderr).toContain('^');
    expect(run.stderr).toContain("'(' opened at 4:1 is never closed");
    expect(run.stderr).toMatch(/hint: /);
    expect(run.stdout).toBe('');
  });

  test('Unknown names are refused at admission, with the nearest ones', async () => {
    const run = await runPlan('(defn total [xs] (reduse + 0 xs))\n(total [1 2])');
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('reduse');
    expect(run.stderr).toMatch(/reduce/);
  });

  test('R15.20 E1.9 `check` tells what will fail and what else is odd, and neither changes the exit code', async () => {
    const plan = '(let [n (count [1 2])\n      total (+ n "3")]\n  (upper-case total))\n{:a 1 :a 2}\n';
    writeFileSync(join(place.folder, 'odd.rtfs'), plan);
    const told = await ccos(['check', 'odd.rtfs'], { cwd: place.folder });
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('verdict: allow');
    expect(told.stderr).toBe(
      [
        'odd.rtfs:2:18: warning WillFail: This will fail with TypeError: Type error in +: expected number, got string',
        '        total (+ n "3")]',
        '                   ^^^',
        'hint: + takes [:int & :int] or [:number & :number]',
        'odd.rtfs:4:7: warning EqualKeys: A key stands twice in one map; the last value wins',
        '  {:a 1 :a 2}',
        '        ^^',
        '',
      ].join('\n'),
    );
    const json = await ccos(['check', 'odd.rtfs', '--json'], { cwd: place.folder });
    expect(json.code).toBe(0);
    const { warnings } = JSON.parse(json.stdout) as { warnings: readonly { code: string; span: { line: number } }[] };
    expect(warnings.map(({ code, span }) => [code, span.line])).toEqual([
      ['WillFail', 2],
      ['EqualKeys', 4],
    ]);
    writeFileSync(join(place.folder, 'unresolved.rtfs'), '(reduse + 0 [1]) (inc "a")');
    const refused = await ccos(['check', 'unresolved.rtfs', '--json'], { cwd: place.folder });
    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: 'PLAN_UNRESOLVED' },
      warnings: [{ code: 'WillFail' }],
    });
    const ran = await runPlan('(do (defn later [] (inc "a")) 5)');
    expect([ran.code, ran.stdout]).toEqual([0, '5\n']);
  });

  test('A plan over 1 MiB, an empty one, and one that is not UTF-8 have their own errors', async () => {
    expect(await runPlan(`"${'x'.repeat(1024 * 1024)}"`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('1 MiB') as string,
    });
    expect(await runPlan('; nothing here\n')).toMatchObject({ code: 3 });
    writeFileSync(join(place.folder, 'bytes.rtfs'), Buffer.from([0x28, 0xff, 0x29]));
    expect(await ccos(['run', 'bytes.rtfs'], { cwd: place.folder })).toMatchObject({ code: 3 });
  });
});

describe('usage', () => {
  test.each([
    [['run', 'missing.rtfs'], 'missing.rtfs'],
    [['run', 'examples/weather/plan.rtfs', '--raed', 'x'], '--read'],
    [['rnu'], 'run'],
    [['run', 'examples/weather/plan.rtfs', '--read', 'examples/wether'], 'weather'],
    [['run', 'examples/weather/plan.rtfs', '--write', 'in/a.txt'], 'in'],
    [['run', 'examples/weather/plan.rtfs', '--write', 'no/such/folder'], 'no/such'],
    [['run', 'examples/weather/plan.rtfs', '--read', '/proc'], "Path '/proc' can never be exposed to a guest"],
    [['run', 'examples/weather/plan.rtfs', '--timeout', 'soon'], '--timeout'],
    [['run', 'examples/weather/plan.rtfs', '--memory', '0'], '--memory'],
    [['run', 'examples/weather/plan.rtfs', '--provider', 'docker'], 'process'],
    [['run', 'examples/weather/plan.rtfs', '--level', 'pure', '--read', 'in'], '--level'],
  ])('%j is exit 2 and says what helps', async (args, text) => {
    const ended = await ccos(args, { cwd: place.folder });
    expect(ended.stderr).toContain(text);
    expect(ended.code).toBe(2);
  });

  test('L1.5 A state folder that cannot be opened is exit 2 and stays as it is', async () => {
    writeFileSync(join(place.folder, 'file-home'), 'mine');
    const file = await ccos(['run', 'examples/weather/plan.rtfs', '--home', 'file-home'], { cwd: place.folder });
    expect(file.code).toBe(2);
    expect(readFileSync(join(place.folder, 'file-home'), 'utf8')).toBe('mine');
    const foreign = await ccos(['run', 'examples/weather/plan.rtfs', '--home', 'secret'], { cwd: place.folder });
    expect(foreign.code).toBe(2);
    expect(readdirSync(join(place.folder, 'secret'))).toEqual(['s.txt']);
  });
});

describe.each(walls)('behind %s', (provider) => {
  test('[shown] A plan that loops for ever ends at its time limit with exit 6, and nothing is left', async () => {
    const run = await runPlan('(loop [i 0] (recur (+ i 1)))', '--provider', provider, '--timeout', '500ms', '--json');
    expect(run.code).toBe(6);
    expect((JSON.parse(run.stdout) as { error: { code: string } }).error.code).toBe('LIMIT_TIME');
    expect(run.ms).toBeLessThan(30_000);
    expect(leftovers()).toEqual([]);
  });

  test('[shown] A plan that allocates without end ends with exit 6 and an out-of-memory error, and the host is unharmed', async () => {
    const source = '(loop [acc []] (recur (conj acc (range 10000))))';
    const run = await runPlan(source, '--provider', provider, '--memory', '64', '--timeout', '60s', '--json');
    expect((JSON.parse(run.stdout) as { error: { code: string } }).error.code).toBe('LIMIT_MEMORY');
    expect(run.code).toBe(6);
    expect(leftovers()).toEqual([]);
  });

  test.each([
    ['(read-file "in/../secret/s.txt")', 4, '..'],
    ['(read-file "in/link/s.txt")', 4, 'link'],
    ['(read-file "in/link.txt")', 4, 'link'],
    ['(read-file "/etc/passwd")', 4, '--read /etc/passwd'],
    ['(read-file "/proc/self/environ")', 4, '/proc'],
    ['(read-file "in/a\\u0000b")', 3, 'NUL'],
    ['(read-file (str "in/a" "\\u0000b"))', 1, 'NUL'],
    ['(read-file "")', 3, 'empty'],
    ['(read-file "in")', 1, 'Not a regular file'],
    ['(read-file "in/none.txt")', 1, 'in/none.txt'],
    ['(write-file "in/hard.txt" "x")', 4, 'A file with 2 names is not written'],
  ] as const)('[shown: hostile path] %s does not widen a grant', async (source, code, text) => {
    const run = await runPlan(
      `(let [f (fn [] ${source})] (f))`,
      '--provider',
      provider,
      '--read',
      'in',
      ...(source.includes('write') ? ['--write', 'in'] : []),
    );
    expect(run.stderr).toContain(text);
    expect(run.code).toBe(code);
    expect(run.stdout).not.toContain('outside');
    expect(readFileSync(join(place.folder, 'secret/s.txt'), 'utf8')).toBe('outside');
  });

  test('10,000 frames of recursion succeed, a clean StackOverflow beyond', async () => {
    const deep = '(defn deep [n] (if (= n 0) 0 (+ 1 (deep (- n 1))))) ';
    expect(await runPlan(`${deep}(deep 9990)`, '--provider', provider)).toMatchObject({ code: 0, stdout: '9990\n' });
    const over = await runPlan(`${deep}(deep 20000)`, '--provider', provider);
    expect(over.code).toBe(6);
  });

  test('A denial that the program catches is still recorded', async () => {
    const run = await runPlan(
      '(def p "/etc/hostname") (try (read-file (str p)) (catch :SecurityViolation e :refused))',
      '--provider',
      provider,
      '--read',
      'in',
    );
    expect(run).toMatchObject({ code: 0, stdout: ':refused\n' });
    const log = await ccos(['log', '--json', '--kind', 'Violation'], { cwd: place.folder });
    expect((JSON.parse(log.stdout) as unknown[]).length).toBeGreaterThan(0);
  });

  test('[shown] SIGINT ends a run with exit 130, one end record, and nothing left', async () => {
    writeFileSync(join(place.folder, 'long.rtfs'), '(step "Wait" (sleep 60000))');
    const home = `sigint-${provider}`;
    const run = await ccos(['run', 'long.rtfs', '--provider', provider, '--timeout', '2m', '--home', home], {
      cwd: place.folder,
      started: (child) => {
        child.stderr!.on('data', (bytes: Buffer) => {
          if (bytes.toString().includes('Wait')) child.kill('SIGINT');
        });
      },
    });
    expect(run.code).toBe(130);
    const log = await ccos(['log', '--json', '--home', home], { cwd: place.folder });
    const kinds = (JSON.parse(log.stdout) as { kind: string; payload: { status?: string } }[]).filter((record) =>
      /^Plan(Completed|Aborted)$/.test(record.kind),
    );
    expect(kinds).toMatchObject([{ kind: 'PlanAborted', payload: { status: 'cancelled' } }]);
    expect(await ccos(['verify', '--home', home], { cwd: place.folder })).toMatchObject({ code: 0 });
    expect(readdirSync(join(place.folder, home, 'runs'))).toEqual([]);
  });
});

describe('records under stress', () => {
  test('[shown] Two processes at once on one state folder corrupt nothing; two runs of one plan are two runs', async () => {
    writeFileSync(join(place.folder, 'both.rtfs'), '(map (fn [i] (call :ccos.echo i)) (range 50))');
    const home = 'both';
    const runs = await Promise.all(
      [1, 2, 3].map(() =>
        ccos(['run', 'both.rtfs', '--home', home, '--json', '--provider', 'wasm'], { cwd: place.folder }),
      ),
    );
    expect(runs.map((run) => run.code)).toEqual([0, 0, 0]);
    const ids = runs.map((run) => (JSON.parse(run.stdout) as { runId: string }).runId);
    expect(new Set(ids).size).toBe(3);
    expect(await ccos(['verify', '--home', home], { cwd: place.folder })).toMatchObject({ code: 0 });
  });

  test('[shown] Kill -9 at any moment leaves a record that verifies and an archive without half a file', async () => {
    writeFileSync(
      join(place.folder, 'calls.rtfs'),
      '(map (fn [i] (write-file (str "killed/" i ".txt") "x")) (range 400))',
    );
    mkdirSync(join(place.folder, 'killed'));
    const home = 'killed-home';
    for (const afterMs of [60, 150, 250, 400, 600, 900]) {
      const child = spawn(
        process.execPath,
        [CLI, 'run', 'calls.rtfs', '--write', 'killed', '--home', home, '--quiet'],
        { cwd: place.folder, stdio: 'ignore' },
      );
      await new Promise((later) => {
        setTimeout(later, afterMs);
      });
      child.kill('SIGKILL');
      await new Promise((ended) => {
        child.on('close', ended);
      });
      const verify = await ccos(['verify', '--home', home], { cwd: place.folder });
      // A kill before the state folder exists leaves nothing to verify.
      if (existsSync(join(place.folder, home, 'chain/head.json')))
        expect(verify.code, verify.stderr + verify.stdout).toBe(0);
      const files = existsSync(join(place.folder, 'killed')) ? readdirSync(join(place.folder, 'killed')) : [];
      for (const file of files.filter((name) => name.endsWith('.txt')))
        expect(readFileSync(join(place.folder, 'killed', file), 'utf8')).toBe('x');
    }
    expect(
      await ccos(['run', 'calls.rtfs', '--write', 'killed', '--home', home, '--quiet'], { cwd: place.folder }),
    ).toMatchObject({ code: 0 });
    expect(await ccos(['verify', '--home', home], { cwd: place.folder })).toMatchObject({ code: 0 });
    expect(readdirSync(join(place.folder, home, 'runs'))).toEqual([]);
  });

  const smallHome = smallDiskOn('full-home', 256);
  test.runIf(smallHome !== null)(
    '[shown] A full disk below the record stops effects, with its typed error',
    async () => {
      mkdirSync(join(place.folder, 'effects'));
      writeFileSync(
        join(place.folder, 'fill.rtfs'),
        '(map (fn [i] (write-file (str "effects/" i ".txt") (repeat-str "x" 2000))) (range 500))',
      );
      const run = await ccos(['run', 'fill.rtfs', '--write', 'effects', '--home', 'full-home', '--provider', 'wasm'], {
        cwd: place.folder,
        prefix: smallHome!,
      });
      expect(run.stderr).toContain('CHAIN_UNAVAILABLE');
      expect(run.code).toBe(8);
      expect(readdirSync(join(place.folder, 'effects')).length).toBeLessThan(500);
    },
  );

  const smallOut = smallDiskOn('full-out', 64);
  test.runIf(smallOut !== null)('[shown] A full disk below a grant is an error that the plan can catch', async () => {
    writeFileSync(
      join(place.folder, 'big.rtfs'),
      '(try (write-file "full-out/big.txt" (repeat-str "x" 200000)) (catch :IoError e (:code (ex-data e))))',
    );
    const run = await ccos(
      ['run', 'big.rtfs', '--write', 'full-out', '--home', 'full-out-home', '--provider', 'wasm'],
      { cwd: place.folder, prefix: smallOut! },
    );
    expect(run).toMatchObject({ code: 0, stdout: '"IO_FULL"\n' });
  });

  test('`ccos log | head` ends quietly', async () => {
    const ended = spawnSync('sh', ['-c', `"$0" "$1" log --home both | head -n 1`, process.execPath, CLI], {
      cwd: place.folder,
      encoding: 'utf8',
    });
    expect(ended.stderr).toBe('');
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
  });
});
