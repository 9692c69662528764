/** Which of the run's grants the guest's mounts hold, and what stands over what must stay hidden (M7.2, S6.4). */
import { lstatSync, type BigIntStats } from 'node:fs';
import { CcosError } from '../../../foundation/errors.ts';
import type { Grant, MicroVMConfig } from '../../../model/program.ts';

/** Who the guest is on the host: never 0 (M20.1). `mapped` when a user namespace maps it, so that it has the caller's rights. */
export interface GuestIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly mapped: boolean;
}

/** The uid of a guest that needs to be nobody in particular. */
export const NOBODY = 65_534;

/** A grant as it is mounted; `identity` is what was there when it was looked at (`device:inode`). */
export interface Bind {
  readonly path: string;
  readonly access: 'read' | 'write';
  readonly identity: string;
}
export interface Hidden {
  readonly path: string;
  readonly kind: 'file' | 'folder';
}
export interface Binds {
  readonly identity: GuestIdentity;
  readonly binds: readonly Bind[];
  readonly hidden: readonly Hidden[];
}

/**
 * Decides who the guest is and what it is given. A root caller's guest is the owner of the first writable folder that an
 * unprivileged user owns, else nobody; a grant which that user cannot serve is left out, and the host serves it by the
 * descriptor walk. Throws `LAUNCH_FAILED` when a granted path is gone or has become a link.
 */
export function planBinds(config: MicroVMConfig, caller: { uid: number; gid: number }): Binds {
  const found = config.grants.map((grant) => ({ grant, status: statusOf(grant) }));
  const owner = found.find(({ grant, status }) => grant.access === 'write' && status.uid !== 0n)?.status;
  const identity: GuestIdentity =
    caller.uid !== 0
      ? { ...caller, mapped: true }
      : owner === undefined
        ? { uid: NOBODY, gid: NOBODY, mapped: false }
        : { uid: Number(owner.uid), gid: Number(owner.gid) || NOBODY, mapped: false };
  const binds = found
    .filter(({ grant, status }) => identity.mapped || serves(identity, grant, status))
    .map(({ grant, status }) => ({ path: grant.path, access: grant.access, identity: `${status.dev}:${status.ino}` }));
  return {
    identity,
    binds: binds.sort(outermostFirst),
    hidden: config.hidden
      .flatMap(hiddenEntry)
      .filter((entry) => binds.some((bind) => entry.path.startsWith(`${bind.path}/`))),
  };
}

/** Looks at the grant's own name without following it: its links were resolved when it was opened (S6.5). */
function statusOf(grant: Grant): BigIntStats {
  const status = lstatSync(grant.path, { bigint: true, throwIfNoEntry: false });
  if (status !== undefined && !status.isSymbolicLink()) return status;
  throw new CcosError(
    'LAUNCH_FAILED',
    `Granted path ${status === undefined ? 'is gone' : 'has become a link'}: ${grant.asWritten}`,
    {
      hint: 'look at the path and run again',
      details: { path: grant.asWritten },
    },
  );
}

/** Writing needs the owner, so that files it makes are theirs; reading needs the mode bits of whoever the guest is. */
function serves(identity: GuestIdentity, { access }: Grant, status: BigIntStats): boolean {
  const owner = Number(status.uid) === identity.uid;
  if (access === 'write' && !owner) return false;
  const shift = owner ? 6 : Number(status.gid) === identity.gid ? 3 : 0;
  const bits = (Number(status.mode) >> shift) & 7;
  const needed = access === 'write' ? (status.isDirectory() ? 7 : 6) : status.isDirectory() ? 5 : 4;
  return (bits & needed) === needed;
}

/** A bind inside another is made after it, or it would be covered. */
function outermostFirst(a: Bind, b: Bind): number {
  return a.path.length - b.path.length;
}

/** What does not exist needs no cover: the run's own folders exist before any guest is launched. */
function hiddenEntry(path: string): Hidden[] {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status === undefined ? [] : [{ path, kind: status.isDirectory() ? 'folder' : 'file' }];
}
