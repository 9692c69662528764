import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXPECTED_FAILURES } from './expected-failures.ts';
import { agrees, evaluate, evaluateCautiously, rowsOf, shown } from './table.ts';

const tables = ['appendix-a', 'rules'].map((name) => ({
  name,
  rows: rowsOf(readFileSync(new URL(`./${name}.rtfs`, import.meta.url), 'utf8')),
}));

for (const { name, rows } of tables) {
  for (const section of new Set(rows.map((row) => row.section))) {
    describe(`${name === 'rules' ? '' : 'Appendix A, '}${section}`, () => {
      for (const row of rows.filter((one) => one.section === section)) {
        test(`${row.source} ⇒ ${row.wanted}`, () => {
          const got = evaluate(row);
          const wanted = !EXPECTED_FAILURES.has(row.source);
          expect(agrees(got.end, row.wanted), `got ${shown(got.end)}`).toBe(wanted);
          // R4.10: without attempts the same value, calls and fuel.
          const cautious = evaluateCautiously(row);
          expect({ ...cautious, end: shown(cautious.end) }).toEqual({ ...got, end: shown(got.end) });
        });
      }
    });
  }
}

test('every expected failure is a row', () => {
  const sources = new Set(tables.flatMap(({ rows }) => rows.map(({ source }) => source)));
  expect([...EXPECTED_FAILURES].filter((source) => !sources.has(source))).toEqual([]);
});
