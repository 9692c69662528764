/** The peers' packages, which stand in `bench/package.json` and a lock file of its own. */
import { spawnSync } from 'node:child_process';

/** Installs them, and says so; gives the reason when they cannot be installed. */
export function installPeers(): string | null {
  process.stdout.write('installing the peers of bench/package-lock.json (npm install --no-save)\n');
  // Not `npm ci`: it refuses a lock file without the optional packages of other platforms.
  const done = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return done.status === 0 ? null : `npm install failed: ${done.error?.message ?? done.stderr.trim()}`;
}
