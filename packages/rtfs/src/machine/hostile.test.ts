import { describe, expect, test } from 'vitest';
import { HOSTILE } from '../../test/hostile.ts';
import { compile } from './compile.ts';
import { runSync } from './run.ts';

/** The processor time of this thread that compiling takes, in milliseconds: what others do on a busy machine is not in it. */
function cost(text: string): number {
  let least = Infinity;
  for (let i = 0; i < 2; i++) {
    const before = process.threadCpuUsage();
    compile(text);
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

describe('R19.3 reading and compiling takes time in proportion to the text', () => {
  test.each(Object.entries(HOSTILE))('%s', (_name, text) => {
    const [small, big] = [text(8000), text(80_000)];
    // Ten times as much takes ten times as long; the square of it would take a hundred times.
    const bound = 60 * Math.max(3, cost(small));
    expect(cost(big)).toBeLessThan(bound);
  });
});

describe('R17.4 a text of the greatest size runs', () => {
  const host = { executeCapability: (): number => 1 };
  test.each([
    ['calls as arguments', `(count (vector ${'(call :a.b 1) '.repeat(50_000)}))`, 50_000, '50000'],
    ['bindings of one value', `(count [${'(let [x 1] x) '.repeat(40_000)}])`, 0, '40000'],
  ])('%s', { timeout: 120_000 }, (_name, text, calls, value) => {
    const compiled = compile(text);
    if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
    const outcome = runSync(compiled.program, { host, limits: { calls: 100_000 } });
    expect(outcome).toMatchObject({ status: 'completed', value: Number(value), usage: { calls } });
  });

  test('and one that no engine could take as one function is refused', { timeout: 120_000 }, () => {
    const compiled = compile(`(count (vector ${'(call :a.b 1) '.repeat(74_000)}))`);
    expect(compiled).toMatchObject({ ok: false, diagnostics: [{ kind: 'ParseError', code: 'SourceTooLarge' }] });
  });
});
