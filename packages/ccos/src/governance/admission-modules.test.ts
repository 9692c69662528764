import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleResolver } from '@ccos/rtfs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import { openChain, type Chain } from '../causal-chain/chain.ts';
import type { RecordDraft } from '../causal-chain/record.ts';
import type { CcosError } from '../foundation/errors.ts';
import { runId } from '../foundation/ids.ts';
import type { Plan } from '../model/plan.ts';
import { contextFromOptions, type PolicyOptions } from '../security/grants.ts';
import { admit, check, type AdmissionRecords, type AdmissionRequest } from './admission.ts';
import { planHash, planOf } from './plan-text.ts';

const marketplace = CapabilityMarketplace.builtins();
let base: string;
let chain: Chain;
let written: RecordDraft[] = [];
let stored: Plan[] = [];

beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-admission-modules-')));
  writeFileSync(join(base, 'secret.txt'), 'x');
  chain = await openChain(join(base, 'home'));
  [written, stored] = [[], []];
});
afterEach(async () => {
  await chain.close();
  rmSync(base, { recursive: true, force: true });
});

function records(): AdmissionRecords {
  return {
    run: runId(),
    chain: {
      append: async (draft, durability) => {
        written.push(draft);
        return await chain.append(draft, durability);
      },
    },
    plan: (plan) => {
      stored.push(plan);
      return Promise.resolve(planHash(plan));
    },
    proposal: () => Promise.resolve('c'.repeat(64)),
  };
}

function request(
  source: string,
  texts: Readonly<Record<string, string>> = {},
  options: PolicyOptions = {},
): AdmissionRequest {
  const modules: ModuleResolver = {
    resolve: (name) => (Object.hasOwn(texts, name) ? { source: texts[name]!, file: `lib/${name}.rtfs` } : null),
  };
  return {
    source,
    file: 'plan.rtfs',
    modules,
    name: 'test',
    proposer: 'user:test',
    context: contextFromOptions(options, {
      baseFolder: base,
      hidden: [],
      variables: {},
      catalog: marketplace,
      startLevel: 'controlled',
      makeFolders: true,
    }),
    marketplace,
    wall: () => Promise.resolve({ provider: 'process', isolation: 'namespace' }),
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

describe('R10.6 a plan is its text and the texts of its modules', () => {
  const source = '(import m) m/k';

  test('they are archived with it, and its hash covers them', async () => {
    const plan = await admit(request(source, { m: '(import n) (def k n/j)', n: '(def j 1)', unused: '1' }), records());
    expect(stored[0]?.body).toEqual({ rtfs: source, modules: { m: '(import n) (def k n/j)', n: '(def j 1)' } });
    expect(plan.planHash).toBe(planHash(stored[0]!));
    expect(plan.facts.modules.map(({ name }) => name)).toEqual(['m', 'n']);
  });

  test('a changed module is another plan; one that is not loaded is none of it', async () => {
    const hashOf = async (text: string, other = '1'): Promise<string> =>
      (await admit(request(source, { m: text, other }), null)).planHash;
    expect(await hashOf('(def k 1)')).toBe(await hashOf('(def k 1)', '2'));
    expect(await hashOf('(def k 1)')).not.toBe(await hashOf('(def k 1) '));
    expect((await admit(request('1', { m: '(def k 1)' }), null)).planHash).toBe(planHash(planOf('1')));
  });

  test('a module that a macro imports is loaded, hashed and archived, too', async () => {
    const hidden = '(defmacro m [] (list (symbol (str "im" "port")) (symbol "n"))) (m) n/k';
    await admit(request(hidden, { n: '(def k 1)' }), records());
    expect(stored[0]?.body).toMatchObject({ modules: { n: '(def k 1)' } });
  });
});

describe('G1.4 G1.5 what is refused', () => {
  test('a plan whose macro cannot be expanded is MACRO_ERROR, exit 3, at the call', async () => {
    const error = await refusalOf(request('(defmacro m [x] `(m ~x))\n(m 1)'), records());
    expect(error).toMatchObject({ code: 'MACRO_ERROR', exit: 3, span: { file: 'plan.rtfs', line: 2, column: 1 } });
    expect(error.details).toMatchObject({ stage: 'parse', macro: 'm' });
    expect((error.details['chain'] as string[]).length).toBe(201);
    expect(written.map(({ kind }) => kind)).toEqual(['PlanProposed', 'PlanArchived', 'GovernanceDecision']);
    expect(written[2]?.payload).toMatchObject({ outcome: 'deny', reason: 'MACRO_ERROR' });
  });

  test('a module that is not there is MODULE_ERROR, exit 3', async () => {
    expect(await refusalOf(request('(import nowhere)'))).toMatchObject({
      code: 'MODULE_ERROR',
      exit: 3,
      details: { module: 'nowhere', code: 'ModuleNotFound' },
    });
  });

  test('without a folder there are no modules but those of the text', async () => {
    const { modules: _none, ...asked } = request('(import m)', { m: '1' });
    expect(await refusalOf(asked)).toMatchObject({ code: 'MODULE_ERROR' });
    await admit({ ...asked, source: '(import m) (module m (def k 1)) m/k' }, null);
  });

  test('a call that a macro hides is seen before anything runs, refused and recorded', async () => {
    const hidden =
      '(defmacro m [] (list (symbol (str "ca" "ll")) (keyword (str "ccos.io.read" "-file")) "secret.txt"))\n(m)';
    const error = await refusalOf(request(hidden), records());
    expect(error).toMatchObject({ code: 'SECURITY_VIOLATION', span: { line: 2, column: 1 } });
    expect(error.message).toContain('ccos.io.read-file');
    expect(written.at(-1)?.payload).toMatchObject({ outcome: 'deny', permissions: ['ccos.io.read-file'] });
    await admit(request(hidden, {}, { read: ['secret.txt'] }), null);
  });

  test('so is a call in a module, shown in its own text', async () => {
    const text = '(defn f []\n  (call :ccos.io.read-file "secret.txt"))';
    const error = await refusalOf(request('(import m)', { m: text }));
    expect(error).toMatchObject({ code: 'SECURITY_VIOLATION', span: { file: 'lib/m.rtfs', line: 2 } });
    expect((error.details['findings'] as { excerpt: string }[])[0]?.excerpt).toContain('"secret.txt"');
    const { report } = await check(request('(import m)', { m: text }));
    expect(report.calls[0]).toMatchObject({ capability: 'ccos.io.read-file', span: { file: 'lib/m.rtfs', line: 2 } });
    expect(report.modules).toEqual([{ name: 'm', file: 'lib/m.rtfs' }]);
  });

  test('an id that nobody knows, and a symbol, are unresolved in a module as in the plan', async () => {
    const error = await refusalOf(request('(import m)', { m: '(defn f [] (nope 1))' }));
    expect(error).toMatchObject({ code: 'PLAN_UNRESOLVED', span: { file: 'lib/m.rtfs' } });
    expect(await refusalOf(request('(import m)', { m: '(defn f [] (call :no.such))' }))).toMatchObject({
      code: 'CAP_UNKNOWN',
    });
  });

  test('a macro that fills the memory ends with the plan, not with the host', async () => {
    // Each turn keeps a version of a large vector: much memory for little fuel.
    const greedy =
      '(defmacro m [] (loop [v (vec (range 0 900000)) a []] (recur (assoc v 0 1) (conj a (assoc v 5 2))))) (m)';
    const error = await refusalOf(request(greedy));
    expect(error).toMatchObject({ code: 'MACRO_ERROR' });
    expect(error.message).toMatch(/memoryBytes|fuel|deadlineMs/);
    await admit(request('1'), null);
  });

  test('check gives the expanded plan, which admission judges alike', async () => {
    const source = '(defmacro twice [x] `(do ~x ~x)) (twice (call :ccos.echo 1))';
    const { expanded, report } = await check(request(source));
    expect(expanded).toBe('(defmacro twice [x] `(do ~x ~x))\n(do (call :ccos.echo 1) (call :ccos.echo 1))');
    const again = await check(request(expanded!));
    expect(again.expanded).toBe(expanded);
    expect(again.report.calls.map(({ capability, verdict }) => [capability, verdict])).toEqual(
      report.calls.map(({ capability, verdict }) => [capability, verdict]),
    );
    expect((await check(request('(if)'))).expanded).toBe(null);
  });
});
