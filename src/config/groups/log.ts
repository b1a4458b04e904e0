import { oneOf, whole } from '../kinds.ts';
import { settingsGroup } from '../setting.ts';

export const logSettings = settingsGroup({
  title: 'Log',
  page: 'observability.md',
  settings: {
    level: {
      variable: 'LOG_LEVEL',
      kind: oneOf(
        ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
        'is not a level of the log',
      ),
      default: 'info',
      help: 'fatal, error, warn, info, debug, trace or silent; the log has entries of this level and of more severe ones.',
    },
    slowStatementMs: {
      variable: 'SLOW_STATEMENT_MS',
      kind: whole(0, 600_000),
      default: '500',
      help: 'Milliseconds from which on the log has a statement, without its values; 0: it has none.',
    },
  },
});
