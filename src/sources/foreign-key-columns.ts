import type { EntityMetadata, EntityProperty, MetadataStorage, Platform } from '@mikro-orm/core';

/**
 * MikroORM has one sign and one length for all columns of a foreign key. This gives each the sign of the column that it refers to, which
 * MySQL demands, and the length of its own type, for all that MikroORM writes: migrations, the snapshot, and what drift compares.
 */
export function partForeignKeys(storage: MetadataStorage, platform: Platform): void {
  for (const { props } of storage.getAll().values()) {
    for (const prop of props) {
      if (prop.targetMeta === undefined || (prop.columnTypes?.length ?? 0) < 2) continue;
      signColumns(prop, prop.targetMeta, platform);
      // MikroORM would take that of the first column which has one for a `date` behind it, too.
      Object.defineProperty(prop, 'length', { get: () => undefined, set: () => {} });
    }
  }
}

function signColumns(prop: EntityProperty, targetMeta: EntityMetadata, platform: Platform): void {
  const { referencedColumnNames, columnTypes } = prop;
  const isNumeric = columnTypes.map((type) => platform.isNumericColumn(platform.getMappedType(type)));
  const signs = referencedColumnNames.map((name) => isUnsigned(targetMeta, name));
  if (!prop.unsigned || signs.every((sign, at) => sign || !isNumeric[at])) return;
  prop.unsigned = false;
  prop.columnTypes = columnTypes.map((type, at) =>
    signs[at] && isNumeric[at] && !/unsigned/i.test(type) ? `${type} unsigned` : type,
  );
}

function isUnsigned({ props }: EntityMetadata, column: string): boolean {
  const property: EntityProperty | undefined = props.find(({ fieldNames }) => fieldNames?.includes(column));
  const { targetMeta, joinColumns, referencedColumnNames, unsigned = false } = property ?? {};
  if (targetMeta === undefined) return unsigned;
  const referenced = referencedColumnNames?.[joinColumns?.indexOf(column) ?? 0];
  return referenced !== undefined && isUnsigned(targetMeta, referenced);
}
