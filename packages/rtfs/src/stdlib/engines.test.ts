/** R13.1, R3.7: the library in QuickJS, the engine of the wasm wall, against the library here. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { QuickJS } from 'quickjs-wasi';
import { expect, test } from 'vitest';

/**
 * Evaluates every case of the tables, and mixes the bits of some thousand results of elementary functions into one
 * number.
 */
const ENTRY = `
  import { value } from './fixture.ts';
  import { COLLECTIONS_CASES } from './cases-collections.ts';
  import { NUMBERS_CASES } from './cases-numbers.ts';
  import { TEXTS_CASES } from './cases-texts.ts';
  import { atan2, cos, exp, log, log10, pow, sin, tan } from './math.ts';
  const lines = Object.values({ ...NUMBERS_CASES, ...TEXTS_CASES, ...COLLECTIONS_CASES }).flatMap((text) => text.split('\\n'));
  const calls = lines.map((line) => line.trim().split(' ⇒ ')).filter(([call]) => call !== '');
  const different = calls.filter(([call, wanted]) => value(call) !== wanted).map(([call]) => call);
  const bits = new DataView(new ArrayBuffer(8));
  let mixed = 0;
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let i = 0; i < 500; i++) {
    const x = (random() - 0.5) * 1000 * random();
    const y = random() * 30;
    for (const r of [exp(x), log(y), log10(y), sin(x), cos(x * 1e30), tan(x), atan2(x, y), pow(y, x / 10)]) {
      bits.setFloat64(0, r);
      mixed = (Math.imul(mixed, 31) + bits.getInt32(0)) | 0;
      mixed = (Math.imul(mixed, 31) + bits.getInt32(4)) | 0;
    }
  }
  globalThis.report = JSON.stringify({ cases: calls.length, different, mixed });
`;

async function bundle(): Promise<string> {
  const result = await build({
    stdin: { contents: ENTRY, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    conditions: ['source'],
  });
  return result.outputFiles[0]?.text ?? '';
}

test('R3.7 R13.1 every case and every bit is the same in QuickJS', async () => {
  const code = await bundle();
  // oxlint-disable-next-line typescript/no-implied-eval -- the bundle of this very package
  const here = new Function('globalThis', `${code}; return globalThis.report`)({}) as string;
  const wasm = readFileSync(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm')));
  using vm = await QuickJS.create({ wasm });
  using there = vm.evalCode(`${code}; globalThis.report`);
  expect(JSON.parse(here)).toMatchObject({ different: [] });
  expect(JSON.parse(here).cases).toBeGreaterThan(500);
  expect(JSON.parse(there.toString())).toEqual(JSON.parse(here));
});
