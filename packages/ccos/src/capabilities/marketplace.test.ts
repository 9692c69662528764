import { Keyword, List, PMap, Vec, equal, float, print, type Value } from '@ccos/rtfs';
import { describe, expect, test } from 'vitest';
import { CcosError } from '../foundation/errors.ts';
import type { GuestEffects } from '../model/guest-host.ts';
import type { Grant, GrantedPath } from '../model/program.ts';
import { SecurityAuthorizer } from '../security/authorizer.ts';
import { RuntimeContext } from '../security/runtime-context.ts';
import { BUILTIN_FUNCTIONS } from './builtin-functions.ts';
import { BUILTINS } from './builtins.ts';
import type { CapabilityContext, CapabilityOutcome, EffectPlace } from './context.ts';
import { CapabilityMarketplace } from './marketplace.ts';
import { visible } from '../foundation/controls.ts';
import { RunOutput } from './output.ts';

const marketplace = CapabilityMarketplace.builtins();
const grant: Grant = { path: '/data', asWritten: '/data', kind: 'folder', access: 'write' };
const context = RuntimeContext.full({ catalog: marketplace, grants: [grant] });
const kw = (name: string): Keyword => Keyword.of(name);
const map = (...entries: [string, Value][]): PMap => PMap.of(entries.map(([key, value]) => [kw(key), value]));

let printed = '';
let executions = 0;
function place(more: Partial<CapabilityContext> = {}, where: Partial<EffectPlace> = {}): CapabilityContext {
  printed = '';
  return {
    executionId: `exec-${++executions}`,
    idempotencyKey: 'k',
    signal: AbortSignal.timeout(5000),
    environment: { LANG: 'C', __proto__: 'x' } as never,
    output: new RunOutput((text) => {
      printed += text;
    }),
    clock: { now: () => 1_700_000_000_123, monotonic: () => 0 },
    place: { guest: null, hostFiles: null, minIsolation: null, mock: false, ...where },
    granted: null,
    ...more,
  };
}

/** As the door does it: schema, authorization, execution. */
async function call(id: string, args: Value[], where: CapabilityContext = place()): Promise<CapabilityOutcome> {
  marketplace.find(id)?.checkInput(args);
  return await marketplace.execute(SecurityAuthorizer.authorizeCapability(context, id, args), id, args, where);
}

describe('P5 the table', () => {
  test('every row has a schema that parses, a function or a wall, and a shape of its own', () => {
    expect(new Set(BUILTINS.map((row) => row.id)).size).toBe(BUILTINS.length);
    for (const row of BUILTINS) {
      expect(() => marketplace.find(row.id)?.checkInput([]), row.id).not.toThrow(/type/i);
      expect(BUILTIN_FUNCTIONS.has(row.id), row.id).toBe(row.side !== 'guest');
      expect(row.path !== null, row.id).toBe(row.side === 'guest');
    }
    expect([...BUILTIN_FUNCTIONS.keys()].every((id) => marketplace.find(id) !== undefined)).toBe(true);
  });

  test('P2.7 the catalogue answers for known ids and knows no other', () => {
    expect(marketplace.effectsOf('ccos.io.read-file')).toEqual(['read-local']);
    expect([
      marketplace.effectsOf('no.such'),
      marketplace.pathAccessOf('no.such'),
      marketplace.find('constructor'),
    ]).toEqual([undefined, null, undefined]);
    expect(marketplace.list().map(({ id }) => id)).toEqual(marketplace.ids());
    expect(marketplace.unknown('ccos.ecko', 4)).toMatchObject({
      code: 'CAP_UNKNOWN',
      exit: 4,
      hint: 'did you mean ccos.echo?',
    });
  });

  test('P1.2 a manifest hash is of the manifest, and stays', () => {
    const hashes = marketplace.ids().map((id) => marketplace.find(id)?.manifestHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(CapabilityMarketplace.builtins().find('ccos.echo')?.manifestHash).toBe(
      marketplace.find('ccos.echo')?.manifestHash,
    );
  });
});

describe('P5 right calls', () => {
  test.each<[string, Value[], Value]>([
    ['ccos.echo', [kw('a')], kw('a')],
    ['ccos.echo', [null], null],
    ['ccos.math.add', [1, 2], 3],
    ['ccos.math.add', [1, 0.5], 1.5],
    ['ccos.math.add', [float(1), 2], float(3)],
    ['ccos.string.concat', ['a', 'b', 'c'], 'abc'],
    ['ccos.string.concat', [], ''],
    ['ccos.data.parse-json', ['{"a":[1,2.0]}'], PMap.of([['a', Vec.of([1, float(2)])]])],
    ['ccos.data.parse-json', ['{"a":1}', map(['keywords', true])], map(['a', 1])],
    ['ccos.data.serialize-json', [map(['b', 2], ['a', Vec.of([1])])], '{"a":[1],"b":2}'],
    ['ccos.data.serialize-json', [Vec.of([1]), map(['pretty', true])], '[\n  1\n]'],
    ['ccos.system.get-env', ['LANG'], 'C'],
    ['ccos.system.get-env', ['MISSING'], null],
    ['ccos.system.get-env', ['constructor'], null],
    ['ccos.system.current-time', [], '2023-11-14T22:13:20.123Z'],
    ['ccos.system.current-timestamp-ms', [], 1_700_000_000_123],
    ['ccos.system.sleep', [1], null],
  ])('%s %j', async (id, args, expected) => {
    const { value } = await call(id, args);
    expect(equal(value, expected), `${print(value)} = ${print(expected)}`).toBe(true);
  });

  test("parse-csv is the shadow of the language's own", async () => {
    expect(print((await call('ccos.data.parse-csv', ['a,b\n1,"x,y"\n', map(['header', true])])).value)).toContain(
      'x,y',
    );
  });

  test('random values are within their range', async () => {
    for (let i = 0; i < 50; i++) {
      const { value } = await call('ccos.system.random', []);
      const x = typeof value === 'number' ? value : (value as { value: number }).value;
      expect(x >= 0 && x < 1).toBe(true);
      expect([0, 1, 2]).toContain((await call('ccos.system.random-int', [3])).value);
      const big = (await call('ccos.system.random-int', [9_223_372_036_854_775_807n])).value;
      expect(BigInt(big as number | bigint) >= 0n).toBe(true);
    }
    expect((await call('ccos.system.uuid', [])).value).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });
});

describe('P3.2 arguments that break the schema are CAP_INPUT', () => {
  test.each<[string, Value[]]>([
    ['ccos.echo', []],
    ['ccos.echo', [1, 2]],
    ['ccos.math.add', [1]],
    ['ccos.math.add', [1, 'b']],
    ['ccos.string.concat', ['a', 1]],
    ['ccos.data.parse-json', [1]],
    ['ccos.data.parse-json', ['{}', map(['keywords', 1])]],
    ['ccos.io.read-file', []],
    ['ccos.io.read-file', [1]],
    ['ccos.io.read-file', ['a', map(['encoding', 'latin1'])]],
    ['ccos.io.read-file', [map(['paht', 'a'])]],
    ['ccos.io.write-file', ['a']],
    ['ccos.io.write-file', ['a', 1]],
    ['ccos.io.write-file', [map(['path', 'a'])]],
    ['ccos.io.write-file', ['a', 'b', map(['mode', 'append'])]],
    ['ccos.io.append-file', ['a']],
    ['ccos.io.file-exists', ['a', 'b']],
    ['ccos.io.list-dir', [List.of(['a'])]],
    ['ccos.system.get-env', [kw('LANG')]],
    ['ccos.system.current-time', [1]],
    ['ccos.system.sleep', [-1]],
    ['ccos.system.sleep', [3_600_001]],
    ['ccos.system.sleep', [0.5]],
    ['ccos.system.random-int', [0]],
    ['ccos.system.uuid', ['x']],
    ['ccos.data.parse-csv', ['a', map(['separator', 1])]],
  ])('%s %j', (id, args) => {
    expect(() => marketplace.find(id)?.checkInput(args)).toThrow(
      expect.objectContaining({
        code: 'CAP_INPUT',
        details: expect.objectContaining({
          pointer: expect.anything() as unknown,
          expected: expect.anything() as unknown,
          found: expect.anything() as unknown,
        }) as unknown,
      }),
    );
  });

  test('P5 the map form of path rows is taken', () => {
    for (const [id, args] of [
      ['ccos.io.read-file', [map(['path', 'a'], ['encoding', 'base64'])]],
      ['ccos.io.write-file', [map(['path', 'a'], ['content', 'b'])]],
      ['ccos.io.list-dir', [map(['path', 'a'])]],
      ['ccos.io.write-file', ['a', 'b', map(['mode', 'create'])]],
    ] as const)
      expect(() => marketplace.find(id)?.checkInput(args)).not.toThrow();
  });
});

describe('P5 errors of the rows', () => {
  test.each<[string, Value[], string, object]>([
    ['ccos.data.parse-json', ['{\n x'], 'DATA_JSON', { line: 2, column: 2 }],
    ['ccos.data.serialize-json', [Number.NaN], 'DATA_JSON', {}],
    ['ccos.data.parse-csv', ['"a'], 'DATA_CSV', {}],
    ['ccos.string.concat', ['x'.repeat(9_000_000), 'y'.repeat(9_000_000)], 'CAP_TOO_LARGE', {}],
  ])('%s gives %s', async (id, args, code, details) => {
    await expect(call(id, args)).rejects.toMatchObject({ code, details });
  });

  test("an overflow is the language's own error", async () => {
    await expect(call('ccos.math.add', [9_223_372_036_854_775_807n, 1])).rejects.toMatchObject({
      kind: 'IntegerOverflow',
    });
  });

  test('sleep ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const slept = call('ccos.system.sleep', [60_000], place({ signal: stop.signal }));
    stop.abort(new CcosError('CANCELLED', 'stopped'));
    await expect(slept).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('P2.5 execution demands an authorization for exactly this call', () => {
  test('for another id, for other arguments, and a second time', async () => {
    const authorization = SecurityAuthorizer.authorizeCapability(context, 'ccos.echo', [1]);
    await expect(marketplace.execute(authorization, 'ccos.math.add', [1], place())).rejects.toMatchObject({
      code: 'AUTHORIZATION_INVALID',
    });
    await expect(marketplace.execute(authorization, 'ccos.echo', [2], place())).rejects.toMatchObject({
      code: 'AUTHORIZATION_INVALID',
    });
    await expect(marketplace.execute(authorization, 'ccos.echo', [1], place())).resolves.toMatchObject({
      value: 1,
      servedBy: 'host',
      simulated: false,
    });
    await expect(marketplace.execute(authorization, 'ccos.echo', [1], place())).rejects.toThrow(/already spent/);
    await expect(marketplace.execute({ ...authorization } as never, 'ccos.echo', [1], place())).rejects.toMatchObject({
      code: 'AUTHORIZATION_INVALID',
    });
  });

  test('S9.4 no effect where the decision cannot be recorded', async () => {
    const failing = {
      record: () => ({ decisionId: 'd', recorded: Promise.reject(new CcosError('CHAIN_UNAVAILABLE', 'full')) }),
    };
    const authorization = SecurityAuthorizer.authorizeCapability(context, 'ccos.io.println', ['x'], {
      decisions: failing,
    });
    await expect(marketplace.execute(authorization, 'ccos.io.println', ['x'], place())).rejects.toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
    });
    expect(printed).toBe('');
  });
});

describe('M4.4, M7.8, P4.6 which wall serves files', () => {
  const granted: GrantedPath = { grant, relative: 'a' };
  const guest = (covers: boolean): GuestEffects => ({
    covers: () => covers,
    run: () => Promise.resolve('from the guest'),
  });
  const hostFiles = { run: (): Value => 'from the host' };
  test.each<[string, Partial<EffectPlace>, object]>([
    [
      'the guest where its mounts cover the grant',
      { guest: guest(true), hostFiles },
      { value: 'from the guest', servedBy: 'guest' },
    ],
    ['else the host', { guest: guest(false), hostFiles }, { value: 'from the host', servedBy: 'host' }],
    ['the host without a guest', { hostFiles, minIsolation: 'wasm' }, { value: 'from the host', servedBy: 'host' }],
    [
      'M14.1 nobody under mock',
      { guest: guest(true), hostFiles, mock: true },
      { value: 'Mock capability execution for: ccos.io.read-file', simulated: true },
    ],
  ])('%s', async (_name, where, expected) => {
    expect(await call('ccos.io.read-file', ['/data/a'], place({ granted }, where))).toMatchObject(expected);
  });
  test.each<[string, Partial<EffectPlace>]>([
    ['a stronger minimum', { guest: guest(false), hostFiles, minIsolation: 'namespace' }],
    ['no host walk', { guest: guest(false) }],
  ])('%s refuses', async (_name, where) => {
    await expect(call('ccos.io.read-file', ['/data/a'], place({ granted }, where))).rejects.toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
      exit: 7,
    });
  });

  test('P3.3 a result that breaks its schema is withheld', async () => {
    const liar: GuestEffects = { covers: () => true, run: () => Promise.resolve(42) };
    await expect(call('ccos.io.read-file', ['/data/a'], place({ granted }, { guest: liar }))).rejects.toMatchObject({
      code: 'CAP_OUTPUT',
      details: { value: '42' },
    });
  });

  test('P3.6 what is thrown by accident tells no path', async () => {
    const broken: GuestEffects = {
      covers: () => true,
      run: () => Promise.reject(Object.assign(new Error("ENOENT: '/host/secret'"), { code: 'ENOENT' })),
    };
    await expect(call('ccos.io.read-file', ['/data/a'], place({ granted }, { guest: broken }))).rejects.toThrow(
      /^ccos\.io\.read-file failed: ENOENT$/,
    );
  });
});

describe('P5.7 the output of a run', () => {
  test.each<[string, Value[], string]>([
    ['ccos.io.println', ['a', 1, kw('k')], 'a 1 :k\n'],
    ['ccos.io.print', ['a', 'b'], 'a b'],
    ['ccos.io.println', [], '\n'],
    ['ccos.io.log', ['a', 1], '[info] a 1\n'],
    ['ccos.io.log', [map(['level', kw('warn')], ['message', 'm'], ['data', Vec.of([1])])], '[warn] m [1]\n'],
    ['ccos.io.println', ['\u001b[31mred\u202e\ttab\nline'], '\\u001b[31mred\\u202e\ttab\nline\n'],
  ])('%s %j', async (id, args, expected) => {
    await call(id, args);
    expect(printed).toBe(expected);
  });

  test('it is cut at 1 MiB, once and within no character', () => {
    let text = '';
    const output = new RunOutput((more) => {
      text += more;
    });
    output.emit('x'.repeat(1024 * 1024 - 1));
    output.emit('éé');
    output.emit('more');
    expect(output.truncated).toBe(true);
    expect(text.length).toBeLessThan(1024 * 1024 + 100);
    expect(text.slice(1024 * 1024 - 2)).toMatch(/^x\n\[output truncated: .*\]\n$/);
    expect(visible('\u0000\u009b')).toBe('\\u0000\\u009b');
  });
});
