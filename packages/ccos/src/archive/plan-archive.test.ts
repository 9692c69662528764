import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Plan } from '../model/plan.ts';
import { CODECS } from './codecs.ts';
import { MemoryArchive } from './memory.ts';
import { PlanArchive } from './plan-archive.ts';

const plan = (rtfs: string): Plan => ({
  language: 'Rtfs20',
  body: { rtfs },
  inputSchema: null,
  outputSchema: '[:map]',
  policies: { timeoutMs: 5 },
  capabilitiesRequired: ['ccos.echo'],
});
const proposal = (planId: string) => ({ planId, name: 'n', createdAt: 5, proposer: 'user:a' });

it('A11.2 finds plans by the ids under which they were proposed, also after opening anew', async () => {
  const archive = new MemoryArchive(CODECS);
  const view = new PlanArchive(archive);
  const { planHash } = await view.store(plan('1'), proposal('plan-1'));
  await view.store(plan('1'), proposal('plan-1'));
  const other = await view.store(plan('2'), proposal('plan-1'));
  await view.store(plan('1'), proposal('plan-2'));
  for (const reading of [view, new PlanArchive(archive)]) {
    expect(await reading.byPlanId('plan-1')).toEqual([planHash, other.planHash].toSorted());
    expect(await reading.byPlanId('plan-2')).toEqual([planHash]);
    expect(await reading.byPlanId('__proto__')).toEqual([]);
    expect(await reading.statistics()).toMatchObject({ totalPlans: 2, totalProposals: 3 });
  }
  expect(await view.plan(other.proposalRef)).toBeUndefined();
});

it('A11.3 gives back every plan as it was', async () => {
  const view = new PlanArchive(new MemoryArchive(CODECS));
  const plans = fc.record({
    language: fc.constant('Rtfs20' as const),
    body: fc.record({ rtfs: fc.string({ unit: 'grapheme' }) }),
    inputSchema: fc.option(fc.string(), { nil: null }),
    outputSchema: fc.option(fc.string(), { nil: null }),
    policies: fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.boolean()), { noNullPrototype: true }),
    capabilitiesRequired: fc.array(fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(plans, async (given) => {
      const { planHash } = await view.store(given, proposal('plan-1'));
      expect(await view.plan(planHash)).toEqual(given);
    }),
  );
});
