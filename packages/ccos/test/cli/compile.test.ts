/** `ccos compile` as a user has it: a file that runs anywhere, or is refused. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ccos, workspace, type Ended } from './harness.ts';
import { wall } from './walls.ts';

const PLAN = `(import lib.text :as t :only [twice])
(defmacro shout [x] \`(call :ccos.echo (t/loud ~x)))
(twice (shout "hi"))
(if (= input "fail") (t/fail 0) (step "end" (shout "ready")))`;
const TEXT = `(module lib.text (:exports [loud fail twice])
  (defn loud [s] (upper-case s))
  (defn fail [x]
    (/ 1 x))
  (defmacro twice [x] \`(let [a# ~x b# ~x] [a# b#])))`;

describe('ccos compile', () => {
  let place: ReturnType<typeof workspace>;
  let elsewhere: string;
  const put = (name: string, text: string | Uint8Array): void => writeFileSync(join(place.folder, name), text);
  const run = (...args: string[]): Promise<Ended> => ccos(args, { cwd: place.folder });
  beforeAll(async () => {
    place = workspace();
    mkdirSync(join(place.folder, 'plans/lib'), { recursive: true });
    put('plans/plan.rtfs', PLAN);
    put('plans/lib/text.rtfs', TEXT);
    elsewhere = join(place.folder, 'elsewhere');
    mkdirSync(elsewhere);
    expect(await run('compile', 'plans/plan.rtfs', '-o', 'elsewhere/plan.rtfsc')).toMatchObject({
      code: 0,
      stderr: '',
    });
  });
  afterAll(() => place.remove());
  const there = (...args: string[]): Promise<Ended> => ccos(args, { cwd: elsewhere });

  const walls = ['process', 'wasm', 'mock'].filter((name) => name !== 'process' || wall.process.available);

  test('[shown] `ccos compile` makes bytecode that every provider runs like its source; one flipped byte is refused', async () => {
    for (const provider of walls) {
      const source = await run('run', 'plans/plan.rtfs', '--provider', provider);
      const bytecode = await there('run', 'plan.rtfsc', '--provider', provider);
      expect([provider, bytecode.code, bytecode.stdout]).toEqual([provider, 0, '"READY"\n']);
      expect(bytecode.stdout).toBe(source.stdout);
      const failed = await there('run', 'plan.rtfsc', '--provider', provider, '--input', '"fail"');
      expect([provider, failed.code]).toEqual([provider, 1]);
      expect(failed.stderr).toContain('lib/text.rtfs:4:5: Division by zero\n');
    }
    const bytes = readFileSync(join(elsewhere, 'plan.rtfsc'));
    for (const at of [0, 8, 20, 60, 80, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 4;
      put('elsewhere/changed.rtfsc', changed);
      for (const command of ['run', 'check']) {
        const refused = await there(command, 'changed.rtfsc');
        expect([at, command, refused.code, refused.stdout]).toEqual([at, command, 3, '']);
        expect(refused.stderr).toContain('BYTECODE_INVALID: Cannot take the bytecode: ');
      }
    }
  }, 120_000);

  test('the same bytes wherever the plan lies, and its digest, size and source are told', async () => {
    mkdirSync(join(place.folder, 'moved/lib'), { recursive: true });
    put('moved/plan.rtfs', PLAN);
    put('moved/lib/text.rtfs', TEXT);
    const made = await run('compile', 'moved/plan.rtfs', '-o', 'moved.rtfsc', '--json');
    const document = JSON.parse(made.stdout) as Record<string, unknown>;
    const bytes = readFileSync(join(place.folder, 'moved.rtfsc'));
    expect(bytes.equals(readFileSync(join(elsewhere, 'plan.rtfsc')))).toBe(true);
    const checked = JSON.parse((await run('check', 'plans/plan.rtfs', '--json')).stdout) as Record<string, unknown>;
    expect(document).toEqual({
      file: 'moved.rtfsc',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      bytes: bytes.length,
      source: checked['planHash'],
      error: null,
    });
    const hex = bytes.toString('hex');
    expect(hex).toContain(String(checked['planHash']));
    expect(hex).toContain(String(document['digest']).slice('sha256:'.length));
    expect(statSync(join(place.folder, 'moved.rtfsc')).mode & 0o777).toBe(0o644);
  });

  test('check judges it like its source, names its modules and the places of its source', async () => {
    put('reads.rtfs', '(println "a")\n(read-file "secret.txt")');
    await run('compile', 'reads.rtfs', '-o', 'elsewhere/reads.rtfsc');
    const judged = await there('check', 'reads.rtfsc');
    expect(judged.code).toBe(4);
    expect(judged.stdout).toMatch(/^reads\.rtfs:2:1 +denied +ccos\.io\.read-file/m);
    expect(judged.stderr).toContain('reads.rtfs:2:1: Security violation');
    expect((await there('check', 'plan.rtfsc')).stdout).toContain('modules: lib.text (lib/text.rtfs)');
    expect(await there('run', 'reads.rtfsc')).toMatchObject({ code: 4, stdout: '' });
    const log = await there('log', '--outcome', 'deny', '--json');
    expect(log.stdout).toContain('"rule": "default:deny"');
  });

  test('its hash is that of its bytes: the archive holds them', async () => {
    const { planHash } = JSON.parse((await there('run', 'plan.rtfsc', '--json')).stdout) as { planHash: string };
    const object = readFileSync(
      join(elsewhere, '.ccos/archive', planHash.slice(0, 2), planHash.slice(2, 4), `${planHash}.json`),
      'utf8',
    );
    const { body } = JSON.parse(object) as { body: { body: { bytecode: string } } };
    expect(Buffer.from(body.body.bytecode, 'base64').equals(readFileSync(join(elsewhere, 'plan.rtfsc')))).toBe(true);
    expect((await there('verify')).code).toBe(0);
  });

  test('eval takes it from stdin', async () => {
    put('sum.rtfs', '(defmacro twice [x] `(+ ~x ~x))\n(twice 21)');
    await run('compile', 'sum.rtfs', '-o', 'sum.rtfsc');
    // The harness gives text: the shell gives the bytes.
    const piped = (file: string): Promise<Ended> =>
      ccos(['eval', '-'], { cwd: place.folder, prefix: ['sh', '-c', `exec "$@" < ${file}`, 'sh'] });
    expect(await piped('sum.rtfsc')).toMatchObject({ code: 0, stdout: '42\n' });
    put('broken.rtfsc', readFileSync(join(place.folder, 'sum.rtfsc')).subarray(0, -1));
    expect((await piped('broken.rtfsc')).stderr).toContain('BYTECODE_INVALID');
    const refused = await piped('elsewhere/plan.rtfsc');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('plan.rtfs:3:1: Security violation');
  });

  test.each([
    ['(f (g 1)', ['bad.rtfs:1:9: Parse error']],
    ['(let [a] 1)\n(if)', ['bad.rtfs:1:', 'bad.rtfs:2:1:']],
    ['(foo)\n(call :no.such)', ['bad.rtfs:1:2: Undefined symbol: foo', 'bad.rtfs:2:1: Unknown capability: no.such']],
    ['(import nowhere)', ['Module error']],
    ['; nothing', ['PLAN_EMPTY']],
  ])('a plan that is none anywhere is refused with all findings: %s', async (source, told) => {
    put('bad.rtfs', source);
    const refused = await run('compile', 'bad.rtfs', '-o', 'bad.rtfsc');
    expect([refused.code, refused.stdout]).toEqual([3, '']);
    for (const text of told) expect(refused.stderr).toContain(text);
    expect(statSync(join(place.folder, 'bad.rtfsc'), { throwIfNoEntry: false })).toBeUndefined();
  });

  test('what is no use of it is refused, and nothing is overwritten', async () => {
    put('one.rtfs', '1');
    const uses: readonly (readonly [string[], string])[] = [
      [['one.rtfs'], 'ccos compile one.rtfs -o FILE'],
      [['one.rtfs', '-o', '-'], 'ccos compile writes a file'],
      [['one.rtfs', '-o', 'one.rtfs'], 'it is the plan itself'],
      [['one.rtfs', '-o', 'elsewhere'], 'it is no file'],
      [['one.rtfs', '-o'], '--output needs FILE'],
      [['elsewhere/plan.rtfsc', '-o', 'again.rtfsc'], 'it is bytecode already'],
    ];
    for (const [args, message] of uses) {
      const ended = await run('compile', ...args);
      expect([args, ended.code]).toEqual([args, 2]);
      expect(ended.stderr).toContain(message);
    }
    expect(readFileSync(join(place.folder, 'one.rtfs'), 'utf8')).toBe('1');
  });
});
