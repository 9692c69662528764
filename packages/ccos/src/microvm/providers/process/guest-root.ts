/**
 * The files of a guest's root that are the same in every launch: M7.6's `/etc` and the system call filter of M9.5. They are built
 * beside the guest's bundle, so that a launch mounts them and writes nothing.
 */
import { join } from 'node:path';
import { seccompFilter, type FilterArch } from './seccomp.ts';

const ETC = {
  passwd: 'root:x:0:0:root:/:/nonexistent\nguest:x:65534:65534:guest:/work:/nonexistent\n',
  group: 'root:x:0:\nguest:x:65534:\n',
  hosts: '127.0.0.1 localhost guest\n::1 localhost guest\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
} as const;

const etcFile = (name: string): string => `etc-${name}`;
const filterFile = (arch: FilterArch): string => `filter-${arch}.bpf`;

/** All of them, by the names that they have in the bundle folder. */
export function guestRootFiles(): readonly (readonly [name: string, bytes: Uint8Array])[] {
  return [
    ...Object.entries(ETC).map(([name, text]) => [etcFile(name), Buffer.from(text)] as const),
    ...(['x64', 'arm64'] as const).map((arch) => [filterFile(arch), seccompFilter(arch)] as const),
  ];
}

/** Where a launch finds them: what is mounted read-only as `/etc`, and the filter. */
export interface GuestRoot {
  readonly entries: readonly (readonly [source: string, destination: string])[];
  readonly filter: string;
}

/** Those of a bundle folder. */
export function guestRoot(bundle: string, arch: FilterArch): GuestRoot {
  return {
    entries: Object.keys(ETC).map((name) => [join(bundle, etcFile(name)), `/etc/${name}`] as const),
    filter: join(bundle, filterFile(arch)),
  };
}
