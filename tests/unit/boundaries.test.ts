import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;

beforeAll(() => {
  // A folder of its own with the project's rules: nothing is planted in the sources.
  folder = mkdtempSync(join(tmpdir(), 'tandem-boundaries-'));
  const rules = JSON.parse(readFileSync('biome.json', 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...rules, $schema: undefined, vcs: undefined }));
});
afterAll(() => rmSync(folder, { recursive: true }));

function lint(file: string, target: string): string {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `import '${target}';\n`);
  const args = ['lint', '--colors=off', '--only=style/noRestrictedImports', file];
  const { status, stdout, stderr } = spawnSync(resolve('node_modules/.bin/biome'), args, {
    cwd: folder,
    encoding: 'utf8',
  });
  return `${status} ${stdout}${stderr}`.replace(/\s+/g, ' ');
}

describe('an import', () => {
  it.each([
    ['src/sources/planted.ts', '../reads/reader.ts', 'a source imports only'],
    ['src/observability/planted.ts', '../server/app.ts', 'asks only sources'],
    ['src/sources/planted.ts', '../observability/metrics.ts', 'a source imports only'],
    ['src/reads/planted.ts', '../resolvers/index.ts', 'reads import nothing above them'],
    ['src/reads/planted.ts', '../writes/writer.ts', 'reads import nothing above them'],
    ['src/writes/planted.ts', '../resolvers/index.ts', 'writes import nothing above or beside them'],
    ['src/resolvers/planted.ts', '../server/app.ts', 'Data flows server → graphql → resolvers'],
    ['src/resolvers/types/planted.ts', '../../server/app.ts', 'Data flows server → graphql → resolvers'],
    ['src/graphql/plugins/planted.ts', '../../server/app.ts', 'know nothing of HTTP'],
    ['src/seeders/planted.ts', '../commands/seed.ts', 'calls neither'],
    ['src/preflight/steps/planted.ts', '../../commands/preflight.ts', 'calls neither'],
    ['src/server/planted.ts', '../local/local.ts', 'nor where its databases came from'],
    ['src/cluster/planted.ts', '../server/app.ts', 'cluster keeps processes'],
    ['src/entities/planted.ts', '../config.ts', 'the ground floor'],
    ['src/errors/planted.ts', '../log.ts', 'the ground floor'],
    ['src/planted.ts', './main.ts', 'the ground floor'],
    ['src/local/planted.ts', '../sources/source.ts', 'knows nothing of the application'],
  ])('against the direction of flow fails the check: %s ← %s', (file, target, reason) => {
    const output = lint(file, target);
    expect(output).toMatch(/^1 /);
    expect(output).toContain(reason);
  });

  it.each([
    ['src/observability/metrics/planted.ts', '../../sources/source.ts'],
    ['src/reads/planted.ts', '../sources/source.ts'],
    ['src/writes/planted.ts', '../errors/tandem-error.ts'],
    ['src/server/planted.ts', '../graphql/schema.ts'],
    ['src/entities/planted.ts', '../source-name.ts'],
  ])('along it passes: %s ← %s', (file, target) => {
    expect(lint(file, target)).toMatch(/^0 /);
  });
});
