import { entriesOf, readAs } from '../kinds.ts';
import { settingsGroup } from '../setting.ts';

export const driftSettings = settingsGroup({
  title: 'Drift',
  page: 'drift.md',
  prefix: 'DRIFT_',
  settings: {
    ignoredTables: {
      variable: 'DRIFT_IGNORE_TABLES',
      kind: readAs('a list of names as in audit_*,reports', (value) => ({ value: entriesOf(value) })),
      default: '',
      help: 'Tables and views that drift compares with nothing, separated by commas; * stands for any characters.',
    },
  },
});
