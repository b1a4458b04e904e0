import type { MetadataStorage } from '@mikro-orm/core';

/** The API's name of a column, for error messages; the column's own name where no entity has it. */
export function propertyOfColumn(metadata: MetadataStorage, column: string): string {
  for (const { props } of metadata.getAll().values()) {
    const property = props.find(({ fieldNames }) => fieldNames?.includes(column));
    if (property !== undefined) return property.name;
  }
  return column;
}
