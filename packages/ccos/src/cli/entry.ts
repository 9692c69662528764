/** The entry of `ccos`: `ccos --version` costs little more than starting Node, everything else loads the commands. */
import { loadCommands } from './load-commands.ts';
import { VERSION } from './version.ts';

const words = process.argv.slice(2);
if (words.length === 1 && words[0] === '--version') process.stdout.write(`ccos ${VERSION}\n`);
else {
  void loadCommands(words[0] === 'eval' ? 'eval' : 'run')
    .main(words)
    .then((code) => {
      // The code is set, not the process ended, so that what was printed into a pipe still reaches its reader.
      process.exitCode = code;
    });
}
