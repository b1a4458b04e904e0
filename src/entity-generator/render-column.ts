import type { ColumnModel } from '../information-schema/model.ts';
import type { Use } from './imports.ts';
import type { ColumnField } from './property-of-mysql-type.ts';
import { decorator, decoratorsModule, descriptionOf, fieldText, literal } from './source-text.ts';

/** The property of a column, with its decorators. */
export function columnText(
  column: ColumnModel,
  property: string,
  field: ColumnField,
  { isKey, isKeyAlone }: { readonly isKey: boolean; readonly isKeyAlone: boolean },
  use: Use,
): string {
  for (const [name, from] of field.imports) use(name, from);
  const options = {
    ...field.options,
    fieldName: literal(column.name),
    ...(column.nullable && { nullable: 'true' }),
    ...suppliedOptions(column, field),
    ...(column.comment !== '' && { comment: literal(column.comment) }),
    ...(isKey && !isKeyAlone && { primary: 'true' }),
    ...(isKey && { autoincrement: String(column.autoIncrement) }),
  };
  const lines = [decorator(use(isKeyAlone ? 'PrimaryKey' : 'Property', decoratorsModule), options)];
  if (field.graphql !== null) {
    use('Field', 'type-graphql');
    const description = literal(descriptionOf(column.comment, `The column ${column.name}.`));
    lines.push(fieldText(field.graphql, { ...(column.nullable && { nullable: 'true' }), description }));
  }
  lines.push(
    column.nullable ? `  ${property}?: ${field.typescript} | null;` : `  ${property}!: ${field.typescript};`,
  );
  return lines.join('\n');
}

/** The options for a value that MySQL gives the column where a row has none. */
export function suppliedOptions(
  column: ColumnModel,
  { typescript }: Pick<ColumnField, 'typescript'>,
): Record<string, string> {
  return {
    ...defaultOf(column, typescript === 'boolean'),
    ...(column.generated && {
      generated: literal(`(${column.generated.expression}) ${column.generated.kind.toLowerCase()}`),
    }),
    ...extraOf(column),
  };
}

function defaultOf(
  { default: value, type, nullable }: ColumnModel,
  isBoolean: boolean,
): Record<string, string> {
  if (value === null) return {};
  if (value.expression) {
    const isPlain = /^current_timestamp/i.test(value.value);
    return { defaultRaw: literal(isPlain ? value.value.toLowerCase() : `(${value.value})`) };
  }
  if (nullable && value.value.toLowerCase() === 'null') return {};
  if (isBoolean && type.startsWith('tinyint')) return { default: value.value === '0' ? 'false' : 'true' };
  if (
    /^(tiny|small|medium)?int|^float|^double|^year/.test(type) &&
    String(Number(value.value)) === value.value
  ) {
    return { default: value.value };
  }
  if (/^(decimal|bigint|bit)/.test(type)) return { defaultRaw: literal(value.value) };
  return { default: literal(value.value) };
}

function extraOf({ invisible, onUpdate }: ColumnModel): Record<string, string> {
  const extra = [
    ...(invisible ? ['invisible'] : []),
    ...(onUpdate === null ? [] : [`on update ${onUpdate.toLowerCase()}`]),
  ];
  return extra.length === 0 ? {} : { extra: literal(extra.join(' ')) };
}
