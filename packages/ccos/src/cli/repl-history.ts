/** The lines typed at the prompt, kept between sessions in the user's own state, readable by nobody else. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { asCcosError } from '../foundation/errors.ts';
import { readWhole, systemFiles } from '../foundation/files.ts';

/** How many lines are kept. */
export const HISTORY_MAX = 1000;

/** `$XDG_STATE_HOME/ccos/repl-history`, or the same below `~/.local/state`. */
export function historyPath(): string {
  const state = process.env['XDG_STATE_HOME'];
  const folder = state === undefined || state === '' ? join(homedir(), '.local/state') : state;
  return join(folder, 'ccos', 'repl-history');
}

/** The lines, newest first; none when there is no file. A file that cannot be used is told by `tell`, and is no obstacle. */
export function readHistory(path: string, tell: (why: string) => void): string[] {
  try {
    const text = readWhole(systemFiles, path)?.toString('utf8') ?? '';
    return text.split('\n').filter(Boolean).slice(-HISTORY_MAX).toReversed();
  } catch (error) {
    tell(`the history ${path} cannot be read: ${asCcosError(error).message}`);
    return [];
  }
}

/** Keeps the lines (newest first), mode 0600. Throws `IO`. */
export async function writeHistory(path: string, lines: readonly string[]): Promise<void> {
  const text = lines.slice(0, HISTORY_MAX).toReversed();
  await writeFileAtomic(path, text.map((line) => `${line}\n`).join(''), { mode: 0o600, durability: 'relaxed' });
}
