/** `ccos fmt`: what is written, what is left alone, and with which exit code. */
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ccos, type Ended, REPOSITORY, workspace } from './harness.ts';

let place: ReturnType<typeof workspace>;
beforeAll(() => {
  place = workspace();
});
afterAll(() => place.remove());

const at = (name: string): string => join(place.folder, name);
const put = (name: string, text: string | Uint8Array): void => writeFileSync(at(name), text);
const fmt = (...args: string[]): Promise<Ended> => ccos(['fmt', ...args], { cwd: place.folder });
const fmtInput = (input: string, ...args: string[]): Promise<Ended> =>
  ccos(['fmt', '-', ...args], { cwd: place.folder, input });

describe('R1.39 ccos fmt', () => {
  test('The examples are laid out', async () => {
    const ended = await ccos(['fmt', '--check', 'examples'], { cwd: REPOSITORY });
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/0 files to lay out, [1-9]\d* files? laid out already/);
  });

  test('[shown] `ccos fmt` lays a plan out in place and keeps its comments; `--check` lists what differs, exit 1', async () => {
    put('a.rtfs', '; why\n( def   a 1 ) ; one\n#_ (old)\n(f a,b)');
    chmodSync(at('a.rtfs'), 0o640);
    expect(await fmt('--check', 'a.rtfs')).toMatchObject({ code: 1, stdout: 'a.rtfs\n' });
    expect(readFileSync(at('a.rtfs'), 'utf8')).toContain('( def');
    expect(await fmt('a.rtfs')).toMatchObject({ code: 0, stdout: 'a.rtfs\n' });
    expect(readFileSync(at('a.rtfs'), 'utf8')).toBe('; why\n(def a 1) ; one\n#_(old)\n(f a b)\n');
    expect(statSync(at('a.rtfs')).mode & 0o777).toBe(0o640);
    expect(await fmt('--check', 'a.rtfs')).toMatchObject({ code: 0, stdout: '' });
  });

  test('A text that does not read is told with its place and stays as it is; the others are written', async () => {
    put('bad.rtfs', '(f   [1 2)');
    put('good.rtfs', '(f   1)');
    put('bytes.rtfs', Uint8Array.of(0x28, 0xff, 0x29));
    const ended = await fmt('bad.rtfs', 'good.rtfs', 'bytes.rtfs', 'missing.rtfs');
    expect(ended).toMatchObject({ code: 3, stdout: 'good.rtfs\n' });
    expect(ended.stderr).toContain("bad.rtfs:1:10: Parse error: expected ']' to close '[' opened at 1:6, found ')'");
    expect(ended.stderr).toMatch(/bytes\.rtfs.*not UTF-8/);
    expect(ended.stderr).toMatch(/missing\.rtfs.*does not exist/);
    expect(readFileSync(at('bad.rtfs'), 'utf8')).toBe('(f   [1 2)');
    expect([...readFileSync(at('bytes.rtfs'))]).toEqual([0x28, 0xff, 0x29]);
  });

  test('A file that is laid out already is not written; a link stays a link', async () => {
    put('same.rtfs', '(f 1)\n');
    const before = statSync(at('same.rtfs'), { bigint: true });
    put('target.rtfs', '(f   2)\n');
    symlinkSync('target.rtfs', at('link.rtfs'));
    expect(await fmt('same.rtfs', 'link.rtfs')).toMatchObject({ code: 0, stdout: 'link.rtfs\n' });
    const after = statSync(at('same.rtfs'), { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
    expect(lstatSync(at('link.rtfs')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('target.rtfs'), 'utf8')).toBe('(f 2)\n');
  });

  test('A folder stands for the plans below it', async () => {
    mkdirSync(at('tree/.hidden'), { recursive: true });
    put('tree/b.rtfs', '( b )');
    put('tree/a.rtfs', '( a )');
    put('tree/notes.txt', '( c )');
    put('tree/.hidden/d.rtfs', '( d )');
    expect(await fmt('tree')).toMatchObject({ code: 0, stdout: 'tree/a.rtfs\ntree/b.rtfs\n' });
    expect(readFileSync(at('tree/notes.txt'), 'utf8')).toBe('( c )');
    expect(readFileSync(at('tree/.hidden/d.rtfs'), 'utf8')).toBe('( d )');
  });

  test('- is stdin to stdout', async () => {
    expect(await fmtInput('( f  x ; c\n )')).toMatchObject({ code: 0, stdout: '(f x ; c\n   )\n', stderr: '' });
    expect(await fmtInput('(f')).toMatchObject({ code: 3, stdout: '' });
    expect(await fmtInput('( f )', '--check')).toMatchObject({ code: 1, stdout: 'stdin\n' });
    expect(await fmtInput('(f)\n', '--check')).toMatchObject({ code: 0, stdout: '' });
  });

  test('With --json one document says it all', async () => {
    put('one.rtfs', '( f )');
    const ended = await fmt('--check', '--json', 'one.rtfs', 'bad.rtfs');
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      files: [
        { file: 'one.rtfs', changed: true, error: null },
        { file: 'bad.rtfs', changed: false, error: { code: 'PARSE_ERROR', span: { line: 1, column: 10 } } },
      ],
    });
  });

  test.each([[[]], [['-', 'a.rtfs']], [['-', '--json']], [['--chek', 'a.rtfs']]])('%j is exit 2', async (args) => {
    expect((await fmt(...args)).code).toBe(2);
  });
});
