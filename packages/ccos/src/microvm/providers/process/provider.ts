/** The process provider (M9): bubblewrap, namespaces, seccomp, cgroups or rlimits around Node with the guest bundle. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleFolder } from '../../../foundation/bundle-path.ts';
import { sha256 } from '../../../foundation/digest.ts';
import { CcosError } from '../../../foundation/errors.ts';
import { probeMemory, type ProbeMemory } from '../../probe-memory.ts';
import { GuestProvider } from '../../guest-provider.ts';
import type { GuestKit } from '../../launched.ts';
import { cacheName } from '../../../guest/wrapped.ts';
import { findPlaces, sweepGroups } from './cgroups.ts';
import { guestRoot } from './guest-root.ts';
import { kitMemory, type KitFacts } from './kit-memory.ts';
import { ProcessLauncher } from './launcher.ts';
import { probeProcess } from './probe.ts';
import { bwrapVersion, findTools, realBinary } from './tools.ts';

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    timeout: { type: 'integer', minimum: 1, maximum: 3600, default: 30 },
    memory_limit_mb: { type: 'integer', minimum: 1, maximum: 8192, default: 512 },
  },
} as const;

/** Where the provider finds its parts; the defaults are the machine's own. */
export interface ProcessOptions {
  /** Folders in which bubblewrap and the other tools are looked up. */
  readonly toolFolders?: readonly string[];
  /** The guest's file; the built bundle. */
  readonly guest?: string;
  readonly maxConcurrent?: number;
  /** Keeps a passed probe for the next process (M4.6). */
  readonly remember?: boolean;
}

/** A provider that is not initialised yet. */
export function processProvider(options: ProcessOptions = {}): GuestProvider {
  const prepare = (): Promise<GuestKit> => processKit(options);
  const memory = options.remember === true ? processMemory(options) : null;
  return new GuestProvider({
    name: 'process',
    isolation: 'namespace',
    schema: SCHEMA,
    prepare,
    probe: () => probeProcess(prepare, options.toolFolders),
    image: { reason: 'no image' },
    exitCode: ({ code }) => (code === null ? { reason: 'the guest was ended by a signal' } : { value: code }),
    ...(memory === null ? {} : { memory }),
    ...(options.maxConcurrent === undefined ? {} : { maxConcurrent: options.maxConcurrent }),
  });
}

/** What a probe depends on: the tools, Node and the guest's file. Null where a tool is missing: there is nothing to know then. */
function processMemory({ toolFolders, guest = join(bundleFolder(), 'guest.cjs') }: ProcessOptions): ProbeMemory | null {
  const found = findTools(process.getuid?.() ?? -1, toolFolders);
  if ('missing' in found) return null;
  const { bwrap, prlimit, setpriv } = found.tools;
  const probe = probeMemory('process', [
    bwrap,
    prlimit,
    ...(setpriv === null ? [] : [setpriv]),
    process.execPath,
    guest,
  ]);
  return {
    ...probe,
    forget: () => {
      probe.forget();
      kitMemory(bwrap, guest).forget();
    },
  };
}

/** Finds tools, Node, the bundle and the cgroups. Throws `PROVIDER_UNAVAILABLE` for what is missing. */
export async function processKit({
  toolFolders,
  guest = join(bundleFolder(), 'guest.cjs'),
  remember = false,
}: ProcessOptions): Promise<GuestKit> {
  const caller = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  const { arch } = process;
  if (process.platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64'))
    throw unavailable(`not on ${process.platform} ${arch}`, 'use --provider wasm');
  const found = findTools(caller.uid, toolFolders);
  if ('missing' in found) throw unavailable(`${found.missing.name} not found`, found.missing.remedy);
  const {
    bwrap: [major, minor],
    guestHash,
    places,
  } = await factsOf(found.tools.bwrap, guest, remember);
  if (major === 0 && minor < 6)
    throw unavailable(`bubblewrap ${major}.${minor} is older than 0.6`, 'install bubblewrap 0.6 or newer');
  sweepGroups(places);
  const launcher = new ProcessLauncher({
    tools: found.tools,
    disableUserns: major > 0 || minor >= 8,
    places,
    node: realBinary(process.execPath),
    guest,
    root: guestRoot(bundleFolder(), arch),
    caller,
    cached: cachedBeside(guest, guestHash),
  });
  return { launcher, guestDigest: `sha256:${guestHash}` };
}

/** What was kept, or what is found out now. */
async function factsOf(bwrap: string, guest: string, remember: boolean): Promise<KitFacts> {
  const memory = remember ? kitMemory(bwrap, guest) : null;
  const known = memory?.recall() ?? null;
  if (known !== null) return known;
  const binding = memory?.binding();
  const facts = { bwrap: await bwrapVersion(bwrap), guestHash: sha256(readGuest(guest)), places: findPlaces() };
  await memory?.keep(facts, binding);
  return facts;
}

/** The code cache that the build made of this very bundle, or nothing: the bundle runs without. */
function cachedBeside(guest: string, guestHash: string): { boot: string; cache: string } | undefined {
  const [boot, cache] = [join(dirname(guest), 'guest-boot.cjs'), join(dirname(guest), cacheName(guestHash))];
  return existsSync(boot) && existsSync(cache) ? { boot, cache } : undefined;
}

function readGuest(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CcosError('PROVIDER_UNAVAILABLE', `The guest bundle is missing: ${path}`, {
      cause,
      hint: 'build it: npm run build',
      details: { reason: 'the guest bundle is missing' },
    });
  }
}

function unavailable(reason: string, remedy: string): CcosError {
  return new CcosError('PROVIDER_UNAVAILABLE', `MicroVM provider 'process' not available: ${reason}`, {
    hint: remedy,
    details: { provider: 'process', reason },
  });
}
