import { tracingChannel } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';

// Loaded into a process of its own: kills it as `kill -9` does, before it sends the statement of this number to this port that changes
// something. The last line on stderr tells which one that was.
const { KILL_AT, KILL_PORT } = process.env;
let sent = 0;
const record = {
  start({ query, serverPort }) {
    if (serverPort !== Number(KILL_PORT) || /^\s*(select|show|set session|kill)\b/i.test(query)) return;
    sent += 1;
    if (sent !== Number(KILL_AT)) return;
    writeSync(2, `killed before ${query}\n`);
    process.kill(process.pid, 'SIGKILL');
  },
};
for (const name of ['mysql2:query', 'mysql2:execute']) tracingChannel(name).subscribe(record);
