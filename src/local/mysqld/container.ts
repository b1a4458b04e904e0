import { createHash } from 'node:crypto';
import type { SourceName } from '../../source-name.ts';
import { run } from '../run-process.ts';

/** One name a home and cloud, so that a later start finds the container and never starts a second one. */
export function containerName(home: string, source: SourceName): string {
  const mark = createHash('sha256').update(home).digest('hex').slice(0, 8);
  return `tandem-${mark}-${source.toLowerCase()}`;
}

export async function isContainerRunning(client: string, name: string): Promise<boolean> {
  const { code, stdout } = await run([client, 'inspect', '--format', '{{.State.Running}}', name], {
    timeout: 10_000,
  });
  return code === 0 && stdout.trim() === 'true';
}

/** Clears away a container that a crash left behind under this name. */
export async function removeContainer(client: string, name: string): Promise<void> {
  await run([client, 'rm', '--force', name], { timeout: 60_000 });
}

/** `docker stop` sends SIGTERM and waits; `--rm` then removes the container. */
export async function stopContainer(client: string, name: string): Promise<void> {
  await run([client, 'stop', '--time', '20', name], { timeout: 60_000 });
}
