/**
 * Runs the built command line as a user would: a process of its own, in a folder of its own. Nothing here knows the
 * implementation; what a test sees is exit code, stdout, stderr and files.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The repository, and the built command line. */
export const REPOSITORY = resolve(import.meta.dirname, '../../../..');
export const CLI = join(REPOSITORY, 'packages/ccos/bundle/cli.cjs');

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly input?: string;
  /** Called once the process runs, for tests that interrupt it. */
  readonly started?: (child: ChildProcess) => void;
  /** Ends a process that hangs; a test asserts that it did not come to this. */
  readonly ceilingMs?: number;
  /** A command in front of node: `['unshare', '-m', …]`. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another built command line than the repository's own. */
  readonly cli?: string;
}

/** An environment without what slows or steers Node. */
function plainEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'LANG', 'XDG_CACHE_HOME', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

/** Runs `ccos ARGS…` to its end. */
export function ccos(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const argv = [...(options.prefix ?? []), process.execPath, options.cli ?? CLI, ...args];
  const [file, ...rest] = argv as [string, ...string[]];
  const begun = performance.now();
  return new Promise((settle, reject) => {
    const child = spawn(file, rest, {
      cwd: options.cwd,
      env: plainEnvironment(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '',
      stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {
      /* a command that does not read its input may close it */
    });
    child.stdin.end(options.input ?? '');
    const ceiling = setTimeout(() => child.kill('SIGKILL'), options.ceilingMs ?? 60_000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(ceiling);
      settle({ code, signal, stdout, stderr, ms: performance.now() - begun });
    });
    options.started?.(child);
  });
}

/** A fresh folder that holds a copy of `examples/`, so that each test has a state folder of its own. */
export function workspace(): { readonly folder: string; remove(): void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-cli-')));
  cpSync(join(REPOSITORY, 'examples'), join(folder, 'examples'), { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
