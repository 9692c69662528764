/** `ccos doc`: the reference and the page for models, through the command line. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY, ccos, workspace } from './harness.ts';

let place: ReturnType<typeof workspace>;
beforeAll(() => {
  place = workspace();
});
afterAll(() => place.remove());

const doc = (...args: readonly string[]): ReturnType<typeof ccos> => ccos(['doc', ...args], { cwd: place.folder });

describe('ccos doc', () => {
  test('[shown] `ccos doc NAME` explains a form or function with examples that run', async () => {
    const { code, stdout } = await doc('group-by');
    expect([code, stdout]).toEqual([
      0,
      [
        'group-by',
        '  [:Callback :Coll] [:map-of :any :vector]',
        '  :Coll is anything with elements: a vector, list, set, map or string; nil has none',
        '  :Callback is a function or what stands for one (Callable), looked at when it is called',
        '',
        '`(group-by f coll)`: a map from `(f x)` to a vector of the elements.',
        '',
        '  (group-by even? [1 2 3]) ⇒ {false [1 3] true [2]}',
        '',
        'Collections: Order and groups',
        '',
      ].join('\n'),
    ]);
  });

  test('knows an entry by each of its names, and prints it as JSON', async () => {
    const { stdout } = await doc('slurp', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      names: ['read-file', 'slurp', 'tool/open-file'],
      topic: 'Effects and steps',
    });
  });

  test('R15.20 tells what a function takes and gives, each way a line', async () => {
    const { stdout } = await doc('round', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ signatures: ['[:number] :int', '[:number :int] :float'] });
    expect(JSON.parse((await doc('let', '--json')).stdout)).toMatchObject({ signatures: [] });
  });

  test('explains a capability by its table', async () => {
    const { stdout } = await doc('ccos.io.append-file');
    expect(stdout).toContain('`(call :ccos.io.append-file …)`: appends to a file. Arguments `[:union');
  });

  test('lists every name', async () => {
    const { stdout } = await doc();
    for (const name of ['match', 'step-parallel', 'reduce-kv', 're-groups', 'ccos.io.read-file'])
      expect(stdout).toContain(name);
  });

  test.each([
    ['grup-by', 'did you mean group-by?'],
    ['lazy-seq', 'sequences are finite and not lazy'],
    ['zzzzzz', 'ccos doc lists all names'],
  ])('says what to do about %s', async (name, hint) => {
    const { code, stderr } = await doc(name);
    expect(code).toBe(2);
    expect(stderr).toContain(hint);
  });
});

describe('ccos doc --prompt', () => {
  test('prints the page that teaches a model', async () => {
    const { code, stdout } = await doc('--prompt');
    expect([code, stdout]).toEqual([0, readFileSync(join(REPOSITORY, 'docs/prompt.md'), 'utf8')]);
  });

  test('[shown] The whole plan of `ccos doc --prompt` runs as it stands', async () => {
    const { stdout: prompt } = await doc('--prompt');
    const plan = /```rtfs plan\n([^]*?)```/.exec(prompt)?.[1] ?? '';
    writeFileSync(join(place.folder, 'errors.rtfs'), plan);
    mkdirSync(join(place.folder, 'logs'));
    const lines = [
      '09:00 ERROR auth: locked',
      '09:01 INFO auth: opened',
      '09:02 ERROR db: full',
      '09:03 ERROR db: full',
    ];
    writeFileSync(join(place.folder, 'logs/app.log'), lines.map((line) => `${line}\n`).join(''));
    const { code, stdout, stderr } = await ccos(
      ['run', 'errors.rtfs', '--read', 'logs', '--write', 'out', '--provider', 'wasm'],
      { cwd: place.folder },
    );
    expect([code, stdout], stderr).toEqual([0, '{:errors 3 :lines 4 :services 2}\n']);
    expect(readFileSync(join(place.folder, 'out/errors.md'), 'utf8')).toBe('# Errors\n\n- db: 2\n- auth: 1\n');
  });

  test('takes no name', async () => {
    expect((await doc('map', '--prompt')).code).toBe(2);
  });
});
