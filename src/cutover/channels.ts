import { isUnanswered } from '../errors/unanswered.ts';
import type { ParityClient } from '../parity/client.ts';

/** A replication channel into a server. */
export interface Channel {
  readonly name: string;
  readonly receives: boolean;
  readonly applies: boolean;
  /** Seconds behind the source; null where that is not known. */
  readonly lagSeconds: number | null;
  /** Seconds that it waits before it applies a change. */
  readonly delaySeconds: number;
  /** The server_uuid of the server that it reads from. */
  readonly sourceServer: string;
  /** Its filters and renamings besides MySQL's own databases, such as `Replicate_Ignore_Table: shop.orders`. */
  readonly filters: readonly string[];
}

const filterColumns = [
  'Replicate_Do_DB',
  'Replicate_Ignore_DB',
  'Replicate_Do_Table',
  'Replicate_Ignore_Table',
  'Replicate_Wild_Do_Table',
  'Replicate_Wild_Ignore_Table',
  'Replicate_Rewrite_DB',
] as const;

/** https://dev.mysql.com/doc/refman/8.4/en/show-replica-status.html */
type ReplicaStatus = Readonly<Record<(typeof filterColumns)[number], string>> & {
  readonly Channel_Name: string;
  readonly Replica_IO_Running: string;
  readonly Replica_SQL_Running: string;
  readonly Seconds_Behind_Source: number | null;
  readonly SQL_Delay: number;
  readonly Source_UUID: string;
};

/** @returns null where the account may not ask */
export async function channelsOf(client: ParityClient): Promise<readonly Channel[] | null> {
  try {
    const rows = await client.rows<ReplicaStatus>('show replica status');
    return rows.map((row) => ({
      name: row.Channel_Name,
      receives: row.Replica_IO_Running === 'Yes',
      applies: row.Replica_SQL_Running === 'Yes',
      lagSeconds: row.Seconds_Behind_Source === null ? null : Number(row.Seconds_Behind_Source),
      delaySeconds: Number(row.SQL_Delay),
      sourceServer: row.Source_UUID,
      filters: filterColumns.flatMap((column) => {
        const what = besidesMysqlsOwn(row[column]);
        return what === '' ? [] : [`${column}: ${what}`];
      }),
    }));
  } catch (error) {
    if (isUnanswered(error)) throw error;
    return null;
  }
}

/** Azure's data-in replication leaves these out by itself: https://learn.microsoft.com/azure/mysql/flexible-server/how-to-data-in-replication */
const mysqlsOwn = /^(?:mysql|sys|information_schema|performance_schema)(?:\.|$)/i;

function besidesMysqlsOwn(list: string): string {
  return list
    .split(',')
    .filter((one) => one !== '' && !mysqlsOwn.test(one))
    .join(',');
}
