import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/command-line.ts';

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md')];
const read = (file: string) => readFileSync(file, 'utf8');
const files = globSync('{.,.github,bench,deploy,docs,migrations,scripts,src,tests}/**/*', {
  exclude: (name) => name.includes('node_modules'),
});

/** A heading as GitHub links to it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const anchorsOf = (page: string) =>
  Array.from(read(page).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => anchorOf(heading));

/** Links of a page that lead nowhere: to a file that is not there, or to a heading that no page has. */
function brokenLinks(page: string): string[] {
  return Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
  });
}

const isThere = (path: string) =>
  existsSync(path) || files.some((file) => file === path || file.endsWith(`/${path}`));

/** Paths of the repository that a page names in `code` and that are not there. */
function stalePaths(page: string): string[] {
  const spans = Array.from(read(page).matchAll(/`([^`\s]+)`/g), ([, span = '']) => span);
  const named = spans.filter((span) =>
    /^[\w./-]+\.(ts|mjs)$|^(src|tests|scripts|deploy)\/[\w./-]*$/.test(span),
  );
  return named.filter((path) => !isThere(path.replace(/\/$/, '')));
}

/** Words that hide the actor of a sentence. `Nobody` in quotation marks is a name. */
const hidden =
  /(?<!")\b(told|nobody|no one|someone|somebody|anyone|anybody|everyone|everybody|whoever|who asks|is said|hears? (of|that))\b(?!")/gi;

/** What a page says by itself: no blocks of code, no `code`. */
const prose = (page: string) => page.replaceAll(/^( *)```.*?^\1```/gms, '').replaceAll(/`[^`\n]*`/g, '');

const hiddenIn = (text: string) => text.match(hidden) ?? [];

it('finds words that hide the actor', () => {
  expect(hiddenIn(prose('Nobody is told.\n```\nwhoever\n```\n`someone` and "Nobody".'))).toEqual([
    'Nobody',
    'told',
  ]);
});

describe.each(pages)('%s', (page) => {
  it('has no word that hides the actor', () => {
    expect(hiddenIn(prose(read(page)))).toEqual([]);
  });

  it('links to files and headings that are there', () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('names files that are there', () => {
    expect(stalePaths(page)).toEqual([]);
  });
});

/** Comments and texts of a source file, without its code. */
const textsOf = (source: string) =>
  (source.match(/\/\*[\s\S]*?\*\/|(?<!:)\/\/ .*|(['"`])(?:\\.|(?!\1)[^\\])*\1/g) ?? []).join('\n');

it('has no word in comments and texts of src that hides the actor', () => {
  const found = globSync('src/**/*.ts').flatMap((file) =>
    hiddenIn(textsOf(read(file)).replace(/'(nobody|Nobody)'/g, '')).map((word) => `${file}: ${word}`),
  );
  expect(found).toEqual([]);
});

it('docs/architecture.md lists the folders of src and tests, and no others', () => {
  const list = /```\n(mikro-orm.*?)```/s.exec(read('docs/architecture.md'))?.[1] ?? '';
  const listed = (folder: string) =>
    Array.from(
      (new RegExp(`^${folder}/\n((?:  .*\n)+)`, 'm').exec(list)?.[1] ?? '').matchAll(
        /(?<=^ {2}|^ {2}\S.* {2})[\w-]+(?=\/)/gm,
      ),
      ([name]) => name,
    );
  for (const folder of ['src', 'tests']) {
    const folders = globSync(`${folder}/*/`).map((path) => path.split('/')[1]);
    expect(new Set(listed(folder))).toEqual(new Set(folders));
  }
});

/** What a command prints for --help, and what its subcommands print. */
async function helpOf(args: readonly string[]): Promise<string[]> {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stdin = Readable.from([]);
  await runCommandLine([...args, '--help'], { env: {}, stdin, stdout, stderr: stdout });
  const text = String(stdout.read());
  const list = /^Commands:\n(.*)/ms.exec(text)?.[1] ?? '';
  const names = Array.from(list.matchAll(/^ {2}(\w[\w-]*)/gm), ([, name = '']) => name);
  const below = names.filter((name) => name !== 'help').map((name) => helpOf([...args, name]));
  return [text, ...(await Promise.all(below)).flat()];
}

it('--help has no word that hides the actor', async () => {
  const texts = await helpOf([]);
  expect(texts.length).toBeGreaterThan(15);
  expect(texts.flatMap(hiddenIn)).toEqual([]);
});

it('docs/tables.md shows the file that the test adds a table with', () => {
  const file = read('tests/fixtures/clinic/clinic.ts').replaceAll("'../../../src/entities/", "'./");
  expect(read('docs/tables.md')).toContain(`\`\`\`ts\n${file}\`\`\``);
});
