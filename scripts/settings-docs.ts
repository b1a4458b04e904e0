// Makes .env.example and docs/settings.md of the settings themselves: `npm run docs`.
import { databaseSettings } from '../src/config/groups/database.ts';
import type { Setting, SettingsGroup } from '../src/config/setting.ts';
import { groups, prefixOf } from '../src/config/settings.ts';
import { sourceNames } from '../src/source-name.ts';

const settingsOf = (group: SettingsGroup) => Object.values<Setting>(group.settings);

const clouds = {
  AZURE: 'Azure Database for MySQL (docs/azure.md)',
  GCP: 'Google Cloud SQL for MySQL (docs/gcp.md)',
} as const;

/** The whole of `.env.example`. */
export function renderEnvExample(): string {
  const line = (prefix: string, setting: Setting) =>
    `${prefix}${setting.variable}=${setting.default ?? setting.example ?? ''}`;
  const block = (
    heading: string,
    group: SettingsGroup,
    prefix: string,
    { comments }: { comments: boolean },
  ) => [
    `# --- ${heading} ---`,
    ...settingsOf(group).flatMap((setting) => [
      ...(comments ? wrapped(setting.help) : []),
      line(prefix, setting),
    ]),
    '',
  ];
  return [
    '# Made by `npm run docs` from src/config: do not edit.',
    '# Copy to .env and fill in. Never commit .env: git ignores it.',
    '# Values may be quoted with \', " or `; quote them when they hold #, quotes or spaces.',
    '# `npm run demo` needs none of this: it brings up two local databases.',
    '',
    ...sourceNames.flatMap((source, index) =>
      block(clouds[source], databaseSettings, prefixOf(source), { comments: index === 0 }),
    ),
    ...Object.values<SettingsGroup>(groups).flatMap((group) =>
      block(`${group.title} (docs/${group.page})`, group, '', { comments: true }),
    ),
  ].join('\n');
}

/** Comments of at most 120 characters. */
function wrapped(text: string): string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last.length + 1 + word.length > 120) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** The whole of `docs/settings.md`. */
export function renderSettings(): string {
  const databases = table(settingsOf(databaseSettings), '…_DB_');
  return `${[
    '# Settings',
    '<!-- Made by `npm run docs` from src/config: do not edit. -->',
    about,
    aboutErrors,
    `## ${databaseSettings.title}`,
    'Each setting exists for both clouds: `…` is `AZURE` or `GCP` ([Azure](azure.md), [Google Cloud](gcp.md)).',
    databases,
    ...Object.values<SettingsGroup>(groups).flatMap((group) => [
      `## ${group.title}`,
      `See [${group.page}](${group.page}).`,
      table(settingsOf(group), ''),
    ]),
  ].join('\n\n')}\n`;
}

const about = [
  'Tandem reads each setting from the environment, and from `.env` if the environment does not have it. `.env.example` has all of',
  'them with their defaults. If neither names a database, Tandem uses the local pair ([local databases](local.md)), but never with',
  '`NODE_ENV=production`. An empty value counts as not set. `tandem serve --help` prints this list.',
].join('\n');

const aboutErrors = [
  'A command that finds a wrong setting does not start. It lists all of them, each with the problem, the place that it came from, and the',
  'remedy; it never prints the value of a secret. It also refuses a variable that begins like a setting or resembles',
  'one (`AZURE_DB_HSOT`), with the name that was probably meant. It ignores all other variables.',
].join('\n');

function table(settings: readonly Setting[], prefix: string): string {
  const rows = settings.map(({ variable, kind, help, secret, required, ...setting }) => [
    `\`${prefix}${variable}\``,
    required ? 'required' : setting.default ? `\`${setting.default}\`` : '',
    `${kind.accepts}${secret ? ' (secret)' : ''}`,
    help,
  ]);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '\\<')).join(' | ')} |`;
  return [
    line(['Setting', 'Default', 'Value', 'Meaning']),
    line(Array(4).fill('---')),
    ...rows.map(line),
  ].join('\n');
}
