import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';

/** What a page did since it was opened; both lists grow while it is used. */
export interface Visit {
  /** Addresses asked for on any other host: an offline page has none. */
  readonly foreign: readonly string[];
  /** Console errors, among them refusals by the content security policy, and uncaught exceptions. */
  readonly errors: readonly string[];
}

/** Opens the explorer of a server, as in `http://127.0.0.1:4000`, and returns when its first tab can be run. */
export async function openExplorer(page: Page, server: string): Promise<Visit> {
  const { origin, host } = new URL(server);
  const foreign: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(http|ws)/.test(url.protocol) && url.host !== host) foreign.push(url.href);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${origin}/explorer`);
  await page.locator(`${tabItem}:first-child .window-switcher__item--active`).waitFor();
  await page.locator(sendButton).waitFor();
  return { foreign, errors };
}

/** The names on the tabs, from left to right. */
export async function tabNames(page: Page): Promise<readonly string[]> {
  const names = await page.locator(`${tabItem} .window-switcher__input`).allTextContents();
  return names.map((name) => name.trim());
}

/** Brings a tab to the front, sends its operation and returns the answer, once the result pane shows one. */
export async function runTab(page: Page, name: string): Promise<unknown> {
  const tab = page.locator(tabItem).filter({ has: page.getByText(name, { exact: true }) });
  await tab.click();
  await tab.locator('.window-switcher__item--active').waitFor();
  const clear = page.locator('[track-id="clear_result"]');
  if (await clear.isVisible()) await clear.click();

  // Taken on its way: Chromium forgets the body of an answer that nobody may store, for its inspector, too.
  const { promise: answered, resolve } = Promise.withResolvers<unknown>();
  await page.route('**/graphql', async (route) => {
    if (!isOperation(route.request().postData())) return route.fallback();
    const response = await route.fetch();
    resolve(await response.json());
    return route.fulfill({ response });
  });
  await page.locator(sendButton).click();
  const answer = await answered;
  await page.locator(resultPane).waitFor();
  await page.unroute('**/graphql');
  return answer;
}

/** The lines of the result pane that are in view: a long answer is cut to the height of the page. */
export async function shownResult(page: Page): Promise<string> {
  const lines = await page.locator(`${resultPane} .cm-line`).allTextContents();
  return lines.join('\n');
}

/** Schema requests run beside the user's own. */
const isOperation = (body: string | null) => body !== null && !body.includes('__schema');

const tabItem = 'app-window-switcher-item';
const sendButton = '[track-id="set_request"]';
const resultPane = '.query-result__list-item .cm-content';

interface Program {
  readonly executablePath: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Candidate {
  readonly name: string;
  /** The program to start, or null when this machine does not have it. */
  readonly find: () => Promise<Program | null>;
}

const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A headless browser with an empty profile, from `CHROMIUM_PATH`, else the system, else the packaged Chromium.
 * Null, with the reasons on stderr, when none starts; `TANDEM_REQUIRE_BROWSER=1` makes that an error.
 */
export async function launchBrowser(env: NodeJS.ProcessEnv = process.env): Promise<Browser | null> {
  const failures: string[] = [];
  for (const { name, find } of candidates(env)) {
    try {
      const program = await find();
      if (program) return await start(program, env);
      failures.push(`${name}: not found`);
    } catch (error) {
      failures.push(`${name}: ${firstLines(error)}`);
    }
  }
  const report = [
    'No browser starts here, so tests that need one cannot run.',
    ...failures.map((failure) => `  - ${failure}`),
    '  Install chromium, or set CHROMIUM_PATH to a Chrome or Chromium.',
  ].join('\n');
  if (env.TANDEM_REQUIRE_BROWSER === '1') throw new Error(report);
  console.error(report);
  return null;
}

/** An explicit path is a decision: nothing else is tried after it. */
function candidates(env: NodeJS.ProcessEnv): readonly Candidate[] {
  const chosen = env.CHROMIUM_PATH;
  if (chosen) return [{ name: `CHROMIUM_PATH=${chosen}`, find: async () => ({ executablePath: chosen }) }];
  return [
    ...names.map((name) => ({ name, find: () => onPath(name, env) })),
    { name: '@sparticuz/chromium', find: () => packaged(env) },
  ];
}

function start({ executablePath, env }: Program, inherited: NodeJS.ProcessEnv): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // Playwright turns the sandbox off by default, which root and most containers need.
    args: flags,
    env: { ...inherited, ...env } as Record<string, string>,
    timeout: 30_000,
  });
}

async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<Program | null> {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  for (const folder of folders) {
    const executablePath = join(folder, name);
    if (await runs(executablePath)) return { executablePath };
  }
  return null;
}

/** The Chromium inside @sparticuz/chromium, with the libraries and fonts that a bare machine lacks. */
async function packaged(env: NodeJS.ProcessEnv): Promise<Program | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = await unpacked(env.XDG_CACHE_HOME || join(homedir(), '.cache'));
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  };
}

/** Renamed into place when whole, so that test workers may race and a crash leaves nothing half-written. */
async function unpacked(cache: string): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@sparticuz/chromium'));
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const home = join(cache, 'tandem');
  const folder = join(home, `chromium-${version}`);
  if (await runs(join(folder, 'chromium'))) return folder;

  await mkdir(home, { recursive: true });
  const staging = await mkdtemp(join(home, 'unpacking-'));
  try {
    await unpackInto(staging);
    await writeFile(join(staging, 'fonts.conf'), fontConfig(folder));
    await rename(staging, folder).catch(async (error: unknown) => {
      if (!(await runs(join(folder, 'chromium')))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

/** The package writes to the temporary directory, and its libraries only on AWS: both are told by environment. */
async function unpackInto(folder: string): Promise<void> {
  const script = `await (await import(${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))})).default.executablePath()`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
}

function fontConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}

const runs = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const firstLines = (error: unknown) => String(error).split('\n').slice(0, 3).join(' ');
