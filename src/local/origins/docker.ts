import { parseVersion } from '../mysqld/version.ts';
import { lastOutput, run } from '../run-process.ts';
import { findExecutables, searchPath } from '../which.ts';
import type { Attempt, Search } from './attempt.ts';

const IMAGE = 'mysql:8.4';

/** A Docker engine that answers and has the image, or can pull it; a client alone is not enough. */
export async function findDocker({ env, report }: Search): Promise<Attempt> {
  const [client] = findExecutables(['docker'], searchPath(env));
  if (!client) return { why: 'no "docker" on the PATH' };
  const info = await run([client, 'info', '--format', '{{.ServerVersion}}'], { env, timeout: 15_000 });
  if (info.code !== 0) return { why: `"docker info" failed: ${lastOutput(info, 1)}` };
  const present = await run([client, 'image', 'inspect', IMAGE], { env, timeout: 15_000 });
  if (present.code !== 0) {
    report({ kind: 'fetch', what: `the image ${IMAGE}`, done: 0, total: 0 });
    const pull = await run([client, 'pull', '--quiet', IMAGE], { env });
    if (pull.code !== 0) return { why: `"docker pull ${IMAGE}" failed: ${lastOutput(pull, 2)}` };
  }
  const asked = await run([client, 'run', '--rm', '--entrypoint', 'mysqld', IMAGE, '--version'], { env });
  const version = parseVersion(asked.stdout);
  if (version === null) return { why: `${IMAGE} did not say its version: ${lastOutput(asked, 2)}` };
  return { program: { origin: 'docker', kind: 'docker', client, image: IMAGE, version } };
}
