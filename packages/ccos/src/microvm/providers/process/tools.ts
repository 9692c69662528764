/**
 * The system's programs that make the wall (M9.1, M9.2): looked up in a fixed list of folders and called by absolute path, so
 * that the caller's PATH decides nothing.
 */
import { accessSync, constants, realpathSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { CcosError } from '../../../foundation/errors.ts';

const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

/** Absolute paths of what a launch calls. `setpriv` is null where it is absent; a root caller cannot do without. */
export interface Tools {
  readonly bwrap: string;
  readonly prlimit: string;
  readonly sh: string;
  readonly setpriv: string | null;
}

/** What is missing, and the command that installs it. */
export interface MissingTool {
  readonly name: string;
  readonly remedy: string;
}

const PACKAGES = { bwrap: 'bubblewrap', prlimit: 'util-linux', sh: 'dash', setpriv: 'util-linux' } as const;
type ToolName = keyof typeof PACKAGES;

/** The first executable of that name in the fixed folders, or null. `folders` is for tests. */
export function findTool(name: string, folders: readonly string[] = FOLDERS): string | null {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}

/** All tools, or the first that is missing. */
export function findTools(
  uid: number,
  folders: readonly string[] = FOLDERS,
): { tools: Tools } | { missing: MissingTool } {
  const at = (name: ToolName): string | null => findTool(name, folders);
  const needed: readonly ToolName[] = uid === 0 ? ['bwrap', 'prlimit', 'sh', 'setpriv'] : ['bwrap', 'prlimit', 'sh'];
  const absent = needed.find((name) => at(name) === null);
  if (absent !== undefined)
    return { missing: { name: absent === 'bwrap' ? 'bubblewrap' : absent, remedy: `apt install ${PACKAGES[absent]}` } };
  return { tools: { bwrap: at('bwrap')!, prlimit: at('prlimit')!, sh: at('sh')!, setpriv: at('setpriv') } };
}

/** The version that `bwrap --version` tells, as numbers. Throws `LAUNCH_FAILED` when it tells none. */
export async function bwrapVersion(path: string): Promise<readonly [number, number]> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(path, ['--version'], { env: {}, timeout: 5_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  }).catch((cause: unknown) => {
    throw new CcosError('LAUNCH_FAILED', `Cannot run ${path}`, { cause, hint: 'apt install --reinstall bubblewrap' });
  });
  const found = /(\d+)\.(\d+)/.exec(output);
  if (found === null)
    throw new CcosError('LAUNCH_FAILED', `Cannot read the version of ${path}: ${output.trim()}`, {
      hint: 'apt install --reinstall bubblewrap',
    });
  return [Number(found[1]), Number(found[2])];
}

/** A binary's own path, so that a link in its place later changes nothing. */
export function realBinary(path: string): string {
  return realpathSync(path);
}
