import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directorySize } from '../directory-size.ts';
import { lastOutput, type ProcessOutcome, run } from '../run-process.ts';
import type { ReportProgress } from '../types.ts';
import { serverPackage } from './distribution.ts';
import { aptConfig, aptPaths, parsePrintUris, sourcesFile } from './private-state.ts';

export interface FetchOptions {
  /** An empty directory for lists, archives and the unpacked tree. */
  dir: string;
  architecture: string;
  source: Parameters<typeof sourcesFile>[0];
  env: NodeJS.ProcessEnv;
  report: ReportProgress;
}

/** Fetches a server package with all it needs, as apt checks it, and unpacks it; returns the tree. */
export async function fetchServer(options: FetchOptions): Promise<{ root: string } | { why: string }> {
  const { dir, source, architecture, env, report } = options;
  const paths = aptPaths(dir);
  await mkdir(join(paths.lists, 'partial'), { recursive: true });
  await mkdir(join(paths.archives, 'partial'), { recursive: true });
  await writeFile(paths.status, '');
  await writeFile(paths.config, aptConfig(dir, architecture));
  await writeFile(paths.sources, sourcesFile(source));
  const apt = (command: string, ...args: string[]) =>
    run([command, '-c', paths.config, ...args], {
      env: { ...env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });

  report({ kind: 'fetch', what: `the package list of ${source.suites.join(' and ')}`, done: 0, total: 0 });
  const update = await apt('apt-get', '-o', 'APT::Update::Error-Mode=any', 'update');
  if (update.code !== 0) return failed('apt-get update', update);
  const names = await apt('apt-cache', 'pkgnames', 'mysql-server-core');
  const name = serverPackage(names.stdout.split('\n'));
  if (!name) return { why: `${source.uri} has no mysql-server-core in ${source.suites.join(', ')}` };

  const listed = await apt('apt-get', 'install', '--yes', '--print-uris', name);
  if (listed.code !== 0) return failed(`apt-get install ${name}`, listed);
  const archives = parsePrintUris(listed.stdout);
  const total = archives.reduce((sum, { bytes }) => sum + bytes, 0);
  const what = `${name} and what it needs (${archives.length} packages)`;
  const watch = setInterval(async () => {
    report({ kind: 'fetch', what, done: Math.min(total, await directorySize(paths.archives)), total });
  }, 500);
  const fetched = await apt('apt-get', 'install', '--yes', '--download-only', name).finally(() =>
    clearInterval(watch),
  );
  if (fetched.code !== 0) return failed(`apt-get install --download-only ${name}`, fetched);
  report({ kind: 'fetch', what, done: total, total });
  return unpack(paths.archives, join(dir, 'root'), what, env, report);
}

async function unpack(
  archives: string,
  root: string,
  what: string,
  env: NodeJS.ProcessEnv,
  report: ReportProgress,
) {
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  await mkdir(root);
  for (const [at, file] of files.entries()) {
    const unpacked = await run(['dpkg-deb', '--extract', join(archives, file), root], { env });
    if (unpacked.code !== 0) return failed(`dpkg-deb --extract ${file}`, unpacked);
    await rm(join(archives, file));
    if (at % 10 === 9 || at === files.length - 1) {
      report({ kind: 'unpack', what, done: at + 1, total: files.length });
    }
  }
  return { root };
}

function failed(command: string, outcome: ProcessOutcome): { why: string } {
  return { why: `"${command}" failed: ${lastOutput(outcome, 3)}` };
}
