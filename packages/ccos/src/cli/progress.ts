/**
 * Progress of a run on stderr, driven by its typed events: line by line without a terminal, with one a live line for the step
 * that is open, nothing with `--quiet` but what the plan itself prints.
 */
import type { RunEvent, RunListener } from '../model/events.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';
import type { Output } from './output.ts';

const CLEAR_LINE = '\r\u001b[K';

/** Makes the listener of one run. */
export function progressOf(output: Output): RunListener {
  const live = output.err.isTTY === true && !output.quiet;
  const width = output.err.columns ?? 80;
  /** True while the terminal's last line is a step that goes on: whatever prints next clears it first. */
  let open = false;
  const clear = (): void => {
    if (open) output.err.write(CLEAR_LINE);
    open = false;
  };
  return (event) => {
    const line = lineOf(event);
    if (line === null) return;
    // What the plan itself prints is no progress: it is shown in any case.
    if (output.quiet && event.type !== 'output') return;
    clear();
    if (live && event.type === 'step-started') {
      output.err.write([...line.trimEnd()].slice(0, width - 1).join(''));
      open = true;
    } else output.err.write(line);
  };
}

/** One event as a line, ended by a newline; null for what needs none. */
function lineOf(event: RunEvent): string | null {
  switch (event.type) {
    case 'notice':
      return `ccos: ${event.text}\n`;
    case 'run-started':
      return `run ${event.runId} in ${event.provider} (${event.isolation})\n`;
    case 'step-started':
      return `${indent(event.depth)}step ${name(event.name)}${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''}\n`;
    case 'step-completed':
      return `${indent(event.depth)}done ${name(event.name)}, ${duration(event.durationMs)}\n`;
    case 'step-failed':
      return `${indent(event.depth)}failed ${name(event.name)}, ${duration(event.durationMs)}: ${name(event.message)}\n`;
    case 'call-denied':
      return `denied ${event.capability}: ${name(event.error.message)}\n`;
    case 'output':
      return event.text;
    case 'run-ended':
      return `run ${event.status}, ${duration(event.durationMs)}\n`;
  }
}

function indent(depth: number): string {
  return '  '.repeat(Math.min(depth, 20));
}

/** A plan's own words on one line, at most 200 characters. */
function name(text: string): string {
  const clean = [...visibleOnOneLine(text)];
  return clean.length > 200 ? `${clean.slice(0, 199).join('')}…` : clean.join('');
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
