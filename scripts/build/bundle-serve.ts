import { rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Packages that are loaded by their place, or only where a setting asks for them, or only where somebody has installed them. */
const external = ['@opentelemetry/*', '@resvg/*', 'class-validator', 'elkjs', 'esbuild', 'iovalkey'];

/** Packages of CommonJS ask for Node's own modules by `require`. */
const require = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

/**
 * Makes one bundle of `commands/serve.js`, its modules and its packages: 2,000 modules take a third of the CPU of a start. All other
 * commands, and MikroORM's own CLI, load the files as tsc has left them.
 *
 * @param folder where tsc has written `src` to
 */
export async function bundleServe(folder: string): Promise<void> {
  const source = resolve(folder, 'src');
  const { outputFiles } = await build({
    entryPoints: [{ in: join(source, 'commands/serve.js'), out: 'commands/serve' }],
    outdir: source,
    write: false,
    // Names of files in the bundle are those from here.
    absWorkingDir: source,
    bundle: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external,
    banner: { js: require },
    logLevel: 'error',
    plugins: [apart(source, await modulesOf(join(source, 'cli.js'))), hashesOfNode],
  });
  for (const { path, text } of outputFiles) await writeFile(path, withNamesOfClasses(text));
  // tsc's, of what the bundle has replaced.
  await rm(join(source, 'commands/serve.js.map'), { force: true });
}

/**
 * Leaves names to classes alone. MikroORM and TypeGraphQL read those, while the name of a function shows in a stack at most; and esbuild
 * sets it each time that a closure is made, which costs a read of a page a fifth of its CPU.
 *
 * @throws Error where esbuild sets names in another way
 */
function withNamesOfClasses(bundle: string): string {
  const setsName =
    'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';
  if (!bundle.includes(setsName))
    throw new Error('esbuild sets names in another way: look at __name in the bundle');
  return bundle
    .replaceAll('__name(this, ', '__nameOfClass(this, ')
    .replace(setsName, `${setsName.replace('__name', '__nameOfClass')}\nvar __name = (target) => target;`);
}

/** Apollo takes a package that hashes in JavaScript where it finds no `module.require`, as in a bundle: at a start, for the whole schema. */
const hashesOfNode: Plugin = {
  name: 'hashes of Node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^sha\.js$/ }, ({ path }) => ({ path, namespace: 'node-crypto' }));
    onLoad({ filter: /^/, namespace: 'node-crypto' }, () => ({
      contents: `module.exports = require('node:crypto').createHash;`,
    }));
  },
};

/** What a program has loaded before it runs a command, such as the errors that it describes afterwards: it is there once. */
async function modulesOf(program: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    entryPoints: [program],
    outdir: '/',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    absWorkingDir: '/',
  });
  const found = new Set<string>();
  const add = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: imported, kind, external } of metafile.inputs[path]?.imports ?? [])
      if (kind === 'import-statement' && !external) add(imported);
  };
  add(program.slice(1));
  return new Set([...found].map((path) => `/${path}`));
}

/** Leaves modules out of a bundle that is one folder below `source`. */
function apart(source: string, modules: ReadonlySet<string>): Plugin {
  return {
    name: 'apart',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const module = resolve(resolveDir, path);
        if (!modules.has(module)) return null;
        return { path: `../${relative(source, module)}`, external: true };
      });
    },
  };
}
