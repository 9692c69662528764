/**
 * npm run readme: writes what the tables of the sources say into the documents: `docs/errors.md`, `docs/cli.md`, `docs/limits.md`,
 * `docs/capabilities.md`, the grammar for editors and the table of what works in README.md. With `--check` it writes nothing and
 * fails on a difference (CI).
 *
 * A row of what works is a test whose name begins with `[shown] `. It may stand in the table only if that test passed in the
 * last whole run of `npm test`.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { grammarJson, grammarPlist } from './grammar.ts';
import { capabilitiesPage, cliPage, errorsPage, limitsPage } from './pages.ts';
import { resultsPath, root, type TestResults } from './results.ts';

const BEGIN = '<!-- what works: written by `npm run readme` -->',
  END = '<!-- end of what works -->';
const SHOWN = /\b(?:test|it)(?:\.\w+(?:\([^()]*\))?)*\(\s*(['"`])\[shown\] ((?:\\.|(?!\1).)+)\1/g;

/** Every test that is tagged as shown: what it says and the file that says it. */
function shownTests(): { readonly says: string; readonly file: string }[] {
  const files = globSync('packages/*/{src,test}/**/*.test.ts', { cwd: root }).toSorted();
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(SHOWN)].map((match) => ({
      says: (match[2] ?? '').replaceAll(/\\(.)/g, '$1'),
      file,
    })),
  );
}

function whatWorks(): string {
  const rows = shownTests().map(
    ({ says, file }) => `| ${says.replaceAll('|', '\\|')} | [${file.split('/').at(-1)}](${file}) |`,
  );
  return [BEGIN, '', '| shown by a test | in |', '|---|---|', ...rows, '', END].join('\n');
}

/** The tagged tests that did not pass in the last whole run. */
function unproven(): string[] {
  if (!existsSync(resultsPath)) return ['no whole run of npm test is known'];
  const { passed, skipped } = JSON.parse(readFileSync(resultsPath, 'utf8')) as TestResults;
  // Where a wall is missing its tests are skipped and CI is the judge of their rows.
  const proven = process.env['CI'] === 'true' ? passed : [...passed, ...skipped];
  return shownTests()
    .filter(({ says }) => !proven.some((name) => name.includes(`[shown] ${says}`)))
    .map(({ says }) => `did not pass: ${says}`);
}

function pages(): Map<string, string> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [before, rest] = readme.split(BEGIN),
    [, after] = (rest ?? '').split(END);
  if (before === undefined || after === undefined) throw new Error(`README.md has lost its marks ${BEGIN} and ${END}`);
  return new Map([
    ['README.md', before + whatWorks() + after],
    ['docs/capabilities.md', capabilitiesPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/cli.md', cliPage()],
    ['docs/limits.md', limitsPage()],
    ['packages/rtfs/editors/rtfs.tmLanguage.json', grammarJson()],
    ['packages/rtfs/editors/rtfs.tmLanguage', grammarPlist()],
  ]);
}

const check = process.argv.includes('--check');
const findings = check ? unproven() : [];
for (const [path, text] of pages()) {
  const file = join(root, path);
  const same = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (same) continue;
  if (check) findings.push(`${path} is not what npm run readme writes`);
  else {
    writeFileSync(file, text);
    process.stdout.write(`wrote ${relative(root, file)}\n`);
  }
}
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.exit(findings.length === 0 ? 0 : 1);
