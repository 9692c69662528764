/** Which walls this machine has, asked of the product itself, and how a test hides bubblewrap without any switch in it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CLI } from './harness.ts';

interface ProviderReport {
  readonly name: string;
  readonly available: boolean;
  readonly reason?: string;
}

function askDoctor(): Record<string, ProviderReport> {
  const doctor = spawnSync(process.execPath, [CLI, 'doctor', '--json', '--home', '.ccos'], {
    encoding: 'utf8',
    cwd: '/',
  });
  const providers = (JSON.parse(doctor.stdout) as { providers: ProviderReport[] }).providers;
  return Object.fromEntries(providers.map((provider) => [provider.name, provider]));
}

const report = askDoctor();

/** The walls of this machine. In CI a missing one is a failure, elsewhere its tests are skipped by name. */
export const wall = { process: report['process']!, wasm: report['wasm']! };
if (process.env['CI'] === 'true' && !wall.process.available) {
  throw new Error(`CI has no process wall: ${wall.process.reason ?? 'no reason'}`);
}

/** A command in front of `ccos` that first does something in a mount namespace of its own. */
function inMountNamespace(script: string): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return ['unshare', '--mount', ...user, 'sh', '-c', `${script} && exec "$@"`, 'sh'];
}

/** Whether the machine lets these tests have a mount namespace. */
const namespaces = ((): boolean => {
  const [file = '', ...args] = inMountNamespace('mount -t tmpfs tmpfs /mnt');
  return spawnSync(file, [...args, 'true']).status === 0;
})();

/** Covers bubblewrap: for that process there is none. Null where the machine refuses a mount namespace. */
export const hideBubblewrap: readonly string[] | null = namespaces
  ? inMountNamespace(
      ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap']
        .filter((path) => existsSync(path))
        .map((path) => `mount --bind /dev/null ${path}`)
        .join(' && ') || 'true',
    )
  : null;

/** Puts a file system of so many kilobytes on a folder below the working folder, for that process alone; null as above. */
export function smallDiskOn(folder: string, kilobytes: number): readonly string[] | null {
  const mount = `mkdir -p ${folder} && mount -t tmpfs -o size=${kilobytes}k,mode=700 tmpfs ${folder}`;
  return namespaces ? inMountNamespace(mount) : null;
}
