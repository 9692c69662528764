/** The pages about the language are programs: every example runs, and every name that a program can use has its entry. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, print, runSync, type ModuleResolver } from '../src/index.ts';
import { LIBRARY } from '../src/machine/library.ts';
import { FORMS, HEADS } from '../src/syntax/forms.ts';

const docs = join(import.meta.dirname, '../../../docs');
const pages = [join(docs, 'prompt.md'), ...globSync(join(docs, 'reference/*.md')).toSorted()];
const examples = pages.flatMap((page) =>
  readFileSync(page, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('(') || /^['[@].* ⇒ /.test(line))
    .filter((line) => line.includes(' ⇒ ')),
);

/** The modules beside a plan. */
function modulesIn(folder: string): ModuleResolver {
  return {
    resolve(name) {
      const file = join(folder, `${name.replaceAll('.', '/')}.rtfs`);
      return existsSync(file) ? { source: readFileSync(file, 'utf8'), file } : null;
    },
  };
}

/** The value of a program, printed; an error as `!Kind`. */
function evaluated(source: string): string {
  const compiled = compile(source);
  if (!compiled.ok) return `!${compiled.diagnostics[0]?.message}`;
  const outcome = runSync(compiled.program);
  if (outcome.status === 'completed') return print(outcome.value);
  return outcome.status === 'failed' ? `!${outcome.error.kind}` : `!${outcome.status}`;
}

describe('the pages about the language', () => {
  test.each(examples)('%s', (line) => {
    const [expression = '', wanted = ''] = line.split(' ⇒ ');
    // Maps leave a program in canonical order (R13.3), so what is written is brought into it too.
    expect(evaluated(expression)).toBe(evaluated(`(quote ${wanted})`));
  });

  test('R15.20 no example that gives a value has a warning, and neither have the plans', () => {
    const files = globSync(join(docs, '../examples/**/*.rtfs'));
    const warnings = (source: string, folder: string): string[] =>
      compile(source, { modules: modulesIn(folder) }).diagnostics.map(({ message }) => message);
    for (const file of files) expect([file, warnings(readFileSync(file, 'utf8'), dirname(file))]).toEqual([file, []]);
    const plans = [...readFileSync(join(docs, 'prompt.md'), 'utf8').matchAll(/```rtfs plan\n([^]*?)```/g)];
    const right = examples.flatMap((line) => (line.includes(' ⇒ !') ? [] : [line.split(' ⇒ ')[0] ?? '']));
    for (const source of [...plans.map(([, plan = '']) => plan), ...right])
      expect([source, warnings(source, docs)]).toEqual([source, []]);
    expect([files.length > 1, plans.length]).toEqual([true, 1]);
  });

  test('have examples', () => {
    expect(examples.length).toBeGreaterThan(350);
  });

  test('have one entry for every form and function, and none for anything else', () => {
    const named = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/^### (.*)$/gm)].flatMap(([, names = '']) => names.split(', ')),
    );
    const known = new Set([...FORMS.keys(), ...HEADS.keys(), ...LIBRARY.names()]);
    expect(named.filter((name, i) => named.indexOf(name) !== i)).toEqual([]);
    expect([...known].filter((name) => !named.includes(name)).toSorted()).toEqual([]);
    expect(named.filter((name) => !known.has(name)).toSorted()).toEqual([]);
  });
});
