import { codeTokens } from '../../sql/tokens.ts';
import type { AlterClause } from './alter-clause.ts';
import type { ColumnDefinition } from './column.ts';
import { bytesPerCharacter, charsetKeeps, compareTypes, itemsLost, plainType } from './column-type.ts';
import type { RuleId } from './rules.ts';
import { charsetFor, columnIn, isText, type KnownTable } from './schema-state.ts';

/** A rule that a clause breaks. Without a cause, that of the rule stands. */
export interface Verdict {
  readonly rule: RuleId;
  /** The column, index or constraint; none where it is the table. */
  readonly part?: string;
  readonly cause?: string;
  /** Only where the table may have rows. */
  readonly needsRows?: true;
}

/** The verdict on a clause that a table's definition alone decides. */
export function judge(
  clause: AlterClause,
  table: KnownTable | undefined,
  foreignKeyChecks: boolean,
): Verdict[] {
  return [...judgeClause(clause, table, foreignKeyChecks), ...removedFunctions(clause)];
}

/** https://dev.mysql.com/doc/refman/9.6/en/encryption-functions.html */
const removed = ['MD5', 'SHA1', 'SHA'];

/** Functions that a later MySQL lacks, in expressions that stay with the table. */
function removedFunctions(clause: AlterClause): Verdict[] {
  const [part, expressions] = expressionsOf(clause);
  return expressions.some((text) => callsOneOf(text, removed)) ? [{ rule: 'removed-function', part }] : [];
}

function callsOneOf(expression: string, functions: readonly string[]): boolean {
  const tokens = codeTokens(expression);
  return tokens.some(
    ({ kind, text }, at) => kind === 'word' && functions.includes(text) && tokens[at + 1]?.text === '(',
  );
}

function expressionsOf(clause: AlterClause): [part: string, expressions: readonly string[]] {
  switch (clause.does) {
    case 'addColumn':
    case 'changeColumn': {
      const { name, expression, check, default: value } = clause.column;
      return [name, [expression ?? '', check?.expression ?? '', value ?? '']];
    }
    case 'addIndex':
      return [clause.name ?? '', clause.columns.filter((part) => part.startsWith('('))];
    case 'addCheck':
      return [clause.name ?? '(check)', [clause.expression]];
    default:
      return ['', []];
  }
}

function judgeClause(
  clause: AlterClause,
  table: KnownTable | undefined,
  foreignKeyChecks: boolean,
): Verdict[] {
  switch (clause.does) {
    case 'dropColumn':
      return [{ rule: 'drop-column', part: clause.name }];
    case 'dropPrimaryKey':
      return [{ rule: 'drop-primary-key' }];
    case 'dropIndex':
      return [{ rule: 'drop-index', part: clause.name }];
    case 'dropForeignKey':
    case 'dropCheck':
    case 'dropConstraint':
      return [{ rule: 'drop-constraint', part: clause.name }];
    case 'partition':
      return clause.how === 'DROP PARTITION' || clause.how === 'TRUNCATE PARTITION'
        ? [{ rule: 'drop-partition' }]
        : [];
    case 'renameTable':
      return [
        {
          rule: 'rename-table',
          cause: `It becomes ${clause.to}: code that is running asks for the old name.`,
        },
      ];
    case 'renameColumn':
      return [renamed(clause.from, clause.to)];
    case 'addIndex':
      return clause.name === null ? [{ rule: 'unnamed-index', part: `(${clause.columns.join(', ')})` }] : [];
    case 'addForeignKey':
      return [
        ...(clause.name === null
          ? [{ rule: 'unnamed-constraint', part: `(${clause.columns.join(', ')})` } as const]
          : []),
        {
          rule: foreignKeyChecks ? 'foreign-key-checked' : 'foreign-key-unchecked',
          part: clause.name ?? `(${clause.columns.join(', ')})`,
          needsRows: true,
        },
      ];
    case 'addCheck':
      return clause.name === null ? [{ rule: 'unnamed-constraint', part: '(check)' }] : [];
    case 'addColumn':
      return addedColumn(clause.column);
    case 'changeColumn':
      return changedColumn(clause.from, clause.column, table);
    case 'convertCharset':
      return convertedCharset(clause.charset, table);
    case 'notUnderstood':
      return [{ rule: 'not-understood', cause: `The lint cannot read \`${clause.text.slice(0, 60)}\`.` }];
    default:
      return [];
  }
}

function addedColumn(column: ColumnDefinition): Verdict[] {
  const { name, nullable, autoIncrement, generated } = column;
  const madeUp = !nullable && column.default === null && !autoIncrement && generated === null;
  return [
    ...(madeUp ? [{ rule: 'not-null-without-default', part: name, needsRows: true } as const] : []),
    ...unnamedIn(column),
  ];
}

/** UNIQUE, CHECK and REFERENCES in a column's definition, which have no name or can have none. */
function unnamedIn({ name, key, check, references }: ColumnDefinition): Verdict[] {
  return [
    ...(key === 'UNIQUE' ? [{ rule: 'unnamed-index', part: name } as const] : []),
    ...(check?.name === null ? [{ rule: 'unnamed-constraint', part: name } as const] : []),
    ...(references
      ? [
          {
            rule: 'unnamed-constraint',
            part: name,
            cause:
              'REFERENCES in a column’s definition has no name, and MySQL before 9.0 ignores it without a word.',
          } as const,
        ]
      : []),
  ];
}

function changedColumn(from: string, column: ColumnDefinition, table: KnownTable | undefined): Verdict[] {
  const old = columnIn(table, from);
  const verdicts: Verdict[] =
    from.toLowerCase() === column.name.toLowerCase() ? [] : [renamed(from, column.name)];
  if (old === undefined) {
    verdicts.push({
      rule: 'narrowing',
      part: from,
      needsRows: true,
      cause: `The old type is not known here, so whether ${plainType(column.type)} has room for each value is not, either.`,
    });
    if (!column.nullable) verdicts.push({ rule: 'null-to-not-null', part: from, needsRows: true });
    return [...verdicts, ...unnamedIn(column)];
  }
  const charset = isText(column.type) ? charsetFor(table, column) : null;
  if (compareTypes(old.type, column.type, bytesPerCharacter(charset)) === 'narrower') {
    const lost = itemsLost(old.type, column.type);
    const without = lost.length > 0 && /^enum|^set/i.test(column.type) ? `, without ${lost.join(', ')}` : '';
    const cause = `${plainType(old.type)} becomes ${plainType(column.type)}${without}: not every value has a place in it.`;
    verdicts.push({ rule: 'narrowing', part: from, needsRows: true, cause });
  } else if (old.charset !== null && charset !== null && !charsetKeeps(old.charset, charset)) {
    const cause = `Character set ${old.charset} becomes ${charset}, which lacks some of its characters.`;
    verdicts.push({ rule: 'narrowing', part: from, needsRows: true, cause });
  }
  if (old.nullable && !column.nullable)
    verdicts.push({ rule: 'null-to-not-null', part: from, needsRows: true });
  return [...verdicts, ...unnamedIn(column)];
}

function convertedCharset(charset: string | null, table: KnownTable | undefined): Verdict[] {
  const old = [...(table?.columns.values() ?? [])].flatMap((column) => column.charset ?? []);
  const from =
    table === undefined ? null : old.find((one) => charset !== null && !charsetKeeps(one, charset));
  if (from === undefined || charset === 'utf8mb4') return [];
  const was = from === null ? 'An unknown character set' : `Character set ${from}`;
  return [
    {
      rule: 'narrowing',
      needsRows: true,
      cause: `${was} becomes ${charset}, which may lack some of its characters.`,
    },
  ];
}

function renamed(from: string, to: string): Verdict {
  return {
    rule: 'rename-column',
    part: from,
    cause: `It becomes ${to}: code that is running asks for the old name.`,
  };
}
