/** The entry of the process in which `eval` computes: the same commands from the same compiled code. */
import { loadCommands } from './load-commands.ts';

void loadCommands('eval').answerJobOfProcess();
