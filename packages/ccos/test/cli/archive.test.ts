/** `ccos archive`, as a user runs it (A5.6, A6, A10, A12). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ccos, workspace } from './harness.ts';

const { folder: cwd, remove } = workspace();
afterAll(remove);
const run = (...args: string[]) => ccos(['archive', ...args], { cwd });
const objectFile = (hash: string): string =>
  join(cwd, '.ccos/archive', hash.slice(0, 2), hash.slice(2, 4), `${hash}.json`);
const put = async (text: string, ...options: string[]): Promise<string> => {
  fs.writeFileSync(join(cwd, 'file.json'), text);
  return (await run('put', 'file.json', ...options)).stdout.trim();
};

describe('ccos archive', () => {
  let plan = '';
  beforeAll(async () => {
    fs.writeFileSync(join(cwd, 'plan.rtfs'), '(+ 1 (call :ccos.echo 2))');
    const ran = await ccos(['run', 'plan.rtfs', '--provider', 'mock', '--json'], { cwd });
    plan = (JSON.parse(ran.stdout) as { planHash: string }).planHash;
    expect(ran.code, ran.stderr).toBe(0);
  });

  test("[shown] `sha256sum` agrees with an object's name", async () => {
    const hash = await put('{"b":[1,2.50,"é"],"a":null}');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const script = `{ printf 'ccos/v1/%s\\0' "$(jq -r .type "$1")"; cat "$1"; } | sha256sum`;
    for (const name of [hash, plan])
      expect(execFileSync('sh', ['-c', script, 'sh', objectFile(name)], { encoding: 'utf8' })).toBe(`${name}  -\n`);
    expect(fs.readFileSync(objectFile(hash), 'utf8')).toBe('{"body":{"a":null,"b":[1,2.5,"é"]},"type":"value"}');
  });

  test('[shown] A flipped byte in the archive is found and named; repair restores the index and keeps the bad file aside', async () => {
    const hash = await put('"a secret"');
    expect(await run('verify')).toMatchObject({ code: 0, stderr: '' });
    const file = objectFile(hash);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('secret', 'sEcret'));
    fs.writeFileSync(join(cwd, '.ccos/archive/index.json'), '{}\n');
    const found = await run('verify');
    expect(found.code).toBe(8);
    expect(found.stdout).toMatch(new RegExp(`^corrupt +../../${hash}.json: its bytes have another hash`, 'm'));
    expect(found.stderr).toContain('ARCHIVE_CORRUPT');
    expect(found.stderr).toContain('ccos archive repair');
    expect((await run('get', hash)).code).toBe(8);
    const dry = await run('repair', '--dry-run');
    expect(dry.stdout).toContain(`${hash}.json: would be kept`);
    expect((await run('verify')).code).toBe(8);
    const repaired = await run('repair', '--json');
    const { quarantined } = JSON.parse(repaired.stdout) as { quarantined: { path: string; keptAs: string }[] };
    expect(quarantined).toMatchObject([{ reason: 'hash' }]);
    expect(fs.readFileSync(join(cwd, '.ccos/archive', quarantined[0]?.keptAs ?? ''), 'utf8')).toContain('a sEcret');
    expect(await run('verify')).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(JSON.parse(fs.readFileSync(join(cwd, '.ccos/archive/index.json'), 'utf8')) as object)).toContain(
      plan,
    );
    expect((await run('get', hash)).stderr).toContain('ARCHIVE_MISSING');
  });

  it('A12 puts and gets: JSON as a value, any bytes as an artifact, a plan as a plan', async () => {
    const value = await put('{"n":1}');
    expect(JSON.parse((await run('get', value)).stdout)).toEqual({ n: 1 });
    expect((await run('get', value, '--raw')).stdout).toBe(fs.readFileSync(objectFile(value), 'utf8'));
    expect(JSON.parse((await run('get', value, '--json')).stdout)).toEqual({
      hash: value,
      type: 'value',
      body: { n: 1 },
    });
    const artifact = await put('\u0000 not JSON', '--raw');
    expect((await run('get', artifact)).stdout).toBe('\u0000 not JSON');
    const again = await put((await run('get', plan)).stdout, '--type', 'plan');
    expect(again).toBe(plan);
    const listed = (await run('list')).stdout.trim().split('\n');
    expect(listed.map((line) => line.split(/ +/).slice(0, 2))).toEqual(
      expect.arrayContaining([
        [value, 'value'],
        [artifact, 'artifact'],
        [plan, 'plan'],
      ]),
    );
    const plans = JSON.parse((await run('list', '--type', 'plan', '--json')).stdout) as { hash: string }[];
    expect(plans.map(({ hash }) => hash)).toEqual([plan]);
  });

  test.each<[string, string, string[]]>([
    ['no JSON', '{a}', []],
    ['no plan', '{}', ['--type', 'plan']],
    ['an unknown type', '{}', ['--type', 'paln']],
    ['raw bytes as a plan', '{}', ['--raw', '--type', 'plan']],
  ])('A12 refuses %s with exit 2', async (_name, text, options) => {
    fs.writeFileSync(join(cwd, 'file.json'), text);
    const { code, stderr } = await run('put', 'file.json', ...options);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('USAGE');
  });

  test.each<[string[], number, string]>([
    [['get', 'A'.repeat(64)], 2, 'HASH_FORMAT'],
    [['get', '../../etc/passwd'], 2, 'HASH_FORMAT'],
    [['get', 'a'.repeat(64)], 8, 'ARCHIVE_MISSING'],
    [['put', 'nowhere.json'], 2, 'USAGE'],
    [['verify', '--home', 'nowhere'], 2, 'STATE_OPEN'],
    [['lst'], 2, 'did you mean list?'],
  ])('A12 %j is refused', async (args, exit, text) => {
    const { code, stderr } = await run(...args);
    expect(code, stderr).toBe(exit);
    expect(stderr).toContain(text);
  });

  it('A10 gc keeps what the record names, and removes what is old and unnamed', async () => {
    const hash = await put('"unnamed"');
    expect((await run('gc')).stdout).toMatch(/^0 objects removed/m);
    const dry = await run('gc', '--older-than', '0s', '--dry-run');
    expect(dry.stdout).toContain(`${hash}\n`);
    expect((await run('get', hash)).code).toBe(0);
    const { removedHashes } = JSON.parse((await run('gc', '--older-than', '0s', '--json')).stdout) as {
      removedHashes: string[];
    };
    expect(removedHashes).toContain(hash);
    expect(removedHashes).not.toContain(plan);
    expect((await run('get', hash)).code).toBe(8);
    expect(await run('verify')).toMatchObject({ code: 0, stderr: '' });
    expect((await ccos(['verify'], { cwd })).code).toBe(0);
    expect((await run('get', plan)).code).toBe(0);
  });

  it('A10 gc removes nothing when the record does not verify, or names what is not there', async () => {
    const hash = await put('"stays"');
    const other = join(cwd, 'other');
    fs.cpSync(join(cwd, '.ccos'), other, { recursive: true });
    const chain = join(other, 'chain/000001.jsonl');
    const text = fs.readFileSync(chain, 'utf8');
    fs.writeFileSync(chain, text.replace('"planHash":"', '"planHash":"0'));
    expect(await run('gc', '--older-than', '0s', '--home', other)).toMatchObject({ code: 8 });
    fs.writeFileSync(chain, text);
    fs.rmSync(join(other, 'archive', plan.slice(0, 2)), { recursive: true });
    const missing = await run('gc', '--older-than', '0s', '--home', other);
    expect(missing.stderr).toContain('ARCHIVE_MISSING');
    expect(fs.existsSync(objectFile(hash).replace('.ccos', 'other'))).toBe(true);
  });

  it('says what the group and each of its commands take', async () => {
    for (const args of [
      ['archive', '--help'],
      ['help', 'archive'],
    ])
      expect((await ccos(args, { cwd })).stdout).toMatch(/^ {2}put +store a JSON file/m);
    expect(await run()).toMatchObject({ code: 2, stdout: expect.stringContaining('ccos archive COMMAND') });
    for (const args of [
      ['archive', 'gc', '--help'],
      ['help', 'archive', 'gc'],
    ])
      expect((await ccos(args, { cwd })).stdout).toContain('--older-than');
  });
});
