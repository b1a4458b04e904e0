import type { CatalogueConnection } from './catalogue-connection.ts';

/** Facts of a server that change how to read its catalogue. */
export interface ServerFacts {
  readonly version: string;
  /** 0 keeps the case of names and tells names apart by it; 1 stores them in lower case; 2 keeps and ignores it. */
  readonly lowerCaseTableNames: number;
  /** Whether tables without a primary key get an invisible one, `my_row_id`. */
  readonly generatesPrimaryKeys: boolean;
  /** Whether it refuses tables without a primary key. */
  readonly requiresPrimaryKeys: boolean;
  /** Whether an account without SUPER may make triggers and functions. */
  readonly trustsFunctionCreators: boolean;
  readonly disabledEngines: readonly string[];
}

/** Asks a server for them; what it does not know is off. */
export async function readServerFacts(em: CatalogueConnection): Promise<ServerFacts> {
  const rows = await em.execute<{ Variable_name: string; Value: string }[]>(
    `show variables where variable_name in
      ('version', 'lower_case_table_names', 'sql_generate_invisible_primary_key', 'sql_require_primary_key',
       'log_bin', 'log_bin_trust_function_creators', 'disabled_storage_engines')`,
  );
  const values = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  return {
    version: values.get('version') ?? 'unknown',
    lowerCaseTableNames: Number(values.get('lower_case_table_names') ?? 0),
    generatesPrimaryKeys: values.get('sql_generate_invisible_primary_key') === 'ON',
    requiresPrimaryKeys: values.get('sql_require_primary_key') === 'ON',
    trustsFunctionCreators:
      values.get('log_bin') !== 'ON' || values.get('log_bin_trust_function_creators') === 'ON',
    disabledEngines: (values.get('disabled_storage_engines') ?? '').split(',').filter(Boolean),
  };
}
