import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { resetLocal } from '../../src/local/local-pair.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { built } from '../helpers/run-command-line.ts';

it('the demo makes its tables and patients in databases of its own, whatever settings and .env name', async () => {
  await using databases = await createDatabases({ migrated: false });
  const folder = mkdtempSync(join(tmpdir(), 'tandem-demo-'));
  const given = Object.entries(environmentOf(databases.config));
  const inFile = given.filter(([name]) => name.startsWith('GCP_'));
  writeFileSync(join(folder, '.env'), inFile.map(([name, value]) => `${name}="${value}"`).join('\n'));
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  const fromEnvironment = Object.fromEntries(given.filter(([name]) => name.startsWith('AZURE_')));
  const child = spawn(process.execPath, [built('src/cli.ts'), 'demo', '--patients', '3'], {
    cwd: folder,
    env: { PATH, HOME, XDG_CACHE_HOME, NO_COLOR: '1', PORT: '0', ...fromEnvironment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    let said = '';
    for await (const text of child.stderr.setEncoding('utf8')) {
      said += text;
      if (said.includes('Ready in')) break;
    }
    expect(said).toContain('those that AZURE_DB_HOST and GCP_DB_HOST name are left alone');
    expect(said).toMatch(/azure +4 migration\(s\) applied; 3 patients/);
    for (const database of Object.values(databases.config.databases)) {
      const connection = await connect(database);
      const [tables] = await connection.query('show tables');
      connection.destroy();
      expect(tables).toEqual([]);
    }
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    await resetLocal(join(inject('build'), '.tandem'));
    rmSync(folder, { recursive: true });
  }
});
