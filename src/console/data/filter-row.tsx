import { useEffect, useRef } from 'preact/hooks';
import { sampleText } from '../api/keys.ts';
import { apiSchema, type TypeRef } from '../api/schema.ts';
import type { ApiTable } from '../api/tables.ts';
import { type ColumnFilter, filterable, operatorsOf, operatorType, wordOfOperator } from './filters.ts';

/** One condition on a column. */
export function FilterRow({
  table,
  filter: [column, operator, text],
  isNew,
  change,
  remove,
}: {
  readonly table: ApiTable;
  readonly filter: ColumnFilter;
  /** Whether it was added by hand just now: the keyboard goes on from there. */
  readonly isNew: boolean;
  readonly change: (filter: ColumnFilter) => void;
  readonly remove: () => void;
}) {
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (isNew) first.current?.focus();
  }, [isNew]);
  const type = operatorType(table, column, operator);
  return (
    <fieldset class="filter">
      <legend class="hidden-text">Filter</legend>
      <select
        ref={first}
        aria-label="Column"
        value={column}
        onChange={({ currentTarget: { value } }) => change([value, operatorsOf(table, value)[0] ?? 'eq', ''])}
      >
        {filterable(table).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        aria-label="Operator"
        value={operator}
        onChange={({ currentTarget: { value } }) => {
          // The true of one is no value of the other.
          const isAlike = operatorType(table, column, value)?.name === type?.name;
          change([column, value, isAlike ? text : '']);
        }}
      >
        {operatorsOf(table, column).map((name) => (
          <option key={name} value={name}>
            {wordOfOperator(name)}
          </option>
        ))}
      </select>
      <FilterValue type={type} text={text} set={(value) => change([column, operator, value])} />
      <button type="button" onClick={remove} aria-label={`Remove the filter on ${column}`}>
        ×
      </button>
    </fieldset>
  );
}

/** Where a value is typed, or chosen where there are few. */
function FilterValue({
  type,
  text,
  set,
}: {
  readonly type: TypeRef | undefined;
  readonly text: string;
  readonly set: (text: string) => void;
}) {
  const choices = type?.isList ? [] : choicesOf(type?.name);
  if (choices.length > 0) {
    return (
      <select aria-label="Value" value={text} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {['', ...choices].map((one) => (
          <option key={one} value={one}>
            {one === '' ? 'any' : one}
          </option>
        ))}
      </select>
    );
  }
  const sample = sampleText(type?.name);
  return (
    <input
      aria-label="Value"
      value={text}
      placeholder={type?.isList ? 'a, "b, c"' : sample && `such as ${sample}`}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  );
}

function choicesOf(type = ''): readonly string[] {
  return type === 'Boolean' ? ['true', 'false'] : (apiSchema.value?.types.get(type)?.values ?? []);
}
