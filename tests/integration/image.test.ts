import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';

// TANDEM_LONG=1 builds the image twice and runs it; this takes minutes, root, and Debian's umoci and runc.
const long = process.env.TANDEM_LONG === '1';
const run = promisify(execFile);

let folder: string;
let databases: TestDatabases;
const digests: string[] = [];

async function build(layout: string): Promise<string> {
  const { stdout } = await run('npm', ['run', '-s', 'image', '--', layout]);
  return stdout.split(' ')[0] as string;
}

/** Unpacks a layout, and writes how to run it: root read-only, no capability, the network of the machine. */
async function bundle(name: string, settings: Record<string, string>, args?: string[]): Promise<string> {
  const path = join(folder, name);
  await run('umoci', ['unpack', '--image', `${folder}/one:0.1.0`, path]);
  const file = join(path, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  config.root.readonly = true;
  config.process.terminal = false;
  config.process.capabilities = {};
  config.process.env.push(...Object.entries(settings).map(([key, value]) => `${key}=${value}`));
  if (args) config.process.args = [...config.process.args.slice(0, 3), ...args];
  config.linux.namespaces = config.linux.namespaces.filter(
    ({ type }: { type: string }) => type !== 'network',
  );
  for (const [key, value] of Object.entries(settings).filter(([key]) => key.endsWith('_SSL_CA'))) {
    config.mounts.push({ destination: `/run/${key}`, source: value, type: 'none', options: ['bind', 'ro'] });
    config.process.env.push(`${key}=/run/${key}`);
  }
  await writeFile(file, JSON.stringify(config));
  return path;
}

describe.runIf(long)('the image', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-image-test-'));
    databases = await createDatabases();
    for (const name of ['one', 'two']) digests.push(await build(join(folder, name)));
  }, 600_000);
  afterAll(async () => {
    await databases?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('has the same digest each time that one commit is built', () => {
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digests[1]).toBe(digests[0]);
  });

  it('is smaller than 150 MB, and lists its parts', async () => {
    const index = JSON.parse(await readFile(join(folder, 'one/index.json'), 'utf8'));
    const manifest = await blob(index.manifests[0].digest);
    const bytes = manifest.layers.reduce((sum: number, { size }: { size: number }) => sum + size, 0);
    expect(bytes).toBeLessThan(150e6);
    const { components } = JSON.parse(await readFile(join(folder, 'one/sbom.cdx.json'), 'utf8'));
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['libc6', 'mysql2', '@apollo/server', 'graphql']));
    expect(names).not.toContain('vitest');
    expect(names.length).toBeGreaterThan(240);
  });

  it('runs read-only as an account without rights, answers, and ends on SIGTERM', async () => {
    const settings = { ...environmentOf(databases.config), HOST: '127.0.0.1', PORT: '0' };
    const path = await bundle('served', settings);
    const id = `tandem-test-${process.pid}`;
    const child = spawn('runc', ['run', '--bundle', path, id], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    try {
      const lines = createInterface(child.stdout);
      let origin: string | undefined;
      for await (const line of lines) {
        const { url } = JSON.parse(line);
        if (url === undefined) continue;
        origin = new URL(url).origin;
        break;
      }
      const answer = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ patients(source: GCP, first: 1) { totalCount } }' }),
      });
      expect(await answer.json()).toEqual({ data: { patients: { totalCount: expect.any(Number) } } });
      const [pid] = JSON.parse((await run('runc', ['ps', '--format', 'json', id])).stdout);
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t10001\t10001/m);
      expect(status).toMatch(/^CapEff:\t0+$/m);
      await run('runc', ['kill', id, 'TERM']);
      expect((await ended)[0]).toBe(0);
    } finally {
      await run('runc', ['delete', '--force', id]).catch(() => {});
    }
  });

  it('runs the other commands, too', async () => {
    const path = await bundle('migrated', environmentOf(databases.config), ['migrate', 'status']);
    const { stdout } = await run('runc', ['run', '--bundle', path, `tandem-test-migrate-${process.pid}`]);
    expect(stdout).toContain('AZURE');
  });
});

async function blob(digest: string) {
  return JSON.parse(await readFile(join(folder, 'one/blobs', digest.replace(':', '/')), 'utf8'));
}
