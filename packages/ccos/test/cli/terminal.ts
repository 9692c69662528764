/** A real terminal for tests: tmux holds it, keys go in, and what a person would see comes out. */
import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { CLI } from './harness.ts';

const PATIENCE_MS = 20_000;

/** Whether tmux is here; under CI it must be. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0 || process.env['CI'] === 'true';

let count = 0;

/** `ccos ARGS…` in a terminal of 100 columns. */
export class Terminal {
  readonly #socket = `ccos-test-${process.pid}-${++count}`;

  constructor(args: readonly string[], options: { readonly cwd: string; readonly state: string }) {
    const env = ['env', `XDG_STATE_HOME=${options.state}`, 'TERM=screen'];
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '100',
      '-y',
      '50',
      '-c',
      options.cwd,
      '--',
      ...env,
      process.execPath,
      CLI,
      ...args,
    );
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Types text, key by key. */
  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  /** Presses a key by its tmux name: `Enter`, `Up`, `Tab`, `C-c`. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** What is on the screen and above it, without empty lines at the end. */
  screen(): string {
    return this.#tmux('capture-pane', '-p', '-S', '-500').trimEnd();
  }

  /** Waits until the screen ends as expected. Throws with the screen when it does not. */
  async shows(ending: string | RegExp): Promise<string> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = this.screen();
      if (typeof ending === 'string' ? screen.endsWith(ending) : ending.test(screen)) return screen;
      if (performance.now() > until) throw new Error(`the screen does not end with ${String(ending)}:\n${screen}`);
      await pause(30);
    }
  }

  /** Waits until the program has left. */
  async leaves(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (spawnSync('tmux', ['-L', this.#socket, 'has-session']).status === 0) {
      if (performance.now() > until) throw new Error(`it does not leave:\n${this.screen()}`);
      await pause(30);
    }
  }

  /** Ends the terminal and what runs in it. */
  end(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }
}
