import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { describeCommands, runCommandLine } from '../../src/commands/command-line.ts';
import { commandsOf, wordsOf } from '../helpers/guide-commands.ts';

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

/** Sentences that begin with a clause as their subject, and not questions. */
const clausesAsSubject = (text: string) =>
  Array.from(
    text.matchAll(/(?:^|[.;:] )((?:What|Who|Whatever) [^.?]*)(?![^.?]*\?)[.]/gms),
    ([, found]) => found,
  );

it('finds a clause as the subject of a sentence', () => {
  expect(clausesAsSubject('Who may read?\n\nIt is so. What is not\nnamed is denied.')).toEqual([
    'What is not\nnamed is denied',
  ]);
});

describe.each(pages)('%s', (page) => {
  // Tables of errors, lint and API are made of texts of the code.
  it.skipIf(/(api|errors|lint)\.md$/.test(page))('has no clause as the subject of a sentence', () => {
    expect(clausesAsSubject(prose(read(page)))).toEqual([]);
  });

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
  const found = globSync('src/**/*.{ts,tsx}').flatMap((file) =>
    hiddenIn(textsOf(read(file)).replace(/'(nobody|Nobody)'/g, '')).map((word) => `${file}: ${word}`),
  );
  expect(found).toEqual([]);
});

/** Comments of a source file, each on one line. */
const commentsOf = (source: string) =>
  (source.match(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*(?:\n\s*\/\/ .*)*/g) ?? []).map((comment) =>
    comment.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/) ?/g, ' ').replaceAll(/^\/\*\*? ?|^\/\/ |\s*\*\/$/g, ''),
  );

/** Sentences of a comment with a clause as their subject. */
const clausesInComment = (comment: string) =>
  Array.from(
    comment.matchAll(/(?:^\s*|[.;:] )((?:What|Who|Whatever) [^.?]*)(?=[.]|$)/g),
    ([, found]) => found,
  );

it('finds a clause as the subject of a sentence in comments', () => {
  const source =
    '/**\n * A row. What is not\n * there is not read.\n */\nf(); // Who asks waits.\n// Who asks?\n';
  expect(commentsOf(source).flatMap(clausesInComment)).toEqual([
    'What is not there is not read',
    'Who asks waits',
  ]);
});

it('has no clause as the subject of a sentence in comments of src', () => {
  const found = globSync('src/**/*.{ts,tsx}').flatMap((file) =>
    commentsOf(read(file)).flatMap((comment) =>
      clausesInComment(comment).map((clause) => `${file}: ${clause}`),
    ),
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

/** What is wrong with a command of a page, by the commands that there are; undefined for nothing. */
function faultOfCommand(command: string): string | undefined {
  // What a shell does with it, and what follows it in a sentence.
  const words = wordsOf(command.split(/ [|>&]{1,2} | # | --> |…/)[0] ?? '');
  if (words[0] === 'npx') return faultOfPackage(words.slice(1));
  if (words[0] === 'npm') {
    const script = words.slice(words[1] === 'run' ? 2 : 1).filter((word) => word !== '-s');
    const name = script[0] ?? '';
    if (!Object.hasOwn(scripts, name)) return `package.json has no script ${name}`;
    return name === 'tandem' && script[1] === '--' ? faultOfTandem(script.slice(2)) : undefined;
  }
  return faultOfTandem(words.slice(1));
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Parses it as the program does, and runs nothing. */
function faultOfTandem(args: readonly string[]): string | undefined {
  const silent = new PassThrough();
  const io = { env: {}, stdin: Readable.from([]), stdout: silent, stderr: silent };
  const program = describeCommands(io, () => {});
  const all = (command: typeof program): (typeof program)[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) if (command !== program) command.action(() => {});
  try {
    program.parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    return code.startsWith('commander.help') ? undefined : message;
  }
}

/** A sentence may name a command without what it needs. */
const lacks = /^error: (required option|missing required argument|option .* argument missing)/;

function faultOfPackage([program = '', ...args]: readonly string[]): string | undefined {
  if (!existsSync(`node_modules/.bin/${program}`)) return `no package has ${program}`;
  const files = program === 'vitest' ? args.slice(1).filter((word) => !word.startsWith('-')) : [];
  return files.find((name) => !globSync('tests/**/*.test.ts').some((file) => file.includes(name)));
}

/** Commands of a page in blocks for a shell and in sentences. */
const programs = ['tandem', 'npm', 'npx'];
const commandsIn = (page: string) =>
  programs
    .flatMap((program) => commandsOf(page, program))
    .filter((command) => !/^(npm (ci|install|test|start|pkg)|npx playwright)\b/.test(command));

describe('the commands of the pages', () => {
  const guides = [
    ...pages,
    ...globSync('deploy/**/*.md', { exclude: (name) => name.includes('node_modules') }),
  ];

  it.each(guides)('are there, with the options and values that %s gives them', (page) => {
    const faults = commandsIn(page)
      .map((command) => [command, faultOfCommand(command)] as const)
      .filter(
        ([command, fault = '']) => fault !== '' && !(command.startsWith('tandem ') && lacks.test(fault)),
      );
    expect(faults).toEqual([]);
  });

  it.each([
    ['npm run -s tandem -- preflight --sourc azure', /unknown option '--sourc'/],
    ['npm run -s tandem -- preflight --source aws', /Allowed choices/],
    ['npm run tandem -- parity --throttle 0', /1 to 100/],
    ['tandem migrate upp', /unknown command|too many/],
    ['tandem cutover plan --from azure', /required option '--to/],
    ['tandem audit seal', /required option '--out/],
    ['npm run sclae', /no script sclae/],
    ['npx vitest run integration/nothing', /integration\/nothing/],
  ])('are found out where they are not: %s', (command, fault) => {
    expect(faultOfCommand(command)).toMatch(fault);
  });

  it('are many', () => {
    expect(guides.flatMap(commandsIn).length).toBeGreaterThan(100);
  });
});

it.each(['clinic/clinic', 'rental/payment'])('docs/tables.md shows the file %s of the fixtures', (name) => {
  const file = read(`tests/fixtures/${name}.ts`).replaceAll(
    /'\.\.\/\.\.\/\.\.\/src\/(entities|scalars)\//g,
    (_, folder) => (folder === 'entities' ? "'./" : "'../scalars/"),
  );
  expect(read('docs/tables.md')).toContain(`\`\`\`ts\n${file}\`\`\``);
});
