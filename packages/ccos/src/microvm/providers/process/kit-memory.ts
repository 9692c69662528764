/**
 * What a launch depends on and what does not change between two starts, kept between processes: bubblewrap's version, the bundle's
 * hash (M15.2) and where groups can be made (M5.3). Making the groups of a guest tries those places anew at each launch.
 */
import { statSync } from 'node:fs';
import { isHash } from '../../../foundation/digest.ts';
import { kept, type Kept } from '../../kept.ts';
import { CONTROLLERS, kernelTables, type Place, type Places } from './cgroups.ts';

/** What was found out. */
export interface KitFacts {
  readonly bwrap: readonly [major: number, minor: number];
  readonly guestHash: string;
  readonly places: Places;
}

/** The memory of a kit: bound to bubblewrap, the bundle, and the kernel's tables of groups and mounts. */
export function kitMemory(bwrap: string, guest: string, folder?: string): Kept<KitFacts> {
  const memory = kept({
    name: 'kit-process',
    files: [bwrap, guest],
    texts: () => {
      const { mounts, self } = kernelTables();
      return [mounts, self];
    },
    is: isFacts,
    folder,
  });
  // A file that others may write can change behind its times (M15.2): it is read and hashed each time.
  const sound = (): boolean => [bwrap, guest].every(isGuarded);
  return {
    ...memory,
    recall: () => (sound() ? memory.recall() : null),
    keep: async (facts, binding) => {
      if (sound()) await memory.keep(facts, binding);
    },
  };
}

/** True for a file of root or the user that nobody else may write. */
function isGuarded(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && (status.uid === 0 || status.uid === process.getuid?.()) && (status.mode & 0o022) === 0;
}

function isFacts(value: unknown): value is KitFacts {
  const { bwrap, guestHash, places } = (value ?? {}) as Partial<KitFacts>;
  return (
    Array.isArray(bwrap) &&
    bwrap.length === 2 &&
    bwrap.every((part) => Number.isSafeInteger(part)) &&
    isHash(guestHash) &&
    typeof places === 'object' &&
    places !== null &&
    Object.entries(places).every(([name, place]) => (CONTROLLERS as readonly string[]).includes(name) && isPlace(place))
  );
}

function isPlace(value: unknown): value is Place {
  const { version, folder } = (value ?? {}) as Partial<Place>;
  return (version === 1 || version === 2) && typeof folder === 'string' && folder.startsWith('/');
}
