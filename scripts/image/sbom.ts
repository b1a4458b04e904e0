import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianPackage } from './debian-root.ts';
import { outputIn } from './run.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

/**
 * The image's parts, in CycloneDX: npm's own list of what is installed, with Debian's packages.
 * https://cyclonedx.org/docs/1.5/json/
 */
export async function billOfMaterials(app: string, debian: readonly DebianPackage[]): Promise<object> {
  // `npm sbom --omit=dev` (npm 11) leaves out what a development dependency needs, too, such as graphql.
  // It refuses a list where a development dependency wants another peer than there is: so it looks at no peers.
  const all = JSON.parse(
    await outputIn(
      app,
      'npm',
      'sbom',
      '--sbom-format=cyclonedx',
      '--package-lock-only',
      '--legacy-peer-deps',
    ),
  );
  const { packages } = JSON.parse(await readFile(join(app, 'node_modules/.package-lock.json'), 'utf8'));
  const present = new Set(
    Object.entries(packages as Record<string, { version: string }>).map(
      ([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`,
    ),
  );
  const installed = (all.components as Component[]).filter(({ name, version }) =>
    present.has(`${name}@${version}`),
  );
  const refs = new Set([all.metadata.component['bom-ref'], ...installed.map((part) => part['bom-ref'])]);
  const dependencies = (all.dependencies as { ref: string; dependsOn: string[] }[])
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return { ...all, components: [...debian.map(fromDebian), ...installed], dependencies };
}

function fromDebian({ name, version }: DebianPackage) {
  return {
    'bom-ref': `deb:${name}@${version}`,
    type: 'library',
    name,
    version,
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
  };
}
