/**
 * A guest that is the attacker: it answers the handshake like the real one, then runs the source it is given as JavaScript with all
 * that Node has. Only tests launch it. The source is the body of an async function of (fs, attempt, channel); what it returns is the
 * run's value.
 */
const fs = require('node:fs');
let id = 0;
const send = (t, body) => fs.writeSync(3, `${JSON.stringify({ v: 1, id: id++, t, ...body })}\n`);
const digest = `sha256:${require('node:crypto').hash('sha256', fs.readFileSync(__filename), 'hex')}`;

/** What an attempt gave: `open` and the text, or the error's code. */
function attempt(act) {
  try {
    const got = act();
    return `open ${typeof got === 'string' ? got.slice(0, 60) : ''}`.trim();
  } catch (error) {
    return error.code ?? error.message;
  }
}

let text = '';
const chunk = Buffer.alloc(65536);
function receive() {
  for (;;) {
    const end = text.indexOf('\n');
    if (end >= 0) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return JSON.parse(line);
    }
    const count = fs.readSync(3, chunk, 0, chunk.length, null);
    if (count === 0) process.exit(0);
    text += chunk.toString('utf8', 0, count);
  }
}

async function main() {
  const hello = receive();
  send('ready', { protocol: 1, nonce: hello.nonce, guest: digest, runtime: 'hostile', features: [] });
  const { run, program } = receive();
  const AsyncFunction = (async () => {}).constructor;
  const value = await new AsyncFunction('fs', 'attempt', 'channel', 'require', program.source)(
    fs,
    attempt,
    { run, send, receive },
    require,
  );
  send('result', { run, ok: true, value: value ?? null });
  receive();
  process.exit(0);
}
main().catch((error) => {
  fs.writeSync(2, String(error.stack));
  process.exit(70);
});
