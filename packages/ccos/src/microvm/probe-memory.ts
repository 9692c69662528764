/**
 * The last probe that passed, kept between processes (M4.6): a probe launches a guest, which would double the time of a short run.
 * It is bound to the boot, the kernel, the caller and the very files that were launched. Only a pass is kept, a launch that
 * fails forgets it, and a launch checks its guest anew in any case: what is kept saves time and grants nothing.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { cacheFolder } from '../foundation/cache-folder.ts';
import { sha256 } from '../foundation/digest.ts';
import type { Availability } from './provider.ts';

type Available = Extract<Availability, { available: true }>;

/** Where a provider's last pass is kept. */
export interface ProbeMemory {
  /** The kept answer, or null: there is none, it is of another boot or other files, or it is not ours. */
  recall(): Available | null;
  /** Keeps a pass; a folder that cannot be written keeps nothing. */
  keep(answer: Available): Promise<void>;
  forget(): void;
}

/** The memory of one provider. `files` are those whose identity the answer depends on. */
export function probeMemory(name: string, files: readonly string[], folder: string = cacheFolder()): ProbeMemory {
  const path = join(folder, `probe-${name}.json`);
  return {
    recall: () => {
      try {
        const { uid, mode } = statSync(path);
        if (uid !== process.getuid?.() || (mode & 0o077) !== 0) return null;
        const kept = JSON.parse(readFileSync(path, 'utf8')) as { readonly key?: unknown; readonly answer?: unknown };
        return kept.key === keyOf(name, files) && isAvailable(kept.answer) ? kept.answer : null;
      } catch {
        return null;
      }
    },
    keep: async (answer) => {
      try {
        const text = JSON.stringify({ key: keyOf(name, files), answer });
        await writeFileAtomic(path, text, { mode: 0o600, durability: 'relaxed' });
      } catch {
        // The next process probes again.
      }
    },
    forget: () => rmSync(path, { force: true }),
  };
}

/** Throws when a file is absent: what it depends on cannot be named then. */
function keyOf(name: string, files: readonly string[]): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const identities = files.map((file) => {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [file, dev, ino, size, mtimeNs, ctimeNs].join(':');
  });
  return sha256(JSON.stringify([name, release(), boot, process.getuid?.(), process.version, ...identities]));
}

function isAvailable(answer: unknown): answer is Available {
  const { available, version, startupMs, enforcement, checks } = (answer ?? {}) as Partial<Available>;
  return (
    available === true &&
    typeof version === 'string' &&
    typeof startupMs === 'number' &&
    typeof enforcement === 'object' &&
    Array.isArray(checks)
  );
}
