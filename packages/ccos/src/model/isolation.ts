/** The kinds of wall and who builds them (M3). */

/** Kinds of wall, weakest first; the index is the rank of M3. */
export const ISOLATION_KINDS = ['none', 'wasm', 'namespace', 'user-kernel', 'vm'] as const;
export type IsolationKind = (typeof ISOLATION_KINDS)[number];

/** Every provider, in the order in which `auto` and `listProviders` know them. */
export const PROVIDER_NAMES = ['mock', 'wasm', 'process', 'gvisor', 'firecracker', 'qemu'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** The rank of a wall: 0 for none, 4 for a virtual machine. */
export function isolationRank(kind: IsolationKind): number {
  return ISOLATION_KINDS.indexOf(kind);
}

/** The stronger of two walls (S2.6). */
export function strongerIsolation(a: IsolationKind, b: IsolationKind): IsolationKind {
  return isolationRank(a) >= isolationRank(b) ? a : b;
}

/** The weakest wall that may run a plan (M4.4): RTFS needs wasm, more where the context says so. */
export function planFloor(stated: IsolationKind | null): IsolationKind {
  return strongerIsolation('wasm', stated ?? 'none');
}
