import type { CheckModel, ColumnModel } from '../information-schema/model.ts';
import { type MysqlType, parseMysqlType } from '../sql/mysql-type.ts';
import { codeTokens, isSymbol } from '../sql/tokens.ts';
import { literal } from './source-text.ts';

/** How a column is declared: MikroORM's options, GraphQL's type and TypeScript's. */
export interface ColumnField {
  /** Of `@Property`: in its order, as text of the program. */
  readonly options: Readonly<Record<string, string>>;
  /** In `@Field(() => …)`; null for a type that the API does not serve: the column is then hidden. */
  readonly graphql: string | null;
  readonly typescript: string;
  /** The names that the file imports for it, and from where. */
  readonly imports: readonly (readonly [name: string, from: string])[];
  /** An enum that stands above the class. */
  readonly enumOf?: { readonly name: string; readonly items: readonly string[] };
}

/** Docs of the types: docs/tables.md. `checks` are those of its table; `nameEnum` names the enum of a column that has one. */
export function propertyOfMysqlType(
  column: ColumnModel,
  checks: readonly CheckModel[],
  nameEnum: () => string,
): ColumnField {
  return served(parseMysqlType(column.type), column, isFlag(column, checks), nameEnum);
}

/** Whether neither its default nor a check of it alone has another number than 0 and 1: a TINYINT(1) holds those up to 127. */
function isFlag({ name, default: initial }: ColumnModel, checks: readonly CheckModel[]): boolean {
  if (initial !== null && !initial.expression && !/^[01]$/.test(initial.value)) return false;
  return checks.every(({ expression }) => {
    const tokens = codeTokens(expression);
    const names = tokens.filter(({ kind }) => kind === 'name').map(({ text }) => text.toLowerCase());
    if (names.length === 0 || names.some((other) => other !== name.toLowerCase())) return true;
    return tokens.every(
      (token) => !isSymbol(token, '-') && (token.kind !== 'number' || /^[01]$/.test(token.text)),
    );
  });
}

const scalar = (name: string, file: string): Pick<ColumnField, 'graphql' | 'imports'> => ({
  graphql: name,
  imports: [[name, `../scalars/${file}.ts`]],
});
const own = (name: 'Int' | 'Float'): Pick<ColumnField, 'graphql' | 'imports'> => ({
  graphql: name,
  imports: [[name, 'type-graphql']],
});

function served(
  type: MysqlType,
  column: ColumnModel,
  isBoolean: boolean,
  nameEnum: () => string,
): ColumnField {
  const columnType = { columnType: literal(column.type) };
  const geometry = column.srid === null ? column.type : `${column.type} srid ${column.srid}`;
  // The ORM takes the numbers of a key for unsigned where the option is absent.
  const unsigned = { unsigned: String(type.isUnsigned) };
  const padded = / zerofill$/.test(column.type) ? columnType : {};
  const small: ColumnField = {
    options: {
      type: literal('integer'),
      ...columnType,
      ...(!type.isUnsigned && type.name !== 'year' && unsigned),
    },
    ...own('Int'),
    typescript: 'number',
  };
  if (isUuid(type, column)) {
    const kind = literal(type.name === 'binary' ? 'blob' : 'string');
    return { options: { type: kind, ...columnType }, ...scalar('UUID', 'uuid'), typescript: 'string' };
  }
  switch (type.name) {
    case 'tinyint':
      if (type.numbers[0] === 1 && !type.isUnsigned && isBoolean) {
        return {
          options: { type: literal('boolean') },
          graphql: 'Boolean',
          typescript: 'boolean',
          imports: [],
        };
      }
      return small;
    case 'smallint':
    case 'mediumint':
    case 'year':
      return small;
    case 'int':
      return type.isUnsigned
        ? {
            options: { type: literal('integer'), ...unsigned, ...padded },
            ...scalar('SafeInt', 'safe-int'),
            typescript: 'number',
          }
        : { options: { type: literal('integer'), ...unsigned }, ...own('Int'), typescript: 'number' };
    case 'bigint':
      return {
        options: { type: literal('bigint'), ...unsigned, ...padded },
        ...scalar('BigIntScalar', 'big-int'),
        typescript: 'string',
      };
    case 'decimal':
      return {
        options: { type: literal('decimal'), ...columnType, ...(!type.isUnsigned && unsigned) },
        ...scalar('Decimal', 'decimal'),
        typescript: 'string',
      };
    case 'float':
    case 'double':
      return { options: { type: literal(type.name), ...columnType }, ...own('Float'), typescript: 'number' };
    case 'bit':
      return type.numbers[0] === 1 || type.numbers.length === 0
        ? {
            options: { type: literal('boolean'), ...columnType },
            graphql: 'Boolean',
            typescript: 'boolean',
            imports: [],
          }
        : bytes(columnType);
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return {
        options: { type: literal(type.name.endsWith('text') ? 'text' : 'string'), ...columnType },
        graphql: 'String',
        typescript: 'string',
        imports: [],
      };
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return bytes(columnType);
    case 'date':
      return {
        options: { type: literal('date') },
        ...scalar('LocalDate', 'local-date'),
        typescript: 'string',
      };
    case 'time':
      return {
        options: { type: literal('time'), ...columnType },
        ...scalar('Duration', 'duration'),
        typescript: 'string',
      };
    case 'datetime':
      return {
        options: { type: literal('datetime'), ...columnType },
        ...scalar('LocalDateTime', 'local-date-time'),
        typescript: 'string',
      };
    case 'timestamp':
      return {
        options: { type: literal('datetime'), ...columnType },
        ...scalar('DateTime', 'date-time'),
        typescript: 'string',
      };
    case 'enum':
    case 'set': {
      const enumName = nameEnum();
      return {
        options: { type: literal(type.name === 'enum' ? 'enum' : 'string'), ...columnType },
        graphql: type.name === 'enum' ? enumName : `[${enumName}]`,
        typescript: type.name === 'enum' ? 'string' : 'string[]',
        imports: [['enumOf', './enum-of.ts']],
        enumOf: { name: enumName, items: type.items },
      };
    }
    case 'json':
      return { options: { type: literal('json') }, ...scalar('Json', 'json'), typescript: 'object' };
    case 'geometry':
    case 'point':
    case 'linestring':
    case 'polygon':
    case 'multipoint':
    case 'multilinestring':
    case 'multipolygon':
    case 'geometrycollection':
      return {
        options: { type: literal('string'), columnType: literal(geometry) },
        ...scalar('GeoJson', 'geo-json'),
        typescript: 'object',
      };
    default:
      return {
        options: { type: literal('string'), ...columnType },
        graphql: null,
        typescript: 'unknown',
        imports: [],
      };
  }
}

/** Only its name or its default tells: there is no such type. */
function isUuid({ name, numbers: [length] }: MysqlType, column: ColumnModel): boolean {
  const fits = (name === 'binary' && length === 16) || (name === 'char' && length === 36);
  return fits && /[ug]uid/i.test(`${column.name} ${column.default?.value ?? ''}`);
}

function bytes(columnType: Readonly<Record<string, string>>): ColumnField {
  return {
    options: { type: literal('blob'), ...columnType },
    ...scalar('Base64', 'base64'),
    typescript: 'string',
  };
}
