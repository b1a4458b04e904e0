// Builds the container image as an OCI layout, without a container engine: `npm run image -- FOLDER`.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DebianPackage, debianRoot } from './image/debian-root.ts';
import { compiled, installed, nodeRoot } from './image/files.ts';
import { writeLayer } from './image/layer.ts';
import { writeLayout } from './image/layout.ts';
import { output } from './image/run.ts';
import { billOfMaterials } from './image/sbom.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Name the folder for the image: npm run image -- FOLDER');
  process.exit(2);
}
const out = resolve(folder);
await mkdir(join(out, 'blobs/sha256'), { recursive: true });
const work = await mkdtemp(join(tmpdir(), 'tandem-image-'));
try {
  // Every file has the time of the commit, so that one commit makes one digest.
  const time = Number(
    process.env.SOURCE_DATE_EPOCH ?? (await output('git', 'show', '-s', '--format=%ct', 'HEAD')),
  );
  const revision = (await output('git', 'rev-parse', 'HEAD')).trim();

  const debian: DebianPackage[] = await debianRoot(join(work, 'debian'));
  await installed(join(work, 'modules'));
  await nodeRoot(join(work, 'modules'), join(work, 'node'));
  await compiled(join(work, 'app'));
  const sbom = await billOfMaterials(join(work, 'modules/app'), debian);

  // What changes least comes first: a registry and a machine keep the layers that they have.
  const layers = [];
  for (const name of ['debian', 'node', 'modules', 'app'])
    layers.push(await writeLayer(join(work, name), out, time));
  const digest = await writeLayout(out, layers, { time, revision });
  await writeFile(join(out, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  console.log(`${digest}  ${(bytes / 1e6).toFixed(1)} MB compressed in ${layers.length} layers`);
} finally {
  await rm(work, { recursive: true, force: true });
}
