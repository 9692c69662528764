import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import { openChain, type Chain } from '../causal-chain/chain.ts';
import type { ChainRecord, Durability, RecordDraft } from '../causal-chain/record.ts';
import { CcosError } from '../foundation/errors.ts';
import { runId } from '../foundation/ids.ts';
import type { Plan, Proposal } from '../model/plan.ts';
import { contextFromOptions, withOptionHints, type PolicyOptions } from '../security/grants.ts';
import type { OptionHint } from '../security/decision.ts';
import { AdmittedPlan, assertAdmitted, takeAdmit, type WallChoice } from './admitted-plan.ts';
import { admit, check, type AdmissionRecords, type AdmissionRequest } from './admission.ts';
import { planHash, planOf } from './plan-text.ts';

const marketplace = CapabilityMarketplace.builtins();
let home: string, base: string;
let chain: Chain;
let written: { draft: RecordDraft; durability: Durability | undefined; record: ChainRecord }[] = [];
let stored: (Plan | Proposal)[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ccos-admission-'));
  base = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-admission-base-')));
  mkdirSync(join(base, 'data'));
  writeFileSync(join(base, 'data/days.csv'), 'x');
  chain = await openChain(home);
  [written, stored] = [[], []];
});
afterEach(async () => {
  await chain.close();
  for (const folder of [home, base]) rmSync(folder, { recursive: true, force: true });
});

function records(): AdmissionRecords {
  return {
    run: runId(),
    chain: {
      append: async (draft, durability) => {
        const record = await chain.append(draft, durability);
        written.push({ draft, durability, record });
        return record;
      },
    },
    plan: (plan) => {
      stored.push(plan);
      return Promise.resolve(planHash(plan));
    },
    proposal: (proposal) => {
      stored.push(proposal);
      return Promise.resolve('c'.repeat(64));
    },
  };
}

const WALL: WallChoice = { provider: 'process', isolation: 'namespace' };
function request(
  source: string | Uint8Array,
  options: PolicyOptions = {},
  more: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const context = contextFromOptions(options, {
    baseFolder: base,
    hidden: [],
    variables: {},
    catalog: marketplace,
    startLevel: 'controlled',
    makeFolders: true,
  });
  return {
    source,
    file: 'plan.rtfs',
    name: 'test',
    proposer: 'user:test',
    context,
    marketplace,
    wall: () => Promise.resolve(WALL),
    ...more,
  };
}

async function refusalOf(asked: AdmissionRequest, to: AdmissionRecords | null = null): Promise<CcosError> {
  try {
    await admit(asked, to);
  } catch (error) {
    return error as CcosError;
  }
  throw new Error('the plan was admitted');
}
const kinds = (): string[] => written.map(({ draft }) => draft.kind);
const findings = (
  error: CcosError,
): { code: string; message: string; span?: { line: number; column: number }; hint?: string }[] =>
  error.details['findings'] as never;

const MAIN = '(let [t (read-file "data/days.csv")]\n  (write-file "out/report.md" t))';

describe('O12 an admitted plan', () => {
  test('G1.2, G1.14 is archived before it is judged, and its decision is durable', async () => {
    const plan = await admit(request(MAIN, { read: ['data'], write: ['out'] }), records());
    expect(kinds()).toEqual(['PlanProposed', 'PlanArchived', 'GovernanceDecision']);
    expect(written.map(({ durability, draft }) => [durability, draft.principal])).toEqual(
      Array(3).fill(['durable', 'kernel']),
    );
    const [proposed, archived, decision] = written.map(({ record }) => record);
    expect([proposed?.parent, archived?.parent, decision?.parent]).toEqual([undefined, proposed?.id, proposed?.id]);
    expect(decision?.payload).toMatchObject({
      subject: { kind: 'plan', id: plan.planHash, argsDigest: null },
      outcome: 'allow',
      level: 'controlled',
      effects: ['read-local', 'write-local'],
      permissions: ['ccos.io.read-file', 'ccos.io.write-file'],
    });
    expect(plan.facts).toMatchObject({
      decisionId: decision?.id,
      proposedId: proposed?.id,
      wall: WALL,
      mode: 'full',
      source: MAIN,
    });
    expect(stored).toEqual([
      planOf(MAIN),
      expect.objectContaining({ planHash: plan.planHash, proposer: 'user:test', name: 'test' }),
    ]);
  });

  test('O1.1 the hash is of the plan alone, and of every byte of its source', async () => {
    const hashOf = async (source: string, name: string): Promise<string> =>
      (await admit(request(source, {}, { name }), null)).planHash;
    expect(await hashOf('(+ 1 2)', 'a')).toBe(await hashOf('(+ 1 2)', 'b'));
    expect(await hashOf('(+ 1 2)', 'a')).not.toBe(await hashOf('(+ 1 2) ', 'a'));
  });

  test('G1 only admission makes one', async () => {
    const plan = await admit(request('(+ 1 2)'), null);
    expect(() => assertAdmitted(plan)).not.toThrow();
    for (const copy of [{ ...plan }, Object.create(plan) as AdmittedPlan, new Proxy(plan, {})]) {
      expect(() => assertAdmitted(copy as AdmittedPlan)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    }
    expect(() => new AdmittedPlan(Symbol('admit'), plan.facts)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => takeAdmit()).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

describe('O1.3 what is no plan', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['over 1 MiB', `"${'x'.repeat(1024 * 1024)}"`, 'PLAN_INVALID'],
    ['bytes over 1 MiB', new Uint8Array(1024 * 1024 + 1).fill(32), 'PLAN_INVALID'],
    ['not UTF-8', new Uint8Array([0x28, 0xff, 0x29]), 'PLAN_INVALID'],
    ['a NUL', '(+ 1 \0 2)', 'PLAN_INVALID'],
    ['empty', '', 'PLAN_EMPTY'],
    ['only comments', '; nothing\n  ;; here\n', 'PLAN_EMPTY'],
  ])('%s', async (_name, source, code) => expect(await refusalOf(request(source))).toMatchObject({ code, exit: 3 }));

  test('exactly 1 MiB is taken', async () => {
    const source = `"${'x'.repeat(1024 * 1024 - 2)}"`;
    expect((await admit(request(source), null)).facts.source).toHaveLength(1024 * 1024);
  });
});

describe('G1.15 refusals report all findings of one stage, and are recorded', () => {
  test('G1.3 every error of the text, with line, column, excerpt and hint', async () => {
    const error = await refusalOf(request('(let [x 1]\n  (+ x 123abc)\n  (foo'), records());
    expect(error).toMatchObject({ code: 'PARSE_ERROR', exit: 3, span: { line: 2, file: 'plan.rtfs' } });
    expect(findings(error).length).toBeGreaterThan(1);
    expect(findings(error)[0]).toMatchObject({ excerpt: '  (+ x 123abc)', span: { line: 2, column: 8 } });
    expect(kinds()).toEqual(['PlanProposed', 'PlanArchived', 'GovernanceDecision']);
    expect(written[2]?.record.payload).toMatchObject({
      outcome: 'deny',
      rule: 'admission:parse',
      reason: 'PARSE_ERROR',
    });
  });

  test('E2 a kind whose exit is 1 at run time is exit 3 here', async () => {
    expect(await refusalOf(request('(re-find #"(" "x")'))).toMatchObject({ code: 'INVALID_REGEX', exit: 3 });
  });

  test('G1.5 unknown names and unknown literal ids, in source order', async () => {
    const error = await refusalOf(request('(reduse + 0 [1])\n(call :ccos.ecko 1)\n(maap inc [1])'), records());
    expect(error).toMatchObject({ code: 'PLAN_UNRESOLVED', exit: 3 });
    expect(error.hint).toMatch(/reduce/);
    expect(findings(error).map(({ code, span }) => [code, span?.line])).toEqual([
      ['PLAN_UNRESOLVED', 1],
      ['CAP_UNKNOWN', 2],
      ['PLAN_UNRESOLVED', 3],
    ]);
    expect(written[2]?.record.payload).toMatchObject({ rule: 'admission:resolve', reason: 'PLAN_UNRESOLVED' });
    expect(await refusalOf(request('(call :ccos.ecko 1)'))).toMatchObject({
      code: 'CAP_UNKNOWN',
      exit: 3,
      hint: 'did you mean ccos.echo?',
    });
  });

  test.each([['(call :ccos.math.add 1 "b")'], ['(call :ccos.echo)'], ['(read-file "")']])(
    'G1.7 literal arguments that break their schema: %s',
    async (source) => {
      expect(await refusalOf(request(source, { read: ['data'] }))).toMatchObject({
        code: 'CAP_INPUT',
        exit: 3,
        span: { line: 1 },
      });
    },
  );

  test('G1.13 no wall', async () => {
    const wall = (): Promise<never> =>
      Promise.reject(new CcosError('ISOLATION_UNAVAILABLE', 'none', { hint: 'ccos doctor' }));
    expect(await refusalOf(request('(+ 1 2)', {}, { wall }), records())).toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
      exit: 7,
      hint: 'ccos doctor',
    });
    expect(written[2]?.record.payload).toMatchObject({ rule: 'admission:wall' });
  });

  test('S2.6 the wall is asked for the stronger of wasm and what the context demands', async () => {
    const asked: string[] = [];
    const wall = (min: string): Promise<WallChoice> => {
      asked.push(min);
      return Promise.resolve(WALL);
    };
    await admit(request('(+ 1 2)', {}, { wall }), null);
    await admit(request('(+ 1 2)', { minIsolation: 'vm' }, { wall }), null);
    expect(asked).toEqual(['wasm', 'vm']);
  });
});

describe('G1.8 policy', () => {
  test('what is not granted is refused with every option in one line, and pasting it admits the plan', async () => {
    const error = await refusalOf(request(MAIN), records());
    expect(error).toMatchObject({
      code: 'SECURITY_VIOLATION',
      exit: 4,
      hint: '--read data/days.csv --write out',
      span: { line: 1 },
    });
    expect(error.message).toContain(
      "Security violation: capability_authorization operation on capability 'ccos.io.read-file'",
    );
    expect(findings(error).map(({ code }) => code)).toEqual(['SECURITY_VIOLATION', 'SECURITY_VIOLATION']);
    expect(kinds()).toEqual(['PlanProposed', 'PlanArchived', 'GovernanceDecision']);
    expect(written[2]?.record.payload).toMatchObject({
      outcome: 'deny',
      rule: 'default:deny',
      reason: 'SECURITY_VIOLATION',
      hint: '--read data/days.csv --write out',
    });
    const pasted: OptionHint[] = [
      { option: '--read', value: 'data/days.csv' },
      { option: '--write', value: 'out' },
    ];
    await expect(admit(request(MAIN, withOptionHints({}, pasted)), null)).resolves.toBeInstanceOf(AdmittedPlan);
  });

  test('a literal path that no grant covers is refused, rule default:path', async () => {
    const error = await refusalOf(request(MAIN, { read: ['data'] }), records());
    expect(error.hint).toBe('--write out');
    const other = await refusalOf(request('(read-file "other.txt")', { read: ['data'] }), records());
    expect([other.details['rule'], other.hint]).toEqual(['default:path', '--read other.txt']);
    expect(other.message).toContain('Path not allowed by policy (write=false): other.txt');
  });

  test('what depends on arguments is left to the call, unless no grant could serve it', async () => {
    const source = '(defn load [p] (read-file p))\n(load (str "data/" "days.csv"))';
    const { report } = await check(request(source, { read: ['data'] }));
    expect([report.verdict, report.calls.map(({ verdict }) => verdict)]).toEqual(['allow', ['call']]);
    expect(await refusalOf(request(source))).toMatchObject({ code: 'SECURITY_VIOLATION', exit: 4 });
  });

  test('G1.6 a computed id has every effect; under pure it is refused', async () => {
    const source = '(call (keyword (str "ccos." "echo")) 1)';
    const { report } = await check(request(source));
    expect(report.calls[0]).toMatchObject({ capability: null, dynamic: true, verdict: 'call' });
    expect(report.effects).toContain(':money');
    expect(await refusalOf(request(source, { level: 'pure' }))).toMatchObject({
      code: 'SECURITY_VIOLATION',
      hint: '--level controlled',
    });
  });

  test('a call in a function that is never used counts', async () => {
    expect(await refusalOf(request('(defn f [] (call :ccos.system.get-env "X"))\n1'))).toMatchObject({
      code: 'SECURITY_VIOLATION',
      hint: '--env X',
    });
  });

  test('--deny has no remedy but to leave it out', async () => {
    expect((await refusalOf(request('(println 1)', { deny: ['ccos.io.*'] }))).hint).toBe(
      "no option allows it beside --deny 'ccos.io.*': leave that out",
    );
  });
});

describe('G1.16, G1.17 check', () => {
  test('lists calls and effects with verdicts, and writes nothing', async () => {
    const { report, error } = await check(request(MAIN, { read: ['data'] }));
    expect(error).toMatchObject({ code: 'SECURITY_VIOLATION', hint: '--write out' });
    expect(report).toMatchObject({
      planHash: planHash(planOf(MAIN)),
      effects: [':read-local', ':write-local'],
      signals: [],
      mode: 'full',
      verdict: 'deny',
      calls: [
        {
          capability: 'ccos.io.read-file',
          verdict: 'allow',
          effects: [':read-local'],
          dynamic: false,
          span: { line: 1 },
        },
        { capability: 'ccos.io.write-file', verdict: 'deny', hint: '--write out', span: { line: 2 } },
      ],
    });
    expect([written, stored, existsSync(join(base, 'out')), readdirSync(base)]).toEqual([[], [], false, ['data']]);
  });

  const sources = [
    '(+ 1 2)',
    MAIN,
    '(println "x")',
    '(foo',
    '',
    '(nope 1)',
    '(call :no.such 1)',
    '(call :ccos.echo)',
    '(read-file "data/days.csv")',
  ];
  const options: PolicyOptions[] = [{}, { read: ['data'] }, { level: 'pure' }, { level: 'full' }, { deny: ['ccos.*'] }];
  test('run and check agree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sources), fc.constantFrom(...options), async (source, given) => {
        const checked = (await check(request(source, given))).error;
        let ran: CcosError | null = null;
        try {
          await admit(request(source, given), null);
        } catch (error) {
          ran = error as CcosError;
        }
        expect([ran?.code, ran?.exit, ran?.message, ran?.hint]).toEqual([
          checked?.code,
          checked?.exit,
          checked?.message,
          checked?.hint,
        ]);
      }),
      { numRuns: 60 },
    );
  });
});
