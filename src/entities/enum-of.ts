import { registerEnumType } from 'type-graphql';
import { EntityError } from '../errors/entity-error.ts';
import { itemName } from '../util/item-names.ts';

/**
 * The GraphQL enum of an ENUM's or a SET's items, for `@Field`, `@Enum` and `@Property`. An item that is no name of GraphQL gets one:
 * `PG-13` is `PG_13`, and `3D` is `_3D`.
 *
 * @param names of single items, such as `{ '+': 'PLUS' }`
 * @throws EntityError where two items would have one name
 */
export function enumOf<Item extends string>(
  name: string,
  items: readonly Item[],
  description: string,
  names: Readonly<Record<string, string>> = {},
): Readonly<Record<string, Item>> {
  const byName = new Map<string, Item>();
  for (const item of items) {
    const of = Object.hasOwn(names, item) ? (names[item] as string) : itemName(item);
    const other = byName.get(of);
    if (other !== undefined) {
      throw new EntityError([
        {
          entity: `The enum ${name}`,
          cause: `has the items "${other}" and "${item}", which would both be called ${of}`,
          remedy: `give enumOf a name for one of them: enumOf(…, { ${JSON.stringify(item)}: '${of}_2' })`,
        },
      ]);
    }
    byName.set(of, item);
  }
  const object = Object.fromEntries(byName) as Record<string, Item>;
  registerEnumType(object, { name, description });
  return object;
}
