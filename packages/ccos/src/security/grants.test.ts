import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CcosError } from '../foundation/errors.ts';
import type { EffectClass } from './effects.ts';
import { contextFromOptions, withOptionHints, type GrantPlace, type PolicyOptions } from './grants.ts';
import { quoteForShell, renderOptions } from './hints.ts';
import type { RuntimeContext } from './runtime-context.ts';

const EFFECTS: Readonly<Record<string, readonly EffectClass[]>> = {
  'ccos.echo': ['pure'],
  'ccos.io.println': ['output'],
  'ccos.system.sleep': ['clock'],
  'ccos.system.random': ['random'],
  'ccos.io.read-file': ['read-local'],
  'ccos.io.write-file': ['write-local'],
  'ccos.io.delete-file': ['write-local', 'irreversible'],
  'ccos.system.get-env': ['environment'],
  'ccos.system.execute': ['exec'],
};
const QUIET = ['ccos.echo', 'ccos.io.println', 'ccos.system.sleep', 'ccos.system.random'];

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-grants-')));
  mkdirSync(join(base, 'examples/weather'), { recursive: true });
  mkdirSync(join(base, '.ccos'));
  writeFileSync(join(base, 'examples/weather/days.csv'), 'a');
  symlinkSync('examples/weather', join(base, 'link'));
  symlinkSync('nowhere', join(base, 'broken'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function context(options: PolicyOptions, more: Partial<GrantPlace> = {}): RuntimeContext {
  return contextFromOptions(options, {
    baseFolder: base,
    hidden: [join(base, '.ccos')],
    variables: { LANG: 'C', EMPTY: '' },
    startLevel: 'controlled',
    makeFolders: true,
    catalog: {
      effectsOf: (id) => EFFECTS[id],
      tagsOf: () => [],
      pathAccessOf: () => null,
      ids: () => Object.keys(EFFECTS),
    },
    ...more,
  });
}

function refusal(options: PolicyOptions): CcosError {
  try {
    context(options);
  } catch (error) {
    return error as CcosError;
  }
  throw new Error('it was granted');
}

describe('S14.9 what the options grant', () => {
  test.each<[string, PolicyOptions, string[]]>([
    ['nothing', {}, QUIET],
    ['--read', { read: ['examples'] }, [...QUIET, 'ccos.io.read-file']],
    ['--write, but delete-file', { write: ['examples'] }, [...QUIET, 'ccos.io.read-file', 'ccos.io.write-file']],
    ['--env', { env: ['LANG'] }, [...QUIET, 'ccos.system.get-env']],
    ['--allow', { allow: ['ccos.system.execute'] }, [...QUIET, 'ccos.system.execute']],
    ['--allow with a pattern', { allow: ['ccos.*'] }, Object.keys(EFFECTS)],
    ['--deny wins', { allow: ['ccos.*'], deny: ['ccos.io.*', 'ccos.system.*'] }, ['ccos.echo']],
    ['--level full', { level: 'full' }, Object.keys(EFFECTS)],
    ['--level pure', { level: 'pure' }, []],
  ])('%s', (_name, options, allowed) => {
    const granted = context(options);
    expect(
      Object.keys(EFFECTS)
        .filter((id) => granted.isCapabilityAllowed(id))
        .toSorted(),
    ).toEqual(allowed.toSorted());
    expect(granted.baseFolder).toBe(base);
  });

  test('eval starts pure, until something is granted', () => {
    expect(context({}, { startLevel: 'pure' }).securityLevel).toBe('pure');
    expect(context({ env: ['LANG'] }, { startLevel: 'pure' }).securityLevel).toBe('controlled');
    expect(context({ level: 'CONTROLLED' }, { startLevel: 'pure' }).securityLevel).toBe('controlled');
  });

  test('S2.8 --env copies the named variable when the context is built; a missing one is absent', () => {
    expect(context({ env: ['LANG', 'EMPTY', 'MISSING'] }).environment).toEqual({ LANG: 'C', EMPTY: '' });
  });

  test('S6.5 a granted path is resolved once; limits and minimum isolation are kept', () => {
    const granted = context({ read: ['link/days.csv', 'link'], limits: { timeoutMs: 5 }, minIsolation: 'namespace' });
    expect(granted.grants).toEqual([
      { path: join(base, 'examples/weather/days.csv'), asWritten: 'link/days.csv', kind: 'file', access: 'read' },
      { path: join(base, 'examples/weather'), asWritten: 'link', kind: 'folder', access: 'read' },
    ]);
    expect([granted.effectiveLimits().timeoutMs, granted.minIsolation]).toEqual([5, 'namespace']);
  });

  test('--write makes a missing last folder, a check does not', () => {
    expect(context({ write: ['out'] }, { makeFolders: false }).grants[0]).toMatchObject({
      path: join(base, 'out'),
      kind: 'folder',
    });
    expect(existsSync(join(base, 'out'))).toBe(false);
    context({ write: ['link/out'] });
    expect(existsSync(join(base, 'examples/weather/out'))).toBe(true);
  });

  test('nothing is made when another option is refused', () => {
    refusal({ write: ['out', '/proc'] });
    expect(existsSync(join(base, 'out'))).toBe(false);
  });
});

describe('S14.9, S6.4 usage errors, exit 2, with what helps', () => {
  test.each<[string, PolicyOptions, string, string]>([
    [
      'a path that does not exist',
      { read: ['examples/weather/dayz.csv'] },
      "'examples/weather/dayz.csv' does not exist",
      'did you mean --read examples/weather/days.csv',
    ],
    [
      'a folder on the way that does not',
      { read: ['examples/wether/days.csv'] },
      'does not exist',
      '--read examples/weather/days.csv',
    ],
    ['nothing near', { read: ['zzzzzzzz'] }, 'does not exist', "there is no 'zzzzzzzz'"],
    ['a broken link', { read: ['broken'] }, 'does not exist', ''],
    ['--write where the parent is missing', { write: ['no/such/folder'] }, 'does not exist', 'mkdir -p no/such'],
    ['--write on a broken link', { write: ['broken'] }, 'does not exist', ''],
    ['--write on a file', { write: ['examples/weather/days.csv'] }, 'is a file', '--write examples/weather'],
    ['--read of a device', { read: ['/dev/null'] }, "Path '/dev/null' can never be exposed to a guest", ''],
    ['--read /proc', { read: ['/proc'] }, "Path '/proc' can never be exposed to a guest", ''],
    ['--read /', { read: ['/'] }, "Path '/' can never be exposed to a guest", ''],
    ['--write below /sys', { write: ['/sys/fs'] }, 'can never be exposed', ''],
    ['the state folder', { read: ['.ccos'] }, "Path '.ccos' can never be exposed to a guest", ''],
    ['an empty path', { read: [''] }, 'empty', ''],
    ['an unknown level', { level: 'open' }, "Unknown security level 'open'", 'pure'],
    ['a bad pattern', { allow: ['a**'] }, 'position 3', ''],
    ['level pure with a grant', { level: 'pure', read: ['examples'] }, '--level pure', '--read'],
    ['a variable with its value', { env: ['A=1'] }, '--env', 'the name alone'],
  ])('%s', (_name, options, message, hint) => {
    const error = refusal(options);
    expect([error.code, error.exit]).toEqual(['USAGE', 2]);
    expect(error.message).toContain(message);
    expect(error.hint ?? '').toContain(hint);
  });

  test('a link to a folder that can never be exposed', () => {
    symlinkSync('/proc', join(base, 'innocent'));
    expect(refusal({ read: ['innocent'] }).message).toBe("Path 'innocent' can never be exposed to a guest");
  });
});

describe('S14.10 hints', () => {
  test.each([
    ['out', 'out'],
    ['a b', "'a b'"],
    ["it's", `'it'\\''s'`],
    ['$HOME', "'$HOME'"],
    ['', "''"],
    ['ccos.*', "'ccos.*'"],
    ['a/b.csv', 'a/b.csv'],
  ])('%j is quoted for the shell as %s', (word, quoted) => expect(quoteForShell(word)).toBe(quoted));

  test('options stand in one line, each once, and pasting them adds them', () => {
    const hints = [
      { option: '--read', value: 'a b' },
      { option: '--write', value: 'out' },
      { option: '--read', value: 'a b' },
    ];
    expect(renderOptions(hints)).toBe("--read 'a b' --write out");
    expect(
      withOptionHints({ level: 'pure', read: ['x'] }, [...hints, { option: '--level', value: 'controlled' }]),
    ).toMatchObject({ level: 'controlled', read: ['x', 'a b', 'a b'], write: ['out'] });
  });
});
