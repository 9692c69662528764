/** Which walls this machine has, asked of the product itself, and how a test hides bubblewrap without any switch in it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CLI } from './harness.ts';

interface ProviderReport { readonly name: string; readonly available: boolean; readonly reason?: string }

function askDoctor(): Record<string, ProviderReport> {
  const doctor = spawnSync(process.execPath, [CLI, 'doctor', '--json', '--home', '.ccos'], { encoding: 'utf8', cwd: '/' });
  const providers = (JSON.parse(doctor.stdout) as { providers: ProviderReport[] }).providers;
  return Object.fromEntries(providers.map((provider) => [provider.name, provider]));
}

const report = askDoctor();

/** The walls of this machine. In CI a missing one is a failure, elsewhere its tests are skipped by name. */
export const wall = { process: report['process']!, wasm: report['wasm']! };
if (process.env['CI'] === 'true' && !wall.process.available) {
  throw new Error(`CI has no process wall: ${wall.process.reason ?? 'no reason'}`);
}

/**
 * A command in front of `ccos` that covers bubblewrap in a mount namespace of its own: for that process there is none. Null
 * where the machine refuses such a namespace.
 */
export const hideBubblewrap: readonly string[] | null = (() => {
  const paths = ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap'].filter((path) => existsSync(path));
  const cover = paths.map((path) => `mount --bind /dev/null ${path}`).join(' && ') || 'true';
  const prefix = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), 'sh', '-c', `${cover} && exec "$@"`, 'sh'];
  return spawnSync(prefix[0]!, [...prefix.slice(1), 'true']).status === 0 ? prefix : null;
})();
