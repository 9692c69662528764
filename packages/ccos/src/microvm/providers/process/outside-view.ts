/** A running guest seen from the host, before anything runs in it: no outer root, no capabilities, sealed, and given what was meant. */
import { readFileSync, statSync } from 'node:fs';
import { CcosError } from '../../../foundation/errors.ts';
import type { Binds } from './binds.ts';

/** Refuses a guest that is not sealed (M20.1) or whose mounts are not the folders that were looked at (M7.2). Throws `LAUNCH_FAILED`. */
export function checkGuest(pid: number, binds: Binds): void {
  const problem = sealProblem(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? mountProblem(pid, binds);
  if (problem !== null)
    throw new CcosError('LAUNCH_FAILED', `The guest is not what was launched: ${problem}`, {
      hint: 'ccos doctor',
      details: { problem },
    });
}

/** What is wrong with the credentials in a `/proc/PID/status` as the host reads it, or null. */
export function sealProblem(status: string): string | null {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  if (
    field('Uid')
      .split(/\s+/)
      .some((uid) => uid === '0' || uid === '')
  )
    return 'one of its user ids is 0';
  if (!/^0+$/.test(field('CapEff')) || !/^0+$/.test(field('CapPrm'))) return 'it has capabilities';
  if (field('NoNewPrivs') !== '1') return 'it may gain privileges';
  return field('Seccomp') === '2' ? null : 'it has no system call filter';
}

/** A bind whose source was swapped between the look and the mount is another file: it is found by device and inode. */
function mountProblem(pid: number, { binds }: Binds): string | null {
  const wrong = binds.find(({ path, identity }) => {
    const inside = statSync(`/proc/${pid}/root${path}`, { bigint: true, throwIfNoEntry: false });
    return inside === undefined || `${inside.dev}:${inside.ino}` !== identity;
  });
  return wrong === undefined ? null : `${wrong.path} is not the folder or file that was granted`;
}
