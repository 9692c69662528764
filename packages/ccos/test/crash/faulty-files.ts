/** Files that go wrong at one system call: by an error number, or by the death of the process before or after the call (§8.9, A13). */
import { systemFiles, type Files } from '../../src/foundation/files.ts';

/** What happens at the `at`-th call that changes something (from 1). `from` makes every later one fail as well: a disk that stays full. */
export interface Fault {
  readonly at: number;
  readonly what: string;
  readonly from?: boolean;
}

const CHANGING = [
  'open',
  'write',
  'fdatasync',
  'fdatasyncLater',
  'truncate',
  'setModified',
  'close',
  'syncFolder',
  'syncFolderLater',
  'link',
  'rename',
  'unlink',
  'makeFolder',
  'setMode',
] as const satisfies readonly (keyof Files)[];

/** Errors that a write may keep until its file is closed. */
const LATE = new Set(['EIO', 'EDQUOT']);

/** The machine's files with a fault in them; `count` tells how many changing calls there were, `trace` which. */
export function faultyFiles(fault: Fault | null): {
  readonly files: Files;
  count(): number;
  trace(): readonly string[];
} {
  const calls: string[] = [];
  const reading = new Set<unknown>();
  const die = (): void => {
    process.kill(process.pid, 'SIGKILL');
  };
  const wrap =
    (name: keyof Files, real: (...args: never[]) => unknown) =>
    (...args: never[]): unknown => {
      if (name === 'open' && (args[1] as unknown) === 'read') {
        const fd = real(...args);
        reading.add(fd);
        return fd;
      }
      // Reading changes nothing, and so its closing is no step either.
      if (name === 'close' && reading.delete(args[0])) return real(...args);
      calls.push(name);
      const now = fault !== null && (calls.length === fault.at || (fault.from === true && calls.length > fault.at));
      if (!now) return real(...args);
      if (fault.what === 'kill-before') die();
      if (fault.what === 'kill-after') {
        const result = real(...args);
        die();
        return result;
      }
      // Closing and removing never fail for want of space; a disk that is broken or full of somebody's quota may tell it at last.
      if (name === 'unlink') return real(...args);
      if (name === 'close') {
        real(...args);
        if (!LATE.has(fault.what)) return undefined;
      }
      throw Object.assign(new Error(`${fault.what}: injected`), { code: fault.what });
    };
  const files = { ...systemFiles } as Record<string, unknown>;
  for (const name of CHANGING) files[name] = wrap(name, systemFiles[name] as (...args: never[]) => unknown);
  return { files: files as unknown as Files, count: () => calls.length, trace: () => calls };
}
