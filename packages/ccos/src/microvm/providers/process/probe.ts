/** The probe of the process wall (M4.6): a trivial guest through the real path, and what stood in the way where it fails (M16.6). */
import { readFileSync } from 'node:fs';
import { asCcosError } from '../../../foundation/errors.ts';
import type { GuestKit } from '../../launched.ts';
import type { Availability, Check } from '../../provider.ts';
import { trivialRun } from '../../trivial-run.ts';
import { bwrapVersion, findTool } from './tools.ts';

const CONTAINER_REMEDY =
  'start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined, or go on in wasm, which works without';

/** Launches a guest that computes nothing and answers; never throws. */
export async function probeProcess(
  prepare: () => Promise<GuestKit>,
  toolFolders?: readonly string[],
): Promise<Availability> {
  const checks = toolChecks(toolFolders);
  let kit: GuestKit;
  try {
    kit = await prepare();
  } catch (thrown) {
    const error = asCcosError(thrown);
    return {
      available: false,
      reason: String(error.details['reason'] ?? error.message),
      remedy: error.hint ?? 'ccos doctor',
      checks,
    };
  }
  const started = performance.now();
  try {
    const enforcement = await trivialRun(kit);
    const version = (await bwrapVersion(findTool('bwrap', toolFolders)!)).join('.');
    return {
      available: true,
      version,
      startupMs: performance.now() - started,
      enforcement,
      checks: [...checks, { name: 'launch', ok: true, detail: 'a guest started and answered' }],
    };
  } catch (thrown) {
    const error = asCcosError(thrown);
    const cause = namespaceCause(readSetting) ?? { reason: error.message, remedy: 'ccos doctor; wasm works without' };
    return {
      available: false,
      ...cause,
      checks: [...checks, { name: 'launch', ok: false, detail: error.message, remedy: cause.remedy }],
    };
  }
}

function toolChecks(folders?: readonly string[]): Check[] {
  return (['bwrap', 'prlimit', 'setpriv'] as const).map((name) => {
    const path = findTool(name, folders);
    const pkg = name === 'bwrap' ? 'bubblewrap' : 'util-linux';
    return path === null
      ? { name, ok: false, detail: 'not found', remedy: `apt install ${pkg}` }
      : { name, ok: true, detail: path };
  });
}

/** Reads a kernel setting below `/proc/sys`, or null. */
export type SettingReader = (name: string) => string | null;
function readSetting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Why a user namespace is refused, read and not guessed (M16.6), or null where nothing that is known forbids it. */
export function namespaceCause(
  read: SettingReader,
  container: boolean = inContainer(),
): { reason: string; remedy: string } | null {
  const sysctl = (name: string, value: number): string => `sudo sysctl -w ${name}=${value}; wasm works without`;
  if (read('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return {
      reason: 'AppArmor refuses user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)',
      remedy: `install an AppArmor profile for /usr/bin/bwrap with 'userns,' (bwrap-userns-restrict of the package apparmor-profiles), or ${sysctl('kernel.apparmor_restrict_unprivileged_userns', 0)}`,
    };
  }
  if (read('kernel/unprivileged_userns_clone') === '0')
    return {
      reason: 'user namespaces are off (kernel.unprivileged_userns_clone is 0)',
      remedy: sysctl('kernel.unprivileged_userns_clone', 1),
    };
  if (read('user/max_user_namespaces') === '0')
    return {
      reason: 'user namespaces are off (user.max_user_namespaces is 0)',
      remedy: sysctl('user.max_user_namespaces', 10_000),
    };
  return container
    ? {
        reason: 'a container refuses namespaces (its system call filter or its masked /proc)',
        remedy: CONTAINER_REMEDY,
      }
    : null;
}

/** True below a filter that somebody else set, or with parts of `/proc` masked: the marks of a container. */
function inContainer(): boolean {
  try {
    const filtered = /^Seccomp:\s*2$/m.test(readFileSync('/proc/self/status', 'utf8'));
    return (
      filtered ||
      readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .some((line) => / \/proc\/(?:kcore|keys|sys) /.test(line))
    );
  } catch {
    return false;
  }
}
