import { expect, test } from 'vitest';
import { objectsNamedBy } from './named-objects.ts';
import type { ChainRecord } from './record.ts';

const hash = (digit: string): string => digit.repeat(64);

test.each<[string, Partial<ChainRecord>, string[]]>([
  ['hashes and references', { payload: { planHash: hash('a'), proposalRef: hash('b') } }, [hash('a'), hash('b')]],
  ['the plan that it belongs to', { payload: {}, plan: hash('c') }, [hash('c')]],
  ['what stood before and stands after', { payload: { before: hash('d'), after: hash('e') } }, [hash('d'), hash('e')]],
  ['a checkpoint', { payload: { checkpoint: `cp-${hash('f')}` } }, [hash('f')]],
  [
    'the manifest that was registered',
    { kind: 'CapabilityRegistered', payload: { manifestHash: hash('a'), before: hash('b') } },
    [hash('a'), hash('b')],
  ],
  [
    'the arguments of a call, not the manifest that it was checked against',
    { kind: 'CapabilityCall', payload: { manifestHash: hash('a'), argsRef: hash('b') } },
    [hash('b')],
  ],
  ['no digest', { payload: { argsDigest: `sha256:${hash('a')}`, policyDigest: hash('b') } }, []],
  ['no hash of a record or a key', { payload: { last: hash('a'), root: hash('b'), key: hash('c') } }, []],
  ['no text that is none', { payload: { planHash: 'plan', resultRef: null } }, []],
])('A10.1 a record names %s', (_name, record, named) => {
  expect(objectsNamedBy({ kind: 'InternalStep', payload: {}, ...record })).toEqual(named);
});
