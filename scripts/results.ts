/** Where the scripts find the repository and what the last whole test run left. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The last whole run of `npm test`. */
export const resultsPath: string = join(root, 'node_modules/.cache/ccos-tests.json');

/** Full names of tests (`describe > test`); a skipped one with its reason behind a colon. */
export interface TestResults {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}
