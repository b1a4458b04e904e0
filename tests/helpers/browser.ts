import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

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
export async function launchBrowser(
  env: NodeJS.ProcessEnv = process.env,
  args: readonly string[] = [],
): Promise<Browser | null> {
  const failures: string[] = [];
  for (const { name, find } of candidates(env)) {
    try {
      const program = await find();
      if (program) return await start(program, env, args);
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

function start(
  { executablePath, env }: Program,
  inherited: NodeJS.ProcessEnv,
  args: readonly string[],
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // Playwright turns the sandbox off by default, which root and most containers need.
    args: [...flags, ...args],
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
