/** The entry of `eval`'s worker: the same commands from the same compiled code. */
import { loadCommands } from './load-commands.ts';

void loadCommands('eval').answerJobOfWorker();
