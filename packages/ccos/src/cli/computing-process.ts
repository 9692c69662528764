/**
 * A process of its own for computing: an engine that runs out of memory may end its whole process, so what a text can do to it must
 * not be done to the command. It has a large stack, a heap ceiling, no environment, and ends with whoever started it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { bundleFolder } from '../foundation/bundle-path.ts';
import { CcosError } from '../foundation/errors.ts';

/** The engine's stack needs room that the system's must have: 64 MB for 10,000 frames of a program (R17.5) where it may be had. */
const START = `if ulimit -s 66000 2>/dev/null; then stack=60000; else stack=900; fi
exec "$1" "--stack-size=$stack" "--max-old-space-size=$2" "$3"`;

/** How a process ended that was not asked to. */
export type Death = 'memory' | CcosError;

/** A process that computes. It answers messages one after the other, in structured clones. */
export interface ComputingProcess {
  send(message: object): void;
  /** Ends it, whatever it is doing. Resolves when it is gone. */
  end(): Promise<void>;
}

/** Starts `bundle/FILE` with a heap of so many megabytes. `onDeath` is not called once `end` was. */
export function startComputing(
  file: string,
  memoryMb: number,
  on: { readonly answer: (answer: unknown) => void; readonly death: (death: Death) => void },
): ComputingProcess {
  const words = ['-c', START, 'ccos', process.execPath, String(Math.ceil(memoryMb)), join(bundleFolder(), file)];
  const child = spawn('/bin/sh', words, {
    env: {},
    // Ctrl-C in a terminal is the command's to handle.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let isEnding = false;
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < SAID_MAX) said += text;
  });
  child.on('message', on.answer);
  child.on('error', (error) => on.death(new CcosError('LAUNCH_FAILED', 'Cannot start a process', { cause: error })));
  const gone = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      if (!isEnding) on.death(deathOf(code, signal, said));
      resolve();
    });
  });
  return {
    send: (message) => void child.send(message, ignoreLost),
    end: () => {
      isEnding = true;
      kill(child);
      return gone;
    },
  };
}

/** Of what an engine says while it dies, so much is kept. */
const SAID_MAX = 4096;

function kill(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}

/** A message to a process that died meanwhile: its death says more. */
function ignoreLost(): void {}

/** V8 ends itself at its own limit: with status 134, SIGABRT or SIGTRAP, and says so (M5.1). */
function deathOf(code: number | null, signal: string | null, said: string): Death {
  if (/heap out of memory|Allocation failed/.test(said)) return 'memory';
  return new CcosError('GUEST_CRASH', `The process that computes ended with ${signal ?? `exit code ${code}`}`, {
    details: { exitCode: code, signal, stderr: said },
  });
}
