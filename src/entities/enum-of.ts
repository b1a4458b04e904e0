import { registerEnumType } from 'type-graphql';

/**
 * The GraphQL enum of an ENUM's or a SET's items, for `@Field`, `@Enum` and `@Property`. An item that is no name of GraphQL gets one:
 * `PG-13` is `PG_13`, and `3D` is `_3D`.
 *
 * @throws TypeError where two items would have one name
 */
export function enumOf<Item extends string>(
  name: string,
  items: readonly Item[],
  description: string,
): Readonly<Record<string, Item>> {
  const names = new Map<string, Item>();
  for (const item of items) {
    const of = nameOfItem(item);
    const other = names.get(of);
    if (other !== undefined) {
      throw new TypeError(
        `The items "${other}" and "${item}" of the enum ${name} would both be called ${of}: register an enum of your own with TypeGraphQL's registerEnumType.`,
      );
    }
    names.set(of, item);
  }
  const object = Object.fromEntries(names) as Record<string, Item>;
  registerEnumType(object, { name, description });
  return object;
}

/** https://spec.graphql.org/October2021/#Name; `true`, `false` and `null` are no names of items. */
function nameOfItem(item: string): string {
  const text = item.replace(/[^A-Za-z0-9_]/g, '_');
  const named = /^[A-Za-z_]/.test(text) ? text : `_${text}`;
  return /^(?:true|false|null|__.*)$/.test(named) ? `ITEM_${named.replace(/^_+/, '')}` : named;
}
