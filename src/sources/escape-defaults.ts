import type { EntityProperty, MetadataStorage, Platform } from '@mikro-orm/core';
import { quoteText } from '../sql/quote.ts';

/**
 * MikroORM 7.2 writes the texts of an entity's `default` and of its enum's `items` between quotation marks as they are, so
 * that it's ends the literal (1064), and a backslash escapes what follows it. This makes literals of them, for all that
 * MikroORM writes: migrations, the snapshot, and what drift compares. `defaultRaw` and `columnType` are SQL and stay.
 */
export function escapeTexts(storage: MetadataStorage, platform: Platform): void {
  for (const { props } of storage.getAll().values()) {
    for (const prop of props) {
      const text = defaultText(prop, platform);
      // As MikroORM wrote it, and neither by hand nor by an earlier call.
      if (text !== null && prop.defaultRaw === `'${text}'`) prop.defaultRaw = quoteText(text);
      const items = prop.items?.every((item) => typeof item === 'string') ? prop.items : [];
      const written = `enum('${items.join("','")}')`;
      const escaped = `enum(${items.map((item) => quoteText(item)).join(',')})`;
      prop.columnTypes = prop.columnTypes?.map((type) => (type === written ? escaped : type));
    }
  }
}

/** The text as the column has it; null where it is none. */
function defaultText(prop: EntityProperty, platform: Platform): string | null {
  const { customType } = prop;
  const given: unknown = prop.default;
  const converts = customType !== undefined && (Array.isArray(given) || customType.compareAsType() !== 'any');
  const value: unknown =
    converts && given !== undefined ? customType.convertToDatabaseValue(given, platform) : given;
  return typeof value === 'string' ? value : null;
}
