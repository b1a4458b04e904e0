import { foldOf } from '../drift/normalize.ts';
import type { SchemaSnapshot } from '../drift/snapshot.ts';
import { generatedKey } from '../information-schema/generated-key.ts';
import type { ColumnModel, TableModel } from '../information-schema/model.ts';
import { perSource, type SourceName, sourceNames } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { type ComparedColumn, comparedColumn, rowHash } from './row-hash.ts';
import { type SharedKey, sharedKey } from './shared-key.ts';

/** A table of both clouds, and how its rows are compared. */
export interface TablePair {
  /** As AZURE spells it. */
  readonly name: string;
  /** Quoted, as each side spells it. */
  readonly table: Readonly<Record<SourceName, string>>;
  readonly models: Readonly<Record<SourceName, TableModel>>;
  readonly columns: readonly ComparedColumn[];
  readonly key: SharedKey | null;
  /** SQL for what tells rows apart by all that is compared: 64 hexadecimal digits. */
  readonly rowHash: Readonly<Record<SourceName, string>>;
  /** Parts of the table that are not compared, each a sentence. */
  readonly notes: readonly string[];
}

/** A table that only one side has. */
export interface UnpairedTable {
  readonly name: string;
  readonly only: SourceName;
}

export interface PairedTables {
  readonly pairs: readonly TablePair[];
  readonly lone: readonly UnpairedTable[];
}

export interface PairingOptions {
  /** Whether a table of this name is wanted. */
  readonly wanted: (name: string) => boolean;
  /** The smaller max_allowed_packet of both servers, in bytes. */
  readonly packet: number;
}

/** Pairs the tables of two databases by name; tables that belong to Tandem, and those that the settings leave out, are none of them. */
export function pairTables(
  snapshots: Readonly<Record<SourceName, SchemaSnapshot>>,
  { wanted, packet }: PairingOptions,
): PairedTables {
  const { AZURE, GCP } = snapshots;
  const fold = foldOf(AZURE.facts.lowerCaseTableNames, GCP.facts.lowerCaseTableNames);
  const isWanted = (name: string) => wanted(name) && !AZURE.ignores(name) && !GCP.ignores(name);
  const tables = perSource(
    (source) =>
      new Map(
        snapshots[source].schema.tables
          .filter(({ name }) => isWanted(name))
          .map((table) => [fold(table.name), table]),
      ),
  );
  const names = [...new Set([...tables.AZURE.keys(), ...tables.GCP.keys()])].sort();
  const pairs: TablePair[] = [];
  const lone: UnpairedTable[] = [];
  for (const name of names) {
    const [azure, gcp] = [tables.AZURE.get(name), tables.GCP.get(name)];
    if (azure !== undefined && gcp !== undefined) pairs.push(pairOf({ AZURE: azure, GCP: gcp }, packet));
    else if (azure !== undefined) lone.push({ name: azure.name, only: 'AZURE' });
    else if (gcp !== undefined) lone.push({ name: gcp.name, only: 'GCP' });
  }
  return { pairs, lone };
}

function pairOf(models: Readonly<Record<SourceName, TableModel>>, packet: number): TablePair {
  const ignored = perSource((source) => generatedKey(models[source]));
  const byName = perSource(
    (source) =>
      new Map(
        models[source].columns
          .filter(({ name }) => name !== ignored[source])
          .map((column) => [column.name.toLowerCase(), column]),
      ),
  );
  const both = [...byName.AZURE].flatMap(([name, AZURE]) => {
    const GCP = byName.GCP.get(name);
    return GCP === undefined ? [] : [{ AZURE, GCP }];
  });
  const columns = both.filter(isStored).map((pair) => comparedColumn(pair, packet));
  const notes = sourceNames.flatMap((source) => {
    const other = byName[source === 'AZURE' ? 'GCP' : 'AZURE'];
    const alone = [...byName[source]].filter(([name]) => !other.has(name)).map(([, { name }]) => name);
    return alone.length === 0 ? [] : [`Not compared, since only ${source} has it: ${alone.join(', ')}.`];
  });
  return {
    name: models.AZURE.name,
    table: perSource((source) => quoteName(models[source].name)),
    models,
    columns,
    key: sharedKey(models, ignored),
    rowHash: perSource((source) => rowHash(columns, source, packet)),
    notes,
  };
}

/** A column that both compute is as the columns are that it is computed from; its expression is an affair of drift. */
function isStored({ AZURE, GCP }: Readonly<Record<SourceName, ColumnModel>>): boolean {
  return AZURE.generated === null || GCP.generated === null;
}
