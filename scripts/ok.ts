/**
 * npm run ok: every check that is no test, each as a command. Prints one line a check, the output of those that fail, and exits
 * non-zero when one failed. `npm run ok -- lint types` runs the named ones.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { root } from './results.ts';

/** A check: the script it runs under this Node, and what to do when it fails. */
interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly remedy: string;
}

const CHECKS: readonly Check[] = [
  { name: 'format', script: 'node_modules/oxfmt/bin/oxfmt', args: ['--check', '.'], remedy: 'npm run format' },
  {
    name: 'lint',
    script: 'node_modules/oxlint/bin/oxlint',
    args: ['--type-aware', '--deny-warnings'],
    remedy: 'the message says; rooms: ARCHITECTURE.md',
  },
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['-b'], remedy: 'the message says' },
  {
    name: 'dead-code',
    script: 'node_modules/knip/bin/knip.js',
    args: ['--treat-config-hints-as-errors'],
    remedy: 'remove what nothing uses',
  },
  { name: 'readme', script: 'scripts/readme.ts', args: ['--check'], remedy: 'npm run readme, after npm test' },
  {
    name: 'package-rtfs',
    script: 'node_modules/publint/src/cli.js',
    args: ['packages/rtfs', '--pack', 'false'],
    remedy: 'the message says',
  },
  {
    name: 'package-ccos',
    script: 'node_modules/publint/src/cli.js',
    args: ['packages/ccos', '--pack', 'false'],
    remedy: 'the message says',
  },
];

/** Runs one check; resolves to its output when it failed, to null when it passed. */
function run(check: Check): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=source', join(root, check.script), ...check.args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('close', (code) => resolve(code === 0 ? null : output || `ended with ${code}`));
  });
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  process.stderr.write(`unknown check ${unknown.join(', ')}; there are ${CHECKS.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
let failures = 0;
for (const check of CHECKS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const startedAt = performance.now();
  const output = await run(check);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${output === null ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)\n`);
  if (output === null) continue;
  failures += 1;
  process.stdout.write(`${output.trimEnd()}\n-> ${check.remedy}\n`);
}
process.stdout.write(failures === 0 ? 'ok\n' : `checks failed: ${failures}\n`);
process.exit(failures === 0 ? 0 : 1);
