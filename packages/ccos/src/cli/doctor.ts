/** `ccos doctor` (M16.4): what this machine can isolate with, what it checked, and what to do where it cannot. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ERRORS, errnoOf } from '../foundation/errors.ts';
import type { Availability, Check, MicroVMProvider } from '../microvm/provider.ts';
import { createFactory } from '../microvm/providers/index.ts';
import { wasmProvider } from '../microvm/providers/wasm/provider.ts';
import { isolationRank, type IsolationKind, type ProviderName } from '../model/isolation.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import type { Output } from './output.ts';

/** Less than this is enough for a record, and not for the files of a plan. */
const DISK_BYTES_MIN = 64 * 1024 * 1024;

type ProviderReport = { readonly name: ProviderName; readonly isolation: IsolationKind } & Availability;

/** What `--json` prints. `ready`: the main job can run. */
interface DoctorReport {
  readonly ready: boolean;
  readonly providers: readonly ProviderReport[];
  readonly checks: readonly Check[];
}

/** Probes every provider by a real launch and looks at the state folder; makes nothing there. */
async function examine(providers: readonly MicroVMProvider[], home: string): Promise<DoctorReport> {
  const reports = await Promise.all(
    providers.map(async (provider): Promise<ProviderReport> => ({
      name: provider.name,
      isolation: provider.isolation,
      ...(await provider.probe()),
    })),
  );
  const checks = [checkWritable(home), checkDisk(home)];
  const walled = reports.some(
    ({ available, isolation }) => available && isolationRank(isolation) >= isolationRank('wasm'),
  );
  return { ready: walled && checks.every(({ ok }) => ok), providers: reports, checks };
}

/** Exit 0 when the main job can run, else 7. */
export const doctor: Run = async ({ options, output }) => {
  const factory = createFactory(wasmProvider());
  try {
    const report = await examine(factory.listProviders(), homeOf(options));
    if (output.json) output.document(report);
    else printReport(report, output);
    return report.ready ? 0 : ERRORS.ISOLATION_UNAVAILABLE.exit;
  } finally {
    await factory.cleanupAll();
  }
};

function printReport(report: DoctorReport, output: Output): void {
  for (const provider of report.providers) {
    output.line(`${provider.name.padEnd(12)} ${provider.isolation.padEnd(12)} ${verdict(provider)}`);
    if (!provider.available) output.line(`${' '.repeat(26)}${provider.remedy}`);
    for (const check of provider.checks) printCheck(check, output);
  }
  for (const check of report.checks) printCheck(check, output);
  output.line(
    report.ready ? 'ready: plans can run behind a wall here' : 'not ready: no plan can run behind a wall here',
  );
}

function verdict(provider: ProviderReport): string {
  return provider.available
    ? `available, ${provider.version}, starts in ${Math.round(provider.startupMs)} ms`
    : `not available: ${provider.reason}`;
}

function printCheck(check: Check, output: Output): void {
  output.line(
    `  ${check.ok ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}${check.ok || check.remedy === undefined ? '' : ` -> ${check.remedy}`}`,
  );
}

/** The folder itself, or the nearest that is there: it would hold the state folder. */
function standing(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function checkWritable(home: string): Check {
  const name = 'state folder';
  try {
    accessSync(standing(home), constants.R_OK | constants.W_OK | constants.X_OK);
    return { name, ok: true, detail: existsSync(home) ? `${home} can be written` : `${home} can be made` };
  } catch (error) {
    return {
      name,
      ok: false,
      detail: `${standing(home)} cannot be written (${errnoOf(error)})`,
      remedy: 'name another folder: --home DIR',
    };
  }
}

function checkDisk(home: string): Check {
  const { bavail, bsize } = statfsSync(standing(home));
  const free = bavail * bsize;
  const detail = `${Math.floor(free / 1024 / 1024).toLocaleString('en-US')} MB free`;
  return free >= DISK_BYTES_MIN
    ? { name: 'disk', ok: true, detail }
    : { name: 'disk', ok: false, detail, remedy: 'free at least 64 MB' };
}
