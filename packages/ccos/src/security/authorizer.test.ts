import fc from 'fast-check';
import { Keyword, PMap, type Value } from '@ccos/rtfs';
import { describe, expect, test, vi } from 'vitest';
import type { CcosError } from '../foundation/errors.ts';
import type { Grant } from '../model/program.ts';
import { Authorization, spend } from './authorization.ts';
import { SecurityAuthorizer, explain, recordedAs } from './authorizer.ts';
import type { Decision } from './decision.ts';
import { EFFECT_CLASSES, type EffectCatalog, type EffectClass } from './effects.ts';
import type { ExecutionContext } from './execution-context.ts';
import { requestFor } from './request.ts';
import { RuntimeContext, type ContextFields } from './runtime-context.ts';

const EFFECTS: Readonly<Record<string, readonly EffectClass[]>> = {
  'ccos.echo': ['pure'],
  'ccos.io.read-file': ['read-local'],
  'ccos.io.write-file': ['write-local'],
  'demo.save': ['write-local'],
  'ccos.network.http-fetch': ['read-net'],
  'ccos.system.get-env': ['environment'],
  'demo.run': ['exec'],
};
const PATHS: Readonly<Record<string, 'read' | 'write'>> = {
  'ccos.io.read-file': 'read',
  'ccos.io.write-file': 'write',
  'demo.save': 'write',
};
const catalog: EffectCatalog = {
  effectsOf: (id) => EFFECTS[id],
  tagsOf: () => [],
  pathAccessOf: (id) => PATHS[id] ?? null,
};
const grant = (path: string, access: Grant['access'], kind: Grant['kind'] = 'folder'): Grant => ({
  path,
  asWritten: path,
  access,
  kind,
});
const fields: Partial<ContextFields> = {
  catalog,
  baseFolder: '/base',
  grants: [grant('/base/in', 'read'), grant('/base/out', 'write')],
};
const controlled = (ids: readonly string[], more: Partial<ContextFields> = {}): RuntimeContext =>
  RuntimeContext.controlled(ids, { ...fields, ...more });
const full = (more: Partial<ContextFields> = {}): RuntimeContext => RuntimeContext.full({ ...fields, ...more });

function refusalOf(context: RuntimeContext, id: string, args: readonly Value[] = []): CcosError {
  try {
    SecurityAuthorizer.authorizeCapability(context, id, args);
  } catch (error) {
    return error as CcosError;
  }
  throw new Error(`${id} was allowed`);
}

describe('S8.1 decisions', () => {
  const pathMap = PMap.of([[Keyword.of('path'), 'in/a.csv']]);
  test.each<[string, RuntimeContext, string, Value[], string]>([
    ['level pure refuses every call', RuntimeContext.pure(fields), 'ccos.echo', [], 'level:pure'],
    ['an id on no list is denied', controlled(['ccos.io.*']), 'ccos.echo', [], 'default:deny'],
    ['a pattern allows', controlled(['ccos.*']), 'ccos.echo', [], 'allow:ccos.*'],
    ['an exact id allows', controlled(['ccos.*', 'ccos.echo']), 'ccos.echo', [], 'allow:ccos.echo'],
    [
      'S3.4 deny wins over allow',
      controlled(['ccos.*'], { deniedCapabilities: ['ccos.e*'] }),
      'ccos.echo',
      [],
      'deny:ccos.e*',
    ],
    [
      'S1.2 full is bound by its deny list',
      full({ deniedCapabilities: ['ccos.echo'] }),
      'ccos.echo',
      [],
      'deny:ccos.echo',
    ],
    ['S1.4 full allows any id at the authorizer', full(), 'no.such.id', [], 'level:full'],
    [
      'S3.5 a deny may name a derived permission',
      full({ deniedCapabilities: ['ccos.network.outbound'] }),
      'ccos.network.http-fetch',
      [],
      'deny:ccos.network.outbound',
    ],
    ['a denied effect denies', full({ deniedEffects: ['exec'] }), 'demo.run', [], 'effect:exec'],
    [
      'S7.1 an id without a manifest has every effect',
      full({ deniedEffects: ['money'] }),
      'no.such.id',
      [],
      'effect:money',
    ],
    ['an effect outside the allowed ones denies', full({ allowedEffects: ['pure'] }), 'demo.run', [], 'effect:exec'],
    ['S3.7 an id with a NUL', full(), 'ccos.\0echo', [], 'syntax'],
    ['S3.7 an id with a look-alike', full(), 'ccоs.echo', [], 'syntax'],
    ['a path below a grant', full(), 'ccos.io.read-file', ['in/a.csv'], 'level:full'],
    ['P5 a path in a map', full(), 'ccos.io.read-file', [pathMap], 'level:full'],
    ['S6.1 a path beside a grant', full(), 'ccos.io.read-file', ['input/a.csv'], 'default:path'],
    ['S6.3 write grants serve reading', full(), 'ccos.io.read-file', ['out/a.csv'], 'level:full'],
    ['S6.3 read grants do not serve writing', full(), 'ccos.io.write-file', ['in/a.csv', ''], 'default:path'],
    ['S6.2 an absolute path is judged as it is', full(), 'ccos.io.read-file', ['/base/in/x'], 'level:full'],
    ['S6.2 a `..` segment', full(), 'ccos.io.read-file', ['in/../secret'], 'syntax'],
    ['S6.4 a system folder', full(), 'ccos.io.read-file', ['/proc/self/environ'], 'default:path'],
    [
      'S6.4 a hidden folder below a grant',
      full({ hidden: ['/base/in/.ccos'] }),
      'ccos.io.read-file',
      ['in/.ccos/keys'],
      'default:path',
    ],
    [
      'S6 a file grant covers itself alone',
      full({ grants: [grant('/base/a', 'read', 'file')] }),
      'ccos.io.read-file',
      ['a/b'],
      'default:path',
    ],
    [
      'S8.1 an ancestor that refuses decides',
      full({ parent: RuntimeContext.pure(fields) }),
      'ccos.echo',
      [],
      'parent:',
    ],
  ])('%s', (_name, context, id, args, rule) => {
    const decision = explain(context, requestFor(context, id, args));
    expect(decision.rule).toContain(rule);
    expect(decision.rules.some((looked) => looked.matched)).toBe(true);
    const allowed = /^(?:allow|level:full)/.test(rule);
    expect(decision.outcome).toBe(allowed ? 'allow' : 'deny');
  });

  test('S8.2 permissions are the id and what derives from its effects', () => {
    const permissions = (id: string, args: Value[]): readonly string[] =>
      SecurityAuthorizer.authorizeCapability(full(), id, args).permissions;
    expect(permissions('ccos.network.http-fetch', ['https://example.org/'])).toEqual([
      'ccos.network.http-fetch',
      'ccos.network.outbound',
    ]);
    expect(permissions('ccos.io.read-file', ['in/a'])).toEqual(['ccos.io.read-file', 'ccos.io.file-access']);
    expect(permissions('demo.save', ['out/a'])).toEqual(['demo.save', 'ccos.io.file-access']);
    expect(permissions('ccos.system.get-env', ['X'])).toEqual(['ccos.system.get-env', 'ccos.system.environment']);
    expect(permissions('demo.run', [])).toEqual(['demo.run', 'external_program']);
  });

  test('S8.3 the message names operation, id and reason, and no other path', () => {
    const error = refusalOf(full(), 'ccos.io.write-file', ['in/a.csv', 'secret words']);
    expect(error.message).toBe(
      "Security violation: capability_authorization operation on capability 'ccos.io.write-file' not allowed in context: " +
        'Path not allowed by policy (write=true): in/a.csv',
    );
    expect(error.details).toMatchObject({
      operation: 'capability_authorization',
      capability: 'ccos.io.write-file',
      rule: 'default:path',
    });
    expect(JSON.stringify(error)).not.toMatch(/secret words|\/base/);
    expect(error.exit).toBe(4);
    expect(refusalOf(controlled([]), 'ccos.echo').message).toContain(
      "Capability 'ccos.echo' not allowed by runtime context",
    );
  });

  test('S9.4 allow and deny alike go to the sink, with digests and rules', () => {
    const seen: Decision[] = [];
    const decisions = {
      record: (decision: Decision) => {
        seen.push(decision);
        return { decisionId: `d${seen.length}`, recorded: Promise.resolve() };
      },
    };
    const context = controlled(['ccos.echo']);
    const authorization = SecurityAuthorizer.authorizeCapability(context, 'ccos.echo', [1], { decisions });
    expect(() => SecurityAuthorizer.authorizeCapability(context, 'demo.run', [], { decisions })).toThrow(
      expect.objectContaining({ code: 'SECURITY_VIOLATION' }),
    );
    expect(seen.map(({ outcome, rule }) => [outcome, rule])).toEqual([
      ['allow', 'allow:ccos.echo'],
      ['deny', 'default:deny'],
    ]);
    expect(authorization.decisionId).toBe('d1');
    expect(seen[0]).toMatchObject({
      contextId: context.contextId,
      policyDigest: context.digest(),
      level: 'controlled',
      effects: ['pure'],
    });
  });
});

describe('properties', () => {
  const ids = [...Object.keys(EFFECTS), 'no.such.id', 'bad id'];
  const patterns = fc.subarray([
    '*',
    'ccos.*',
    'ccos.io.*',
    'demo.run',
    'ccos.echo',
    'ccos.network.outbound',
    'ccos.io.file-access',
  ]);
  const context = fc
    .record({
      level: fc.constantFrom('pure', 'controlled', 'full'),
      allow: patterns,
      deny: patterns,
      effects: fc.option(fc.subarray([...EFFECT_CLASSES])),
      denied: fc.subarray(['exec', 'read-net', 'pure'] as EffectClass[]),
      grants: fc.subarray([grant('/base/in', 'read'), grant('/base/out', 'write')]),
      timeoutMs: fc.option(fc.integer({ min: 1, max: 100_000 })),
      isolation: fc.constantFrom(null, 'wasm' as const, 'namespace' as const),
    })
    .map(({ level, allow, deny, effects, denied, grants, timeoutMs, isolation }) => {
      const parts = {
        ...fields,
        deniedCapabilities: deny,
        allowedEffects: effects,
        deniedEffects: denied,
        grants,
        minIsolation: isolation,
        limits: timeoutMs === null ? {} : { timeoutMs },
      };
      return level === 'pure'
        ? RuntimeContext.pure(parts)
        : level === 'full'
          ? RuntimeContext.full(parts)
          : RuntimeContext.controlled(allow, parts);
    });
  const request = fc.tuple(
    fc.constantFrom(...ids),
    fc.constantFrom<Value[]>([], ['in/a'], ['out/a'], ['../a'], ['/proc/a'], [7], ['']),
  );

  test('S2.6 a child allows nothing that its parent does not, and its limits are no larger', () => {
    fc.assert(
      fc.property(context, context, request, (parent, own, [id, args]) => {
        const child = own.withParent(parent);
        const allows = (asked: RuntimeContext): boolean =>
          explain(asked, requestFor(asked, id, args)).outcome === 'allow';
        if (allows(child)) expect(allows(parent)).toBe(true);
        if (parent.fields.limits.timeoutMs !== undefined)
          expect(child.effectiveLimits().timeoutMs).toBeLessThanOrEqual(parent.effectiveLimits().timeoutMs);
        if (own.fields.limits.timeoutMs !== undefined)
          expect(child.effectiveLimits().timeoutMs).toBeLessThanOrEqual(own.fields.limits.timeoutMs);
        if (parent.minIsolation === 'namespace') expect(child.minIsolation).toBe('namespace');
      }),
      { numRuns: 500 },
    );
  });

  test('S14.6 explain and the authorizer agree', () => {
    fc.assert(
      fc.property(context, request, (asked, [id, args]) => {
        const explained = explain(asked, requestFor(asked, id, args));
        let outcome = 'allow',
          rule: unknown = explained.rule;
        try {
          SecurityAuthorizer.authorizeCapability(asked, id, args);
        } catch (error) {
          outcome = 'deny';
          rule = (error as CcosError).details['rule'];
        }
        expect([outcome, rule]).toEqual([explained.outcome, explained.rule]);
      }),
      { numRuns: 500 },
    );
  });

  test('S9.7 the digest is of what a policy says, not of how it is written', () => {
    const a = controlled(['x.a', 'x.b', 'x.a'], { deniedCapabilities: ['y.*'] });
    const b = controlled(['x.b', 'x.a'], { deniedCapabilities: ['y.*'] });
    expect(a.digest()).toBe(b.digest());
    expect(a.digest()).not.toBe(controlled(['x.a'], { deniedCapabilities: ['y.*'] }).digest());
    const moved = controlled(['x.a', 'x.b'], {
      deniedCapabilities: ['y.*'],
      baseFolder: '/else',
      grants: [grant('/else/in', 'read'), grant('/else/out', 'write')],
    });
    expect(moved.digest()).toBe(a.digest());
    expect(a.withParent(full()).digest()).not.toBe(a.digest());
  });
});

describe('S9.1, S9.2 the authorization', () => {
  const mint = (): Authorization => SecurityAuthorizer.authorizeCapability(full(), 'ccos.echo', [1]);
  const contextOf = (authorization: Authorization, more: Partial<ExecutionContext> = {}): ExecutionContext =>
    ({ executionId: 'exec-1', capabilityId: 'ccos.echo', args: [1], authorization, ...more }) as ExecutionContext;
  const validate = (context: ExecutionContext, required: readonly string[] = ['ccos.echo']): void =>
    SecurityAuthorizer.validateExecutionContext(required, context);

  test('S8.6 a genuine, unspent one for this call is valid', () =>
    expect(() => validate(contextOf(mint()))).not.toThrow());

  test.each<[string, (genuine: Authorization) => Authorization]>([
    ['a spread', (a) => ({ ...a }) as Authorization],
    ['a JSON round trip', (a) => JSON.parse(JSON.stringify(a)) as Authorization],
    ['an Object.create', (a) => Object.create(a) as Authorization],
    [
      'an object with its prototype',
      (a) => Object.assign(Object.create(Authorization.prototype) as object, a) as Authorization,
    ],
    ['a Proxy', (a) => new Proxy(a, {})],
  ])('%s is refused', (_name, copy) => {
    expect(() => validate(contextOf(copy(mint())))).toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_INVALID', exit: 4 }),
    );
    expect(() => spend(copy(mint()), 'exec-1')).toThrow(/^Security violation: /);
  });

  test('it cannot be constructed, nor a subclass of it', () => {
    const decision = {} as never,
      record = { decisionId: 'd', recorded: Promise.resolve() };
    expect(() => new Authorization(Symbol('mint'), decision, record)).toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_INVALID' }),
    );
    class Sub extends Authorization {}
    expect(() => new Sub(Symbol('mint'), decision, record)).toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_INVALID' }),
    );
  });

  test('it is frozen and spent once', () => {
    const authorization = mint();
    expect(Object.isFrozen(authorization) && Object.isFrozen(authorization.permissions)).toBe(true);
    spend(authorization, 'exec-1');
    expect(() => validate(contextOf(authorization))).not.toThrow();
    expect(() => validate(contextOf(authorization, { executionId: 'exec-2' }))).toThrow(/is already spent/);
    expect(() => spend(authorization, 'exec-1')).toThrow(/is already spent/);
  });

  test('S9 it expires after 60 s', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const authorization = mint();
      vi.advanceTimersByTime(59_999);
      expect(() => validate(contextOf(authorization))).not.toThrow();
      vi.advanceTimersByTime(2);
      expect(() => validate(contextOf(authorization))).toThrow(/is expired/);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each<[string, Partial<ExecutionContext>, RegExp]>([
    ['another capability', { capabilityId: 'ccos.io.log' }, /another subject/],
    ['other arguments', { args: [2] }, /other arguments/],
    [
      'a program instead',
      { capabilityId: undefined as never, program: { kind: 'rtfs-source', source: '1' } },
      /another subject/,
    ],
  ])('S8.6 %s', (_name, more, message) => expect(() => validate(contextOf(mint(), more))).toThrow(message));

  test('S8.6 the first missing permission is named', () => {
    expect(() => validate(contextOf(mint()), ['ccos.echo', 'external_program'])).toThrow(
      expect.objectContaining({
        code: 'SECURITY_VIOLATION',
        message: expect.stringContaining(
          "Required permission 'external_program' not in execution context permissions: [ccos.echo]",
        ) as string,
      }),
    );
  });

  test('S8.4 an RTFS program needs no permission at any level, and its authorization is for that text alone', () => {
    const program = { kind: 'rtfs-source', source: '(+ 1 2)' } as const;
    for (const context of [RuntimeContext.pure(fields), controlled([]), full()]) {
      const authorization = SecurityAuthorizer.authorizeProgram(context, program, undefined, {
        decisions: recordedAs('action-1'),
      });
      expect([authorization.permissions, authorization.decisionId]).toEqual([[], 'action-1']);
      const execution = { executionId: 'e', program, args: [], authorization } as unknown as ExecutionContext;
      expect(() => validate(execution, [])).not.toThrow();
      expect(() => validate({ ...execution, program: { kind: 'rtfs-source', source: '(+ 1 3)' } }, [])).toThrow(
        /another subject/,
      );
    }
    expect(() => SecurityAuthorizer.authorizeProgram(RuntimeContext.pure(fields), program, 'ccos.echo')).toThrow(
      /program_authorization.*Capability 'ccos.echo' not allowed for program execution/,
    );
  });
});

describe('S2 contexts', () => {
  test.each<[string, () => unknown]>([
    ['a bad pattern', () => controlled(['a**'])],
    ['a bad tenant', () => full({ tenant: 'No' })],
    ['an unknown effect', () => full({ deniedEffects: ['magic' as EffectClass] })],
    ['a limit outside its range', () => full({ limits: { timeoutMs: 0 } })],
    ['an unknown limit', () => full({ limits: { wishes: 3 } as never })],
    ['a base folder that is not absolute', () => full({ baseFolder: 'x' })],
    [
      'S2.7 a chain deeper than 32',
      () => {
        let c = full();
        for (let i = 0; i < 32; i++) c = full().withParent(c);
        return c;
      },
    ],
  ])('S2.1 %s is POLICY_INVALID', (_name, make) =>
    expect(make).toThrow(expect.objectContaining({ code: 'POLICY_INVALID', exit: 3 })),
  );

  test('S2 a context and its lists cannot be changed', () => {
    const context = controlled(['a.b']);
    expect(
      Object.isFrozen(context) &&
        Object.isFrozen(context.fields) &&
        Object.isFrozen(context.fields.allowedCapabilities),
    ).toBe(true);
    expect(context.denyEffect('exec')).not.toBe(context);
    expect(context.fields.deniedEffects).toEqual([]);
  });

  test('S2.3, S2.4 advice without arguments', () => {
    expect(controlled(['ccos.*']).isCapabilityAllowed('ccos.echo')).toBe(true);
    expect(controlled(['ccos.*'], { parent: RuntimeContext.pure(fields) }).isCapabilityAllowed('ccos.echo')).toBe(
      false,
    );
    expect([
      full().requiresMicrovm('ccos.echo'),
      full().requiresMicrovm('ccos.io.read-file'),
      full().requiresMicrovm('no.such.id'),
    ]).toEqual([false, true, true]);
  });
});
