import { configure } from '@mikro-orm/cli';

// MikroORM's own CLI, as its `cli.js` runs it, for one command after another: each message is the arguments of one.
const said = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr']) {
  process[name].write = (text) => {
    said[name] += text;
    return true;
  };
}

process.on('message', async (args) => {
  const cli = await configure();
  await cli.parse(args);
  process.send({ code: process.exitCode ?? 0, ...said });
  Object.assign(said, { stdout: '', stderr: '' });
  process.exitCode = 0;
});
// A command that fails ends the process, as it ends `cli.js`.
process.on('exit', (code) => {
  if (process.connected) process.send({ code, ...said });
});
