import type { CatalogueConnection } from '../../src/information-schema/catalogue-connection.ts';

/**
 * A schema in MySQL's own words, by its objects: what SHOW CREATE says of each, without what is no part of a schema
 * (counters, definers, the order of indexes). Beside this, what drift finds and mends is held.
 */
export async function dumpOf(em: CatalogueConnection): Promise<Map<string, string>> {
  const dump = new Map<string, string>();
  const rows = <T>(sql: string) => em.execute<T[]>(sql);
  const id = (name: string) => `\`${name.replaceAll('`', '``')}\``;
  const show = async (what: string, name: string, column: string) => {
    const [row] = await rows<Record<string, string>>(`show create ${what} ${id(name)}`);
    return String(row?.[column]).replace(/ DEFINER=`(?:[^`]|``)*`@`[^`]*`/, '');
  };
  const tables = await rows<{ name: string; kind: string }>(
    'select table_name as name, table_type as kind from information_schema.tables where table_schema = database()',
  );
  for (const { name, kind } of tables) {
    if (kind === 'VIEW') {
      const sql = await show('view', name, 'Create View');
      dump.set(`VIEW ${name}`, sql.replace(/ALGORITHM=\w+ ?/, ''));
    } else {
      const sql = plain(await show('table', name, 'Create Table'));
      const [first, ...lines] = sql.replace(/ AUTO_INCREMENT=\d+/, '').split('\n');
      const inner = lines
        .filter((line) => line.startsWith('  '))
        .map((line) => line.replace(/,$/, '').trim());
      const isColumn = (line: string) => line.startsWith('`');
      const outer = lines.filter((line) => !line.startsWith('  '));
      const sorted = [
        ...inner.filter(isColumn),
        ...withoutImplied(
          inner
            .filter((line) => !isColumn(line))
            .map(withoutBlockSize)
            .sort(),
        ),
      ];
      dump.set(`TABLE ${name}`, [first, ...sorted, ...outer].join('\n'));
    }
  }
  const triggers = await rows<Record<'name' | 'moment' | 'place', string>>(
    `select trigger_name as name, concat(event_object_table, ' ', action_timing, ' ', event_manipulation) as moment,
      action_order as place from information_schema.triggers where trigger_schema = database() order by place`,
  );
  for (const { name } of triggers) {
    const sql = await show('trigger', name, 'SQL Original Statement');
    dump.set(
      `TRIGGER ${name}`,
      sql.replace(/\b(follows|precedes) `(?:[^`]|``)*` /i, '').replace(/\s+/g, ' '),
    );
  }
  for (const [moment, group] of Map.groupBy(triggers, (row) => row.moment))
    dump.set(`ORDER ${moment}`, group.map(({ name }) => name).join(', '));
  const routines = await rows<Record<'name' | 'kind', string>>(
    'select routine_name as name, routine_type as kind from information_schema.routines where routine_schema = database()',
  );
  for (const { name, kind } of routines) {
    const column = kind === 'FUNCTION' ? 'Create Function' : 'Create Procedure';
    dump.set(
      `${kind} ${name}`,
      (await show(kind, name, column))
        .replace(/\s+/g, ' ')
        .replace(/ character set utf8mb4 collate utf8mb4_0900_ai_ci| collate latin1_swedish_ci/gi, '')
        .replaceAll('`', ''),
    );
  }
  const events = await rows<Record<'name', string>>(
    'select event_name as name from information_schema.events where event_schema = database()',
  );
  for (const { name } of events) {
    const sql = await show('event', name, 'Create Event');
    dump.set(`EVENT ${name}`, sql.replace(/ STARTS '[^']*'/, ''));
  }
  return dump;
}

/** Without the first index of each foreign key's columns alone: whether there is one, and its name, is by the order of statements. */
function withoutImplied(lines: readonly string[]): string[] {
  const keys = new Set(
    lines.flatMap(
      (line) =>
        /^CONSTRAINT .* FOREIGN KEY (\((?:`(?:[^`]|``)*`(?:, )?)+\)) REF/
          .exec(line)?.[1]
          ?.replaceAll(', ', ',') ?? [],
    ),
  );
  return lines.filter((line) => {
    const list = /^KEY `(?:[^`]|``)*` (\(.*\))$/.exec(line)?.[1];
    return list === undefined || !keys.delete(list);
  });
}

/** That of an index means nothing to InnoDB, and MySQL writes it by itself where the table's is changed. */
function withoutBlockSize(line: string): string {
  return line.replace(/ KEY_BLOCK_SIZE=\d+/, '');
}

/** Without what says nothing: introducers, collations that are the table's own, and names of partitions that MySQL gives by itself. */
function plain(create: string): string {
  const own = / COLLATE=(\w+)/.exec(create)?.[1] ?? 'latin1_swedish_ci';
  return create
    .replace(/_(?:utf8mb4|latin1|ascii|binary)(?=')/g, '')
    .replace(/ (COMPRESSION='none'|ENCRYPTION='N')/gi, '')
    .replace(/-\((\d+)\)/g, '-$1')
    .replace(/ DEFAULT \(('(?:[^'\\]|\\[\s\S]|'')*')\)/g, ' DEFAULT $1')
    .replace(/ CHARACTER SET \w+(?= COLLATE \w)/g, '')
    .replaceAll(new RegExp(` COLLATE ${own}\\b`, 'g'), '')
    .replace(
      / ?\((?:SUBPARTITION \w+ ENGINE = \w+(?:,\s*)?)+\)/g,
      (list) => `+${list.split('SUBPARTITION').length - 1}`,
    )
    .replace(
      /\n\((?:PARTITION p\d+ ENGINE = \w+(?:,\s*)?)+\)/g,
      (list) => `\nPARTITIONS ${list.split('PARTITION').length - 1}`,
    )
    .replace(/\nSUBPARTITIONS (\d+)([\s\S]*)/, (_, count, rest: string) =>
      rest.replace(/ ENGINE = \w+(?=,|\))/g, `+${count}`),
    )
    .replace(/(VALUES [^+]*?)( ENGINE = \w+)?(?=\+)/g, '$1')
    .replace(/\s*\+(?=\d)/g, '+');
}

/** Whether two dumps of an object are the same. SHOW CREATE TABLE has a question mark for what a latin1 literal has beyond ASCII. */
export function sameDump(left: string | undefined, right: string | undefined): boolean {
  if (left === right || left === undefined || right === undefined) return left === right;
  const lost = (text: string) => text.replace(/[^\n -~]/g, '?');
  return /\?/.test(left + right) && lost(left) === lost(right);
}
