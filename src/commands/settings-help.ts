import { Help } from 'commander';
import { databaseSettings } from '../config/groups/database.ts';
import type { Setting, SettingsGroup } from '../config/setting.ts';
import { groups } from '../config/settings.ts';

/** Every setting with its default and meaning, for `--help`. */
export function settingsHelp(): string {
  const help = new Help();
  help.prepareContext({ helpWidth: 100 });
  const item = ({ variable, help: meaning, default: usual }: Setting) => {
    const term = usual ? `${variable}=${usual}` : variable;
    return help.formatItem(term, 36, meaning, help);
  };
  const section = ({ title, settings }: SettingsGroup) => [
    '',
    `${title}:`,
    ...Object.values<Setting>(settings).map(item),
  ];
  return [
    '',
    'Settings, from the environment or .env (docs/settings.md), with their defaults:',
    ...section({
      ...databaseSettings,
      title: `${databaseSettings.title}, each name after AZURE_DB_ or GCP_DB_`,
    }),
    ...Object.values<SettingsGroup>(groups).flatMap(section),
  ].join('\n');
}
