/** Plans with macros and modules, as a user has them: files beside a plan, the same behind every wall. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ccos, workspace } from './harness.ts';
import { wall } from './walls.ts';

const PLAN = `(import lib.text :as t :only [twice])
(defmacro shout [x] \`(call :ccos.echo (t/loud ~x)))
(twice (shout "hi"))
(if (= input "fail") (t/fail 0) (step "end" (shout (str "v__1" t/mark))))`;
const TEXT = `(module lib.text (:exports [loud fail twice mark])
  (import lib.deep.marks)
  (def mark lib.deep.marks/mark)
  (defn loud [s] (str (upper-case s) mark))
  (defn fail [x]
    (/ 1 x))
  (defmacro twice [x] \`(let [a# ~x b# ~x] [a# b#])))`;

describe('macros and modules', () => {
  let place: ReturnType<typeof workspace>;
  beforeAll(() => {
    place = workspace();
    mkdirSync(join(place.folder, 'plans/lib/deep'), { recursive: true });
    writeFileSync(join(place.folder, 'plans/plan.rtfs'), PLAN);
    writeFileSync(join(place.folder, 'plans/lib/text.rtfs'), TEXT);
    writeFileSync(join(place.folder, 'plans/lib/deep/marks.rtfs'), '(def mark "!")');
  });
  afterAll(() => place.remove());

  const walls = ['process', 'wasm', 'mock'].filter((name) => name !== 'process' || wall.process.available);

  test('[shown] A plan imports macros and functions from files beside it, and gives the same behind every wall', async () => {
    for (const provider of walls) {
      const run = await ccos(['run', 'plans/plan.rtfs', '--provider', provider], { cwd: place.folder });
      expect(run.stderr, provider).not.toContain('error');
      expect([run.code, run.stdout], provider).toEqual([0, '"V__1!!"\n']);
    }
  });

  test('a module may have a name that objects have, too', async () => {
    writeFileSync(join(place.folder, 'plans/__proto__.rtfs'), '(def k 1)');
    writeFileSync(join(place.folder, 'plans/proto.rtfs'), '(import __proto__ :as p) p/k');
    for (const provider of walls) {
      const run = await ccos(['run', 'plans/proto.rtfs', '--provider', provider], { cwd: place.folder });
      expect([run.code, run.stdout], provider).toEqual([0, '1\n']);
    }
  });

  test('an error in a module is shown in its file', async () => {
    for (const provider of walls) {
      const run = await ccos(['run', 'plans/plan.rtfs', '--provider', provider, '--input', '"fail"'], {
        cwd: place.folder,
      });
      expect(run.code, provider).toBe(1);
      expect(run.stderr, provider).toContain('plans/lib/text.rtfs:6:5: Division by zero\n      (/ 1 x)');
    }
  });

  test('[shown] A call that a macro hides is seen before anything runs, refused, and the refusal is in the record', async () => {
    const hidden =
      '(defmacro m [] (list (symbol (str "ca" "ll")) (keyword (str "ccos.io.read" "-file")) "secret.txt"))\n(println "ran") (m)';
    writeFileSync(join(place.folder, 'hidden.rtfs'), hidden);
    writeFileSync(join(place.folder, 'secret.txt'), 'the secret');
    const run = await ccos(['run', 'hidden.rtfs'], { cwd: place.folder });
    expect([run.code, run.stdout]).toEqual([4, '']);
    expect(run.stderr).toMatch(/^hidden\.rtfs:2:17: Security violation: .*'ccos\.io\.read-file'/m);
    expect(run.stderr).toContain('hint: --read secret.txt');
    const log = await ccos(['log', '--json', '--outcome', 'deny'], { cwd: place.folder });
    expect(JSON.parse(log.stdout)).toMatchObject([
      { payload: { permissions: ['ccos.io.println', 'ccos.io.read-file'] } },
    ]);
    const granted = await ccos(['run', 'hidden.rtfs', '--read', 'secret.txt'], { cwd: place.folder });
    expect([granted.code, granted.stdout]).toEqual([0, '"the secret"\n']);
  });

  test('a changed module is another plan, and both are in the record', async () => {
    const hashOf = async (): Promise<string> => {
      const checked = await ccos(['check', 'plans/plan.rtfs', '--json'], { cwd: place.folder });
      return (JSON.parse(checked.stdout) as { planHash: string }).planHash;
    };
    const before = await hashOf();
    const marks = join(place.folder, 'plans/lib/deep/marks.rtfs');
    writeFileSync(marks, '(def mark "?")');
    const after = await hashOf();
    const run = await ccos(['run', 'plans/plan.rtfs', '--json'], { cwd: place.folder });
    writeFileSync(marks, '(def mark "!")');
    expect(after).not.toBe(before);
    expect(JSON.parse(run.stdout)).toMatchObject({ planHash: after, value: 'V__1??' });
    const log = await ccos(['log', '--plan', after, '--kind', 'PlanStarted', '--json'], { cwd: place.folder });
    expect(JSON.parse(log.stdout)).toHaveLength(1);
  });

  test('`check` names the modules and the file of each call', async () => {
    const checked = await ccos(['check', 'plans/plan.rtfs'], { cwd: place.folder });
    expect(checked.stdout).toContain(
      'modules: lib.text (plans/lib/text.rtfs), lib.deep.marks (plans/lib/deep/marks.rtfs)',
    );
  });

  test('`check --expand` prints a plan that is admitted and runs like the first', async () => {
    const checked = await ccos(['check', 'plans/plan.rtfs', '--expand'], { cwd: place.folder });
    expect(checked.code).toBe(0);
    expect(checked.stdout).toContain('(call :ccos.echo (t/loud "hi"))');
    expect(checked.stdout).not.toContain('(twice');
    writeFileSync(join(place.folder, 'plans/expanded.rtfs'), checked.stdout);
    const run = await ccos(['run', 'plans/expanded.rtfs'], { cwd: place.folder });
    expect([run.code, run.stdout]).toEqual([0, '"V__1!!"\n']);
    const json = await ccos(['check', 'plans/plan.rtfs', '--expand', '--json'], { cwd: place.folder });
    const { expanded } = JSON.parse(json.stdout) as { expanded: string };
    expect(checked.stdout.replaceAll(/\s+/g, ' ').trim()).toBe(expanded.replaceAll(/\s+/g, ' ').trim());
  });

  test('modules are looked for beside the plan alone', async () => {
    const { folder } = place;
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere/plan.rtfs'), '(import lib.text)');
    symlinkSync(join(folder, 'plans/lib'), join(folder, 'elsewhere/link'));
    writeFileSync(join(folder, 'elsewhere/linked.rtfs'), '(import link.text)');
    const missing = await ccos(['run', 'elsewhere/plan.rtfs'], { cwd: folder });
    expect([missing.code, missing.stderr.includes('there is no module lib.text')]).toEqual([3, true]);
    const linked = await ccos(['run', 'elsewhere/linked.rtfs'], { cwd: folder });
    expect([linked.code, linked.stderr.includes('is a link')]).toEqual([3, true]);
    const stdin = await ccos(['run', '-'], { cwd: join(folder, 'plans'), input: PLAN });
    expect([stdin.code, stdin.stderr.includes('there is no module lib.text')]).toEqual([3, true]);
  });

  test('the example with a macro makes a step of each rule', async () => {
    const run = await ccos(['run', 'examples/checks/plan.rtfs', '--read', 'examples/checks', '--json'], {
      cwd: place.folder,
    });
    expect(run.code).toBe(0);
    expect((JSON.parse(run.stdout) as { value: { broken: string[] }[] }).value.map(({ broken }) => broken)).toEqual([
      ['1002'],
      ['1003'],
      ['1004'],
    ]);
    const checked = await ccos(['check', 'examples/checks/plan.rtfs', '--read', 'examples/checks', '--json'], {
      cwd: place.folder,
    });
    expect((JSON.parse(checked.stdout) as { steps: { name: string }[] }).steps.map(({ name }) => name)).toEqual([
      'every order has a customer',
      'every amount is a number',
      'no order is from the future',
    ]);
  });
});
