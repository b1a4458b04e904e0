import type { Explanation } from '../errors/explanation.ts';

/** The fault of one variable: the cause goes on as a sentence that its name begins. Neither text has a secret. */
export interface ConfigFault extends Explanation {
  readonly variable: string;
  /** Where its value was read; null: nowhere. */
  readonly readFrom: string | null;
}

/** Everything wrong with the configuration at once. The message holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[], searched: readonly string[]) {
    const width = Math.max(...faults.map(({ variable }) => variable.length));
    const lines = faults.map(({ variable, cause, remedy, readFrom }) => {
      const origin = readFrom === null ? '' : ` (from ${readFrom})`;
      return `  ${variable.padEnd(width)}  ${cause}${origin}: ${remedy}`;
    });
    super(
      [
        faults.length === 1 ? 'One setting is wrong:' : `${faults.length} settings are wrong:`,
        ...lines,
        `Read: ${searched.join(', ')}.`,
        'Next: copy .env.example to .env and fill it in, or run `npm run demo` for two local databases.',
      ].join('\n'),
    );
    this.faults = faults;
  }
}
