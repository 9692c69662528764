import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob, compilePatterns } from './glob.ts';

const matches = (pattern: string, id: string): boolean => compileGlob(pattern).matches(id);

describe('S3.1, S3.2 a pattern is anchored, `*` is one or more characters, every other character itself', () => {
  test.each([
    ['ccos.math.*', 'ccos.math.add', true],
    ['ccos.math.*', 'ccos.math.vec.add', true],
    ['ccos.math.*', 'ccos.math', false],
    ['ccos.math.*', 'ccos.math.', false],
    ['ccos.math.*', 'evil.ccos.math.add', false],
    ['ccos.math.*', 'ccosXmathYadd', false],
    ['ccos.math.*', 'ccos.mathx.add', false],
    ['*', 'anything', true],
    ['*', '', false],
    ['a*a', 'aa', false],
    ['a*a', 'aba', true],
    ['*b*', 'abc', true],
    ['*b*', 'bc', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*bc*d', 'aXbcd', false],
    ['*aab*', 'xaaaby', true],
    ['ccos.echo', 'ccos.echo', true],
    ['ccos.echo', 'ccos.Echo', false],
  ])('%s on %s: %s', (pattern, id, expected) => expect(matches(pattern, id)).toBe(expected));

  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
  const pattern = fc
    .string({ unit: fc.constantFrom('a', 'b', '.', '*'), minLength: 1, maxLength: 8 })
    .filter((p) => !p.includes('**'));
  test('agrees with the regular expression that says the same', () => {
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        const model = new RegExp(`^${p.replaceAll('.', '\\.').replaceAll('*', '.+')}$`, 's');
        expect(matches(p, t)).toBe(model.test(t));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('S3.3 patterns that mean nothing are refused with their position', () => {
  test.each([
    ['', 1],
    ['a**b', 3],
    ['a b', 2],
    ['é', 1],
    ['a\u0000', 2],
    ['x'.repeat(129), 129],
  ])('%j at %i', (pattern, position) => {
    expect(() => compileGlob(pattern)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', details: { pattern, position } }),
    );
  });

  test('matching takes time linear in pattern and text', () => {
    // Each pair would take a backtracking matcher a time with an exponent of its own.
    const glob = compileGlob('a*a*a*a*a*a*a*a*a*b');
    const text = 'a'.repeat(200_000);
    const started = performance.now();
    expect(glob.matches(text)).toBe(false);
    expect(compileGlob(`*${'a'.repeat(100)}b*`).matches(text)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test('a list finds exact ids before globs, and globs in the order given', () => {
  const list = compilePatterns(['ccos.*', 'ccos.io.*', 'ccos.io.log']);
  expect(list.match('ccos.io.log')).toBe('ccos.io.log');
  expect(list.match('ccos.io.print')).toBe('ccos.*');
  expect(list.match('demo.x')).toBeNull();
});
