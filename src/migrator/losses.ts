import type { MigratorSession } from './session.ts';

/** What a statement takes away for good. */
export interface Loss {
  readonly migration: string;
  /** Such as: drop table `patients`. */
  readonly what: string;
  readonly table: string;
  readonly rows: number;
}

interface Drop {
  readonly what: string;
  readonly table: string;
  readonly column?: string;
}

/** The tables and columns that statements drop or empty. */
export function dropsIn(statements: readonly string[]): Drop[] {
  return statements.flatMap((sql): Drop[] => {
    const whole =
      /^\s*(drop\s+table|truncate(?:\s+table)?)\s+(?:if\s+exists\s+)?(.+?);?\s*$/is.exec(sql) ?? undefined;
    if (whole !== undefined) {
      const verb = (whole[1] ?? '').toLowerCase().replaceAll(/\s+/g, ' ');
      return (whole[2] ?? '').split(',').map((part) => {
        const table = bare(part);
        return { what: `${verb} \`${table}\``, table };
      });
    }
    const emptied = /^\s*delete\s+from\s+([`\w]+)\s*;?\s*$/is.exec(sql)?.[1];
    if (emptied !== undefined) return [{ what: `delete all of \`${bare(emptied)}\``, table: bare(emptied) }];
    const altered = /^\s*alter\s+table\s+([`\w]+)\s+(.*)$/is.exec(sql);
    if (altered === null) return [];
    const table = bare(altered[1] ?? '');
    const others = /^(foreign|index|key|primary|constraint|check|partition)$/i;
    return [...(altered[2] ?? '').matchAll(/\bdrop\s+(?:column\s+)?(`[^`]+`|\w+)/gi)]
      .map((match) => match[1] ?? '')
      .filter((word) => !others.test(word))
      .map((word) => ({ what: `drop column \`${table}\`.\`${bare(word)}\``, table, column: bare(word) }));
  });
}

const bare = (name: string) => name.trim().replaceAll('`', '').split(/\s/)[0] ?? '';

/** What would go: of a table its rows, of a column the rows that have a value in it. Empty ones are no loss. */
export async function lossesOf(
  session: MigratorSession,
  migration: string,
  statements: readonly string[],
): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const { what, table, column } of dropsIn(statements)) {
    const of = column === undefined ? '*' : quoted(column);
    const [row] = await session
      .query<{ rows: number }>(`select count(${of}) as \`rows\` from ${quoted(table)}`)
      .catch((error: { errno?: number }) => {
        // Not there yet, or not any more.
        if (error.errno === 1146 || error.errno === 1054) return [];
        throw error;
      });
    if (Number(row?.rows ?? 0) > 0) losses.push({ migration, what, table, rows: Number(row?.rows) });
  }
  return losses;
}

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;
