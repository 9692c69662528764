import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLLECTIONS_CASES } from './cases-collections.ts';
import { NUMBERS_CASES } from './cases-numbers.ts';
import { TEXTS_CASES } from './cases-texts.ts';
import { failure, fuel, value } from './fixture.ts';
import { NATIVES } from './natives.ts';

const CASES = { ...NUMBERS_CASES, ...TEXTS_CASES, ...COLLECTIONS_CASES };

for (const [rule, text] of Object.entries(CASES)) {
  describe(rule, () => {
    const lines = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    test.each(lines)('%s', (line) => {
      const [call = '', wanted = ''] = line.split(' ⇒ ');
      expect(value(call)).toBe(wanted);
    });
  });
}

test('R16.1 every function of the table has a case, and none is called twice by one name', () => {
  const all = Object.values(CASES).join('\n');
  const names = [...NATIVES.values()].map((native) => native.name);
  expect([...new Set(names)].filter((name) => !all.includes(`(${name} `) && !all.includes(`(${name})`))).toEqual([]);
});

test('R16.6 a float range holds the values of start + i·step before its end, however the quotient rounds', () => {
  const small = fc.integer({ min: -40, max: 40 }).map((n) => n / 10);
  fc.assert(
    fc.property(small, small, small, (start, end, step) => {
      fc.pre(step !== 0);
      const wanted: number[] = [];
      for (let i = 0, x = start; step > 0 ? x < end : x > end; x = start + ++i * step) wanted.push(x);
      const shown = (x: number): string => (Number.isInteger(x) ? `${Object.is(x, -0) ? '-0' : x}.0` : String(x));
      const found = value(`(range ${shown(start)} ${shown(end)} ${shown(step)})`);
      expect(found).toBe(`[${wanted.map(shown).join(' ')}]`);
    }),
  );
});

describe('R18 messages are exact', () => {
  test.each([
    ['(subs "abc" 1 9)', 'Index out of bounds: index 9 is not in range [0, 3)'],
    ['(upper-case 5)', 'Type error in upper-case: expected string, got integer'],
    ['(count 5)', 'Type error in count: expected collection, got integer'],
    ['(nth [1] :a)', 'Type error in nth: expected integer, got keyword'],
    ['(factorial -1)', 'Invalid argument in factorial: -1 is negative'],
    ['(repeat 1000000000 0)', 'Limit collectionSize reached: 10000000'],
    ['(parse-csv "a,b\\n1,\\"2")', 'Invalid argument in parse-csv: open quote at 2:3'],
    ['(parse-csv "a,b\\nx")', 'Invalid argument in parse-csv: 1 fields instead of 2 at 2:1'],
    ['(keyword "a b")', 'Invalid argument in keyword: "a b" is not a valid name'],
  ])('%s', (call, message) => {
    expect(failure(call)).toMatchObject({ message });
  });

  test('R16.6 a missing number of elements has the hint that sequences are finite', () => {
    expect(failure('(repeat 1)')).toMatchObject({ kind: 'ArityMismatch', hint: 'sequences are finite' });
  });
});

describe('R17.1, R17.7 costs', () => {
  test.each<[string, number]>([
    ['(+ 1 2 3)', 0],
    ['(inc 1)', 0],
    ['(max 1 2)', 0],
    ['(sum [1 2 3])', 3],
    ['(range 10)', 10],
    ['(range 5 5)', 0],
    ['(vector 1 2)', 2],
    ['(nth [1 2 3] 1)', 1],
    ['(get {:a 1} :a)', 1],
    ['(first [1 2])', 0],
    ['(count [1 2 3])', 0],
    ['(count "0123456789abcdefg")', 2],
    ['(upper-case "0123456789abcdef")', 1],
    ['(upper-case "")', 0],
    ['(str "0123456789abcdefg" "x")', 1],
    ['(str 12 "0123456789abcdef")', 2],
    ['(str "long enough to cost something")', 0],
    ['(concat [1 2] [3])', 3],
    ['(into [1 2 3] [4])', 1],
    ['(conj [1] 2 3)', 0],
    ['(cons 0 [1 2])', 2],
    ["(cons 0 '(1 2))", 1],
    ['(assoc {} :a 1 :b 2)', 2],
    ['(rest [1 2 3])', 1],
    ['(take 1 [1 2 3])', 3],
    ['(reverse [1 2 3])', 3],
    ['(partition 2 1 [1 2 3])', 6],
    ['(flatten [1 [2 [3]]])', 5],
    ['(= [1 [2]] [1 [2]])', 6],
    ['(= 1 2)', 0],
    ['(repeat-str "ab" 16)', 2],
    ['(join "," ["0123456789" "012345"])', 2],
    ['(pad-left "" 32)', 2],
    ['(index-of "abc" "c")', 3],
    ['(contains? [1 2 3] 3)', 3],
    ['(distinct [1 1 1])', 3],
  ])('%s costs %i', (call, cost) => {
    expect(fuel(call)).toBe(cost);
  });
});

describe('R17.3 a limit is checked before the memory is taken', () => {
  test.each([
    ['(repeat 4 0)', '!CollectionLimit'],
    ['(repeat 3 0)', '[0 0 0]'],
    ['(range 4)', '!CollectionLimit'],
    ['(range 0 1 0.1)', '!CollectionLimit'],
    ['(range 0 ##Inf)', '!CollectionLimit'],
    ['(numbers 1 4)', '!CollectionLimit'],
    ['(conj [1 2 3] 4)', '!CollectionLimit'],
    ['(concat [1 2] [3 4])', '!CollectionLimit'],
    ['(chars "abcd")', '!CollectionLimit'],
    ['(cycle-n 4 [1])', '!CollectionLimit'],
    ['(split "a,b,c,d" ",")', '!CollectionLimit'],
    ['(re-seq "." "abcd")', '!CollectionLimit'],
    ['(interleave [1 2] [3 4])', '!CollectionLimit'],
  ])('%s ⇒ %s with room for three', (call, wanted) => {
    expect(value(call, { collectionSize: 3 })).toBe(wanted);
  });

  test.each([
    ['(str "abc" "d")', '"abcd"'],
    ['(str "abc" "de")', '!StringLimit'],
    ['(join ["ab" "cde"])', '!StringLimit'],
    ['(repeat-str "a" 5)', '!StringLimit'],
    ['(pad-left "a" 5)', '!StringLimit'],
    ['(pad-right "a" 4)', '"a   "'],
    ['(format "%5d" 1)', '!StringLimit'],
    ['(replace "aa" "a" "bbb")', '!StringLimit'],
    ['(upper-case "ßßß")', '!StringLimit'],
    ['(pad-left "" 9007199254740993)', '!StringLimit'],
    ['(base64-encode "abcd")', '!StringLimit'],
  ])('%s ⇒ %s with room for four units', (call, wanted) => {
    expect(value(call, { stringLength: 4 })).toBe(wanted);
  });

  test('R17.5 data deeper than dataDepth is DepthLimit', () => {
    expect(value('(flatten [[[1]]])', { dataDepth: 3 })).toBe('[1]');
    expect(value('(flatten [[[1]]])', { dataDepth: 2 })).toBe('!DepthLimit');
    expect(value('(deep-merge {:a {:b {:c 1}}} {:a {:b {:c 2}}})', { dataDepth: 2 })).toBe('!DepthLimit');
  });
});
