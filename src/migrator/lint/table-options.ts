import type { SqlReader } from '../../sql/reader.ts';
import type { AlterClause } from './alter-clause.ts';

const plainOptions = [
  ...[
    'AUTO_INCREMENT',
    'AVG_ROW_LENGTH',
    'CHECKSUM',
    'COMMENT',
    'COMPRESSION',
    'CONNECTION',
    'DELAY_KEY_WRITE',
  ],
  ...['ENCRYPTION', 'INSERT_METHOD', 'MAX_ROWS', 'MIN_ROWS', 'PACK_KEYS', 'PASSWORD', 'STATS_AUTO_RECALC'],
  ...['STATS_PERSISTENT', 'STATS_SAMPLE_PAGES', 'AUTOEXTEND_SIZE', 'ENGINE_ATTRIBUTE', 'TABLESPACE'],
  ...['SECONDARY_ENGINE', 'SECONDARY_ENGINE_ATTRIBUTE'],
] as const;

/** `name [=] value` of a table, ALGORITHM and LOCK among them. */
export function readOption(reader: SqlReader, text: string): AlterClause[] | null {
  if (reader.skip('FORCE')) return [{ does: 'rebuild', option: 'FORCE', value: '' }];
  if (reader.skip('ORDER', 'BY')) {
    while (!reader.done) reader.any();
    return [{ does: 'orderBy' }];
  }
  if (reader.oneOf('WITH VALIDATION', 'WITHOUT VALIDATION', 'DISABLE KEYS', 'ENABLE KEYS') !== null) {
    return [];
  }
  const converts = reader.skip('CONVERT', 'TO');
  reader.skip('DEFAULT');
  const charset = reader.oneOf('CHARACTER SET', 'CHARSET', 'COLLATE');
  if (charset !== null) {
    const value = optionValue(reader);
    const collation = reader.skip('COLLATE') ? optionValue(reader) : null;
    const named = charset === 'COLLATE' ? value : collation;
    return [
      {
        does: converts ? 'convertCharset' : 'defaultCharset',
        charset: (named === null ? value : charsetOf(named)).toLowerCase(),
        collation: named?.toLowerCase() ?? null,
      },
    ];
  }
  const limit = reader.oneOf('ALGORITHM', 'LOCK');
  if (limit !== null) return [{ does: 'limits', what: limit, value: optionValue(reader).toUpperCase() }];
  const rebuilds = reader.oneOf('ENGINE', 'ROW_FORMAT', 'KEY_BLOCK_SIZE');
  if (rebuilds !== null) {
    return [{ does: 'rebuild', option: rebuilds, value: optionValue(reader).toLowerCase() }];
  }
  const plain = reader.oneOf(...plainOptions);
  if (plain === null) return null;
  optionValue(reader);
  // A whole clause that is one: `text` says no more.
  return text === '' ? null : [{ does: 'setOption', option: plain }];
}

/** A collation begins with the name of its character set. */
export function charsetOf(collation: string): string {
  return collation.split('_')[0] ?? collation;
}

function optionValue(reader: SqlReader): string {
  reader.skip('=');
  const { next } = reader;
  const value = reader.any();
  return next?.kind === 'string' ? next.text : value;
}
