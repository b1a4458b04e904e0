import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { USER } from './debian-root.ts';
import type { Layer } from './layer.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';

/** Node's names of architectures, in Go's words, as the specification wants them. */
const ARCHITECTURE: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Asks the server itself: the image has no shell and no curl. Engines that follow Docker read it. */
const HEALTH = `fetch('http://127.0.0.1:'+(process.env.PORT||4000)+'/livez').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))`;

const node = '/usr/local/bin/node';

/** How the image runs; the Containerfile says the same. */
export const runConfig = {
  User: `${USER}:${USER}`,
  ExposedPorts: { '4000/tcp': {} },
  Env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
  Entrypoint: [node, '--max-semi-space-size=8', '/app/dist/src/cli.js'],
  Cmd: ['serve'],
  WorkingDir: '/app',
  StopSignal: 'SIGTERM',
  Healthcheck: { Test: ['CMD', node, '-e', HEALTH], Interval: 10e9, Timeout: 3e9 },
};

/** Writes configuration, manifest and index; returns the manifest's digest, by which a registry knows the image. */
export async function writeLayout(
  layout: string,
  layers: readonly Layer[],
  { time, revision }: { time: number; revision: string },
): Promise<string> {
  const { version, description, license } = JSON.parse(await readFile('package.json', 'utf8'));
  const platform = { architecture: ARCHITECTURE[process.arch], os: 'linux' };
  const config = await blob(layout, CONFIG, {
    created: new Date(time * 1000).toISOString(),
    ...platform,
    config: {
      ...runConfig,
      Labels: {
        'org.opencontainers.image.title': 'tandem',
        'org.opencontainers.image.description': description,
        'org.opencontainers.image.licenses': license,
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.revision': revision,
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = await blob(layout, MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const entry = { ...manifest, platform, annotations: { 'org.opencontainers.image.ref.name': version } };
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [entry] };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return manifest.digest;
}

async function blob(layout: string, mediaType: string, content: object) {
  const text = JSON.stringify(content);
  const hex = createHash('sha256').update(text).digest('hex');
  await writeFile(join(layout, 'blobs/sha256', hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}
