import type { ComponentChildren } from 'preact';
import { route, setParams } from '../route.ts';

/** A choice that stands in the address under `name`; the first one is the default. */
export function Choice({
  name,
  label,
  options,
}: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, shown: ComponentChildren])[];
}) {
  const chosen = chosenOf(
    name,
    options.map(([value]) => value),
  );
  return (
    <fieldset class="choice">
      <legend class="hidden-text">{label}</legend>
      {options.map(([value, shown]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => setParams({ [name]: value === options[0]?.[0] ? '' : value })}
        >
          {shown}
        </button>
      ))}
    </fieldset>
  );
}

/** The choice of the address, or the first. */
export function chosenOf(name: string, values: readonly string[]): string {
  return values.find((value) => value === route.value.params[name]) ?? values[0] ?? '';
}
