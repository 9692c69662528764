/**
 * A process that works on an archive until it is killed. Prints a line for each promise that it was given. Arguments: folder, workload,
 * fault as JSON or `null`.
 */
import fs from 'node:fs';
import { work, type WorkloadName } from './archive-workloads.ts';
import { faultyFiles, type Fault } from './faulty-files.ts';

const [folder = '', workload = '', faultText = 'null'] = process.argv.slice(2);
const { files, count } = faultyFiles(JSON.parse(faultText) as Fault | null);
// Straight to the descriptor: a promise that was printed is known even if the next thing is the end.
const say = (line: string): void => {
  fs.writeSync(1, `${line}\n`);
};
work(workload as WorkloadName, folder, files, (what, hash) => say(`${what} ${hash}`)).then(
  () => say(`calls ${count()}`),
  (error: unknown) => say(`error ${(error as { code?: string }).code ?? String(error)}`),
);
