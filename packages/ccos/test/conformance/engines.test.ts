/**
 * The language's tables in the engines it is for (R13.1, R13.2): Node, QuickJS as the wasm wall drives it, and Chromium. What the
 * engines' own Unicode tables tell apart is pinned here (R1.16): nothing, in the versions that the lock file and Debian 12 bring.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { EXPECTED_FAILURES } from '../../../rtfs/test/conformance/expected-failures.ts';
import { engineReport, type EngineReport } from '../../../rtfs/test/conformance/engine-report.ts';

const folder = join(import.meta.dirname, '../../../rtfs/test/conformance');
const texts = ['appendix-a', 'rules'].map((name) => readFileSync(join(folder, `${name}.rtfs`), 'utf8'));
const here = engineReport(texts, [...EXPECTED_FAILURES]);

/** A bundle that hands its report, as JSON, to `deliver`. */
async function bundle(deliver: string): Promise<string> {
  const contents = `import { engineReport } from './engine-report.ts';
    const text = JSON.stringify(engineReport(${JSON.stringify(texts)}, ${JSON.stringify([...EXPECTED_FAILURES])}));
    ${deliver}`;
  const result = await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    conditions: ['source'],
  });
  return result.outputFiles[0]?.text ?? '';
}

async function inQuickJs(): Promise<EngineReport> {
  const source = await bundle('report(text);');
  const worker = new Worker(new URL('./quickjs-thread.ts', import.meta.url), {
    workerData: source,
    execArgv: [],
    resourceLimits: { stackSizeMb: 64 },
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (text: string) => resolve(JSON.parse(text) as EngineReport));
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('QuickJS ended without a report')));
    });
  } finally {
    await worker.terminate();
  }
}

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const NO_CHROMIUM = 'chromium is missing: apt-get install chromium (as root)';

/** A missing browser skips by name, with what installs it; where everything must be there it fails. */
function orSkip(ctx: TestContext, isHere: boolean): void {
  if (isHere) return;
  if (process.env['CI'] === 'true') throw new Error(NO_CHROMIUM);
  ctx.skip(NO_CHROMIUM);
}

async function inChromium(path: string): Promise<EngineReport> {
  const home = mkdtempSync(join(tmpdir(), 'ccos-chromium-'));
  try {
    const script = await bundle(
      `const out = document.createElement('pre'); out.id = 'report'; out.textContent = btoa(unescape(encodeURIComponent(text))); document.body.append(out);`,
    );
    writeFileSync(join(home, 'page.js'), script);
    writeFileSync(
      join(home, 'page.html'),
      '<!doctype html><meta charset="utf-8"><body><script src="page.js"></script></body>',
    );
    const { stdout } = await promisify(execFile)(
      path,
      [
        ...'--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'.split(
          ' ',
        ),
        ...'--disable-component-update --disable-sync --js-flags=--stack-size=7000'.split(' '),
        `--user-data-dir=${join(home, 'profile')}`,
        '--dump-dom',
        `file://${join(home, 'page.html')}`,
      ],
      { maxBuffer: 64 * 1024 * 1024, timeout: 90_000 },
    );
    const found = /<pre id="report">([^<]*)<\/pre>/.exec(stdout)?.[1];
    if (found === undefined) throw new Error(`Chromium printed no report: ${stdout.slice(0, 500)}`);
    return JSON.parse(Buffer.from(found, 'base64').toString('utf8')) as EngineReport;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Lines that only one side has. */
function difference(a: readonly string[], b: readonly string[]): { here: string[]; there: string[] } {
  const [left, right] = [new Set(a), new Set(b)];
  return { here: a.filter((line) => !right.has(line)), there: b.filter((line) => !left.has(line)) };
}

test('R13.2 every row has its result here', () => {
  expect(here.wrong).toEqual([]);
  expect(here.rows.length).toBeGreaterThan(1000);
});

describe.each([
  ['QuickJS', (): Promise<EngineReport> => inQuickJs(), true],
  ['Chromium', (): Promise<EngineReport> => inChromium(CHROMIUM as string), CHROMIUM !== undefined],
] as const)('in %s', (_name, report, isHere) => {
  let there: EngineReport;
  beforeAll(async () => {
    if (isHere) there = await report();
  }, 120_000);

  test('R13.2 every row has the same value or error kind, the same calls at the same paths, and the same fuel', (ctx) => {
    orSkip(ctx, isHere);
    expect(there.wrong).toEqual([]);
    expect(difference(here.rows, there.rows)).toEqual({ here: [], there: [] });
  });

  test('R1.16 the same code points begin and continue a name', (ctx) => {
    orSkip(ctx, isHere);
    expect(here.names.length).toBeGreaterThan(100_000);
    expect(difference(here.names, there.names)).toEqual({ here: [], there: [] });
  });

  test('R16.5 every code point has the same upper and lower case', (ctx) => {
    orSkip(ctx, isHere);
    expect(here.cases.length).toBeGreaterThan(2500);
    expect(difference(here.cases, there.cases)).toEqual({ here: [], there: [] });
  });
});
