import {
  type EntityMetadata,
  type EntityProperty,
  type MetadataStorage,
  ReferenceKind,
} from '@mikro-orm/core';

/** How the rows of a to-many relation belong to their owners. */
export interface Link {
  /** The table that refers to the owners: that of the rows, or the one between. */
  readonly meta: EntityMetadata;
  /** Its to-one relation to the owner. */
  readonly owner: string;
  /** Its to-one relation to the rows; null where it is the rows' own table. */
  readonly rows: string | null;
  /** Tells links apart. */
  readonly key: string;
}

const links = new WeakMap<EntityProperty, Link>();

/** Finds the tables between those of many-to-many relations: a property does not lead there by itself. */
export function findLinks(metadata: MetadataStorage): void {
  for (const { props } of metadata.getAll().values()) {
    for (const property of props) {
      if (property.kind !== ReferenceKind.MANY_TO_MANY || property.pivotEntity === undefined) continue;
      const meta = metadata.find(property.pivotEntity as never) as EntityMetadata | undefined;
      if (meta !== undefined) links.set(property, between(property, meta));
    }
  }
}

/** The link of a to-many relation. */
export function linkOf(property: EntityProperty): Link {
  let link = links.get(property);
  if (link === undefined) {
    const { targetMeta, mappedBy } = property;
    const meta = targetMeta as EntityMetadata;
    link = { meta, owner: mappedBy, rows: null, key: `${meta.className}.${mappedBy}` };
    links.set(property, link);
  }
  return link;
}

function between({ joinColumns, inverseJoinColumns }: EntityProperty, meta: EntityMetadata): Link {
  const relationBy = (columns: readonly string[]) =>
    meta.relations.find(({ fieldNames }) => fieldNames?.join() === columns.join())?.name as string;
  const [owner, rows] = [relationBy(joinColumns), relationBy(inverseJoinColumns)];
  return { meta, owner, rows, key: `${meta.className}.${owner}.${rows}` };
}
