/**
 * Runs the test suites, names what was skipped and why, and closes with `N passed, N failed, N skipped` alone on a line. What
 * passed is kept in `node_modules/.cache/ccos-tests.json` for `npm run readme`, whose table may name only tests that passed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startVitest, type Reporter } from 'vitest/node';
import { resultsPath, root, type TestResults } from './results.ts';

const passed: string[] = [],
  failed: string[] = [],
  skipped: string[] = [];
let brokenFiles = 0;

const collect: Reporter = {
  onTestCaseResult(test) {
    const result = test.result();
    if (result.state === 'passed') passed.push(test.fullName);
    else if (result.state === 'failed') failed.push(test.fullName);
    else skipped.push(`${test.fullName}${'note' in result && result.note !== undefined ? `: ${result.note}` : ''}`);
  },
  // A file that does not load, or a hook that throws, fails no test by name, and is a failure all the same.
  onTestModuleEnd(module) {
    if (module.state() === 'failed' && module.errors().length > 0) brokenFiles += 1;
  },
};

const filters = process.argv.slice(2);
const vitest = await startVitest('test', filters, { root, watch: false, reporters: ['default', collect] });
const unhandled = vitest.state.getUnhandledErrors().length;
await vitest.close();

const results: TestResults = { passed, failed, skipped };
// A part of the suites says nothing about the rest: only a whole run is kept.
if (filters.length === 0) {
  mkdirSync(dirname(resultsPath), { recursive: true });
  writeFileSync(resultsPath, JSON.stringify(results));
}
for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
const failures = failed.length + brokenFiles + unhandled;
process.stdout.write(`${passed.length} passed, ${failures} failed, ${skipped.length} skipped\n`);
process.exit(failures === 0 && passed.length > 0 ? 0 : 1);
