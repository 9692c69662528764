/** `ccos eval` as a user types it: values, limits and errors in memory, and what makes it a run like any other. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CLI, type CommandOptions, type Ended, ccos, workspace } from './harness.ts';

let place: ReturnType<typeof workspace>;
const at = (...path: string[]): string => join(place.folder, ...path);
beforeAll(() => {
  place = workspace();
  mkdirSync(at('in'));
  writeFileSync(at('in/a b.txt'), 'hello');
  writeFileSync(at('input.json'), '{"a": 2}');
});
afterAll(() => place.remove());

/** Evaluates with `.ccos` as the state folder. */
const evaluate = (args: readonly string[], options: Partial<CommandOptions> = {}): Promise<Ended> =>
  ccos(['eval', ...args], { cwd: place.folder, ...options });
const documentOf = (ended: Ended): Record<string, unknown> => JSON.parse(ended.stdout) as Record<string, unknown>;
const recorded = (): boolean => existsSync(at('.ccos'));

/** Below this ceiling no first attempt is made: the process of its own computes everything (G1.19). */
const IN_WORKER = ['--memory', '63'];

const DEEP = '(defn d [n] (if (= n 0) 0 (+ 1 (d (- n 1)))))';

describe('G1.19 a pure expression', () => {
  afterEach(() => expect(recorded()).toBe(false));

  test.each([
    ['(+ 1 2)', '3'],
    ['{:a [1 2.0] "b" #{:c}}', '{:a [1 2.0] "b" #{:c}}'],
    ['(def x 4) (defn f [y] (* x y)) (f 2)', '8'],
    ['(step "Count" (count [1 2 3]))', '3'],
    // What the first attempt cannot end is the same value from the process of its own: a caught limit must not be the attempt's.
    ['(loop [i 0] (if (= i 1000000) i (recur (inc i))))', '1000000'],
    [`${DEEP} (try (d 500) (catch :StackOverflow e :deep))`, '500'],
    [`${DEEP} (d 9990)`, '9990'],
    [`${DEEP} (try (d 20000) (catch :StackOverflow e :deep))`, ':deep'],
    ['-1', '-1'],
  ])('%s is %s, beside the command and in a process of its own', async (source, value) => {
    const expected = { code: 0, stdout: `${value}\n`, stderr: '' };
    expect(await evaluate([source])).toMatchObject(expected);
    expect(await evaluate([source, ...IN_WORKER])).toMatchObject(expected);
  });

  const ends = async (input: string, options: readonly string[]): Promise<Record<string, unknown>> => {
    const ended = await evaluate(['-', ...options, '--json'], { input });
    const { status, rtfs, error } = documentOf(ended);
    expect([status, rtfs]).toEqual(['failed', null]);
    expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
    expect(ended.ms).toBeLessThan(30_000);
    const { code, details } = error as { code: string; details: { enforcement?: string } };
    return { code, by: details.enforcement, exit: ended.code, hint: /^hint: .*?(--.*)$/m.exec(ended.stderr)?.[1] };
  };

  test('[shown] `ccos eval` ends a text that does not yield, or that eats memory, with exit 6, and prints nothing else', async () => {
    expect(await ends('(loop [i 0] (recur (+ i 1)))', ['--timeout', '300ms'])).toEqual({
      code: 'LIMIT_TIME',
      // A busy machine may take as long to load the language: then it is ended from outside.
      by: expect.stringMatching(/^(machine|process-kill)$/),
      exit: 6,
      hint: '--timeout 1s',
    });
    // Compiling polls no deadline: the process is ended from outside.
    const slow = `(do ${'(+ 1 2) '.repeat(100_000)})`;
    expect(await ends(slow, ['--timeout', '1ms'])).toMatchObject({
      code: 'LIMIT_TIME',
      by: 'process-kill',
      exit: 6,
    });
    expect(await ends('(loop [a []] (recur (conj a (range 10000))))', ['--memory', '40'])).toEqual({
      code: 'LIMIT_MEMORY',
      by: 'v8-heap',
      exit: 6,
      hint: '--memory 80',
    });
    // One large allocation at the ceiling ends the engine, and with it the whole process in which it is.
    expect(await ends('(loop [v []] (recur (conj v (str v v))))', ['--memory', '64'])).toMatchObject({
      code: 'LIMIT_MEMORY',
      exit: 6,
    });
  });

  test('a value that unfolds without end is the error that it is behind a wall', async () => {
    const unfolds = '(loop [i 0 v [1]] (if (= i 99) v (recur (inc i) [v v])))';
    expect(await ends(unfolds, [])).toMatchObject({ code: 'SERIALIZATION_ERROR', exit: 1 });
  });

  test('the document of --json is that of a run that left no record', async () => {
    expect(documentOf(await evaluate(['{:a [1.5 :b]}', '--json']))).toEqual({
      runId: null,
      planHash: null,
      status: 'completed',
      value: { a: [1.5, ':b'] },
      rtfs: '{:a [1.5 :b]}',
      error: null,
      metadata: { isolation: 'none', durationMs: expect.any(Number) as number, fuel: 0 },
    });
    const failed = await evaluate(['(f 1)', '--json']);
    expect(failed.code).toBe(3);
    expect(documentOf(failed)).toMatchObject({
      status: 'failed',
      error: { code: 'PLAN_UNRESOLVED', span: { line: 1, column: 2 } },
    });
  });

  test('--input is bound as in a run, and a bad one is exit 2', async () => {
    expect(await evaluate(['(+ (:a input) (get input :a))', '--input', '@input.json'])).toMatchObject({ code: 1 });
    expect(await evaluate(['(get input "a")', '--input', '@input.json'])).toMatchObject({ code: 0, stdout: '2\n' });
    expect(await evaluate(['input', '--input', '{'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--input') as string,
    });
  });

  test('a wall that is asked for is refused, for there is none', async () => {
    const ended = await evaluate(['(+ 1 2)', '--provider', 'wasm', '--cpu', '1']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('--provider and --cpu');
    expect(ended.stderr).toContain('--record');
  });

  test('--level pure grants nothing, and says which options would', async () => {
    const ended = await evaluate(['1', '--level', 'pure', '--read', 'in']);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('--level pure') as string });
    expect(await evaluate(['1', '--level', 'pure'])).toMatchObject({ code: 0, stdout: '1\n' });
  });
});

describe('errors stand as `run` prints them: place, excerpt, caret, hint', () => {
  test.each([
    '(let [x 1]\n  (+ x 123abc)\n  "\\q")\n(foo',
    '(defn total [xs] (reduse + 0 xs))\n(total [1 2])',
    '(let [x 0]\n\t(/ 1 x))',
    '(throw :my-error "no" {:a 1})',
    '((fn [x] x))',
    '(+ 1 "2")',
    '; nothing',
    '(call :ccos.ehco 1)',
    '(println 1)',
    '(write-file "out/x" (read-file "in/a b.txt"))',
    '(let [f (fn [p] (read-file p))] (f (str "in/" "x")))',
    '(call (str "a" "b"))',
  ])('%j', async (source) => {
    writeFileSync(at('plan.rtfs'), source);
    const run = await ccos(['run', 'plan.rtfs', '--quiet', '--level', 'pure', '--home', 'other'], {
      cwd: place.folder,
    });
    for (const options of [[], IN_WORKER]) {
      const ended = await evaluate(['-', ...options], { input: source });
      expect(ended.stderr).toBe(run.stderr.replaceAll('plan.rtfs', 'stdin'));
      expect([ended.code, ended.stdout]).toEqual([run.code, '']);
    }
    expect(recorded()).toBe(false);
  });

  test('an expression of the command line is called so', async () => {
    const { stderr } = await evaluate(['(let [x 0]\n  (/ 1 x))']);
    expect(stderr).toBe('expression:2:3: Division by zero\n    (/ 1 x))\n    ^^^^^^^\n');
  });
});

describe('S14.9 a run like any other', () => {
  const kinds = async (home: string): Promise<string[]> => {
    const log = await ccos(['log', '--json', '--home', home], { cwd: place.folder });
    return (JSON.parse(log.stdout) as { kind: string }[]).map(({ kind }) => kind);
  };

  test('[shown] The hint with which `ccos eval` refuses a call works when pasted, and makes it a run on record', async () => {
    for (const [source, value] of [
      ['(count (read-file "in/a b.txt"))', '5'],
      ['(do (println "x") 1)', '1'],
      ['(do (write-file "out/x.txt" "y") 2)', '2'],
      ['(do (call :ccos.system.get-env "LANG") 3)', '3'],
    ] as const) {
      const home = `pasted-${value}`;
      const refused = await evaluate([source, '--home', home]);
      expect(refused.code).toBe(4);
      expect(existsSync(at(home))).toBe(false);
      const hint = /^hint: (.*)$/m.exec(refused.stderr)?.[1] ?? '';
      const pasted = [...hint.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      expect(await evaluate([source, ...pasted, '--home', home])).toMatchObject({ code: 0, stdout: `${value}\n` });
      expect(await kinds(home)).toContain('PlanCompleted');
      expect(await ccos(['verify', '--home', home], { cwd: place.folder })).toMatchObject({ code: 0 });
    }
    expect(readFileSync(at('out/x.txt'), 'utf8')).toBe('y');
  });

  test('[shown] `ccos eval --record values` runs a pure expression behind a wall, and keeps what it refuses on record', async () => {
    const ended = await evaluate(['(+ 1 2)', '--record', 'values', '--provider', 'wasm', '--home', 'kept', '--json']);
    expect(ended.code).toBe(0);
    expect(documentOf(ended)).toMatchObject({
      runId: expect.stringMatching(/^run-/) as string,
      status: 'completed',
      value: 3,
      metadata: { provider: 'wasm', isolation: 'wasm' },
    });
    const refused = await evaluate(['(println 1)', '--record', 'values', '--home', 'kept']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/^hint: --level controlled/m);
    const seen = await kinds('kept');
    expect(seen.filter((kind) => kind === 'PlanProposed')).toHaveLength(2);
    expect(seen.filter((kind) => kind === 'PlanStarted')).toHaveLength(1);
  });

  test.each([
    [['--level', 'controlled']],
    [['--level', 'full']],
    [['--read', 'in']],
    [['--write', 'in']],
    [['--env', 'LANG']],
    [['--allow', 'ccos.echo']],
  ])('%j makes it one', async (options) => {
    const home = `run-${options.join('')}`;
    const ended = await evaluate(['(get input "a")', ...options, '--input', '{"a": 7}', '--home', home]);
    expect(ended).toMatchObject({ code: 0, stdout: '7\n' });
    expect(await kinds(home)).toContain('PlanCompleted');
  });

  test('limits and exit codes are those of a run', async () => {
    const late = await evaluate([
      '(loop [i 0] (recur (+ i 1)))',
      '--record',
      'values',
      '--timeout',
      '300ms',
      '--home',
      'late',
    ]);
    expect(late).toMatchObject({ code: 6, stderr: expect.stringContaining('LIMIT_TIME') as string });
    const spent = await evaluate([
      '(map (fn [i] (call :ccos.echo i)) (range 9))',
      '--level',
      'controlled',
      '--calls',
      '3',
      '--home',
      'late',
    ]);
    expect(spent).toMatchObject({ code: 6, stderr: expect.stringContaining('--calls') as string });
  });
});

test.each(['run', 'eval', 'check'])('`ccos %s -` reads stdin, as it comes', async (command) => {
  const options = { cwd: place.folder };
  const home = ['--home', 'piped'];
  expect(await ccos([command, '-', ...home], { ...options, input: '(+ 1 2)' })).toMatchObject({ code: 0 });
  expect(await ccos([command, '-', ...home], { ...options, input: '' })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('PLAN_EMPTY') as string,
  });
});

test('a stdin that is non-blocking, for it is shared with a program that made it so, is read to its end', async () => {
  const server = createServer().listen(at('stdin.sock'));
  const ours = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  const theirs = connect(at('stdin.sock'));
  const writer = await ours;
  // Node's own sockets are non-blocking; only as a descriptor above 2 does a child get one as it is.
  const child = spawn('sh', ['-c', '"$@" <&3', 'sh', process.execPath, CLI, 'eval', '-'], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'inherit', theirs],
  });
  let stdout = '';
  child.stdout!.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  setTimeout(() => writer.write('(+ 1'), 200);
  setTimeout(() => writer.end(' 2)'), 400);
  const code = await new Promise((ended) => {
    child.once('close', ended);
  });
  server.close();
  theirs.destroy();
  expect([code, stdout]).toEqual([0, '3\n']);
});
