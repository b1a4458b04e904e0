import { type Read, readAs } from '../kinds.ts';
import { settingsGroup } from '../setting.ts';

/** `/metrics` beside the API, nowhere, or on a port of its own. */
export type MetricsConfig = 'on' | 'off' | { readonly port: number };

export const metricsSettings = settingsGroup({
  title: 'Metrics',
  page: 'observability.md',
  settings: {
    metrics: {
      variable: 'METRICS',
      kind: readAs('on, off or a port (0 to 65535)', (value): Read<MetricsConfig> => {
        if (value === 'on' || value === 'off') return { value };
        if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return { value: { port: Number(value) } };
        return { problem: 'is neither on, off nor a port (0 to 65535)' };
      }),
      help: 'on: /metrics beside the API; a port: /metrics there alone; off: nowhere; empty: on where this machine alone reaches the server.',
    },
  },
});
