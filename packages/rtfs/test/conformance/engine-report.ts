/** What one engine makes of the tables and of Unicode, as JSON: the same in every engine (R13.2), but for what a test pins. */
import { continuesName, startsName } from '../../src/values/names.ts';
import { Choices, seedOf } from '../fuzz/choices.ts';
import { makeProgram } from '../fuzz/programs.ts';
import { agrees, digest, evaluate, rowsOf, shown } from './table.ts';
import type { Row } from './table.ts';

/** Generated programs that run beside the rows. */
const PROGRAMS = 300;

/** `rows` a digest a row or program, `wrong` the rows that missed their result, `names` and `cases` by code point. */
export interface EngineReport {
  readonly rows: readonly string[];
  readonly wrong: readonly string[];
  readonly names: readonly string[];
  readonly cases: readonly string[];
}

/** Texts whose case depends on their neighbours. */
const IN_CONTEXT = ['ΑΣ', 'ΑΣΑ', 'ΌΣΟΣ', 'İi', 'ǅ', 'ŉ', 'ﬁ', 'straße', 'I\u0307'];

/** Runs every row of the tables' texts; `expected` names rows that are known to fail. */
export function engineReport(tables: readonly string[], expected: readonly string[]): EngineReport {
  const rows = tables.flatMap(rowsOf).filter(({ source }) => !expected.includes(source));
  return {
    rows: [...rows, ...programs()].map(digest),
    wrong: rows.flatMap((row) => {
      const { end } = evaluate(row);
      return agrees(end, row.wanted) ? [] : [`${row.source} ⇒ ${shown(end)}`];
    }),
    names: codePoints((c) => `${startsName(c) ? 's' : ''}${continuesName(c) ? 'p' : ''}`),
    cases: [
      ...codePoints((c) => {
        const text = String.fromCodePoint(c);
        const both = [text.toUpperCase(), text.toLowerCase()];
        return both.every((one) => one === text) ? '' : both.join(' ');
      }),
      ...IN_CONTEXT.map((text) => `${text} ${text.toUpperCase()} ${text.toLowerCase()}`),
    ],
  };
}

/** Programs of all forms, each call answered. */
function programs(): Row[] {
  return Array.from({ length: PROGRAMS }, (_none, i) => ({
    section: 'generated',
    source: makeProgram(Choices.from(seedOf(11, i))),
    wanted: '',
    hosted: true,
  }));
}

/** `code point: what` for every code point of which there is something to say. */
function codePoints(what: (c: number) => string): string[] {
  const out: string[] = [];
  for (let c = 0; c <= 0x10ffff; c++) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const text = what(c);
    if (text !== '') out.push(`${c.toString(16)}: ${text}`);
  }
  return out;
}
