import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The module that a line of a bundle comes from: esbuild writes its name, relative to the folder above the bundle's, into a line before it. */
export function moduleOfLines(): (url: string, line: number) => string | undefined {
  const bundles = new Map<string, readonly (readonly [line: number, module: string])[]>();
  return (url, line) => {
    if (!url.startsWith('file:')) return undefined;
    let modules = bundles.get(url);
    if (modules === undefined) {
      modules = modulesIn(fileURLToPath(url));
      bundles.set(url, modules);
    }
    return modules.findLast(([first]) => first <= line)?.[1];
  };
}

function modulesIn(file: string): (readonly [line: number, module: string])[] {
  if (!existsSync(file)) return [];
  const from = dirname(dirname(file));
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, line) => {
      const name = /^\/\/ ((?:\.\.\/)*[\w@.][^ ]*\.[cm]?js)$/.exec(text)?.[1];
      return name === undefined ? [] : [[line, `file://${resolve(from, name)}`] as const];
    });
}
