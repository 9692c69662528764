/**
 * What one process found out and the next may take over, in the user's cache folder: bound to the boot, the kernel, the caller, Node
 * and the very files that it depends on. What is kept saves time and grants nothing: whoever uses it meets the truth when it acts.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { cacheFolder } from '../foundation/cache-folder.ts';
import { sha256 } from '../foundation/digest.ts';

/** One kept value. */
export interface Kept<T> {
  /** The kept value, or null: there is none, it is of another boot or other files, or it is not ours. */
  recall(): T | null;
  /** What it is bound to, as it stands now; null where that cannot be told. */
  binding(): string | null;
  /** Keeps a value that was found out under a binding which still stands; a folder that cannot be written keeps nothing. */
  keep(value: T, binding?: string | null): Promise<void>;
  forget(): void;
}

/** What a kept value is bound to. */
export interface KeptOptions<T> {
  /** The name of the value; its file bears it, and the hash of the names of the files. */
  readonly name: string;
  /** Files whose identity the value depends on. */
  readonly files: readonly string[];
  /** Texts that it depends on; may throw, and nothing is kept then. */
  readonly texts?: () => readonly string[];
  readonly is: (value: unknown) => value is T;
  readonly folder?: string | undefined;
}

/** The kept value of that name. */
export function kept<T>({ name, files, texts = () => [], is, folder = cacheFolder() }: KeptOptions<T>): Kept<T> {
  // Each installation has a file of its own, or two in turn would find everything out again.
  const path = join(folder, `${name}-${sha256(files.join('\n')).slice(0, 16)}.json`);
  const binding = (): string | null => {
    try {
      return keyOf(name, files, texts());
    } catch {
      return null;
    }
  };
  return {
    binding,
    recall: () => {
      try {
        const { uid, mode } = statSync(path);
        if (uid !== process.getuid?.() || (mode & 0o077) !== 0) return null;
        const entry = JSON.parse(readFileSync(path, 'utf8')) as { readonly key?: unknown; readonly value?: unknown };
        return typeof entry.key === 'string' && entry.key === binding() && is(entry.value) ? entry.value : null;
      } catch {
        return null;
      }
    },
    keep: async (value, key = binding()) => {
      try {
        if (key === null || key !== binding()) return;
        const text = JSON.stringify({ key, value });
        await writeFileAtomic(path, text, { mode: 0o600, durability: 'relaxed' });
      } catch {
        // The next process finds it out again.
      }
    },
    forget: () => rmSync(path, { force: true }),
  };
}

/** Throws when a file is absent: what it depends on cannot be named then. */
function keyOf(name: string, files: readonly string[], texts: readonly string[]): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const identities = files.map((file) => {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [file, dev, ino, size, mtimeNs, ctimeNs].join(':');
  });
  return sha256(JSON.stringify([name, release(), boot, process.getuid?.(), process.version, identities, texts]));
}
