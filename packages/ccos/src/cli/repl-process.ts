/**
 * The process in which `ccos repl` computes: it keeps the language loaded and the kept forms read. Both can be had again: a process
 * that was ended takes nothing with it.
 */
import { allNames, answerReplJob, readKept, type Kept, type ReplJob, type ReplQuestion } from './repl-job.ts';

const kept: Kept[] = [];

function answer(asked: ReplJob | ReplQuestion): unknown {
  if (asked.kind === 'names') return allNames();
  kept.push(...asked.added.map(readKept));
  return answerReplJob(asked, kept);
}

process.once('disconnect', () => process.exit());
process.on('message', (asked) => process.send?.(answer(asked as ReplJob | ReplQuestion)));
