/** The name of GraphQL for an item of an ENUM or a SET: `PG-13` is `PG_13`, and `3D` is `_3D`. */
export function itemName(item: string): string {
  const text = item.replace(/[^A-Za-z0-9_]/g, '_');
  const named = /^[A-Za-z_]/.test(text) ? text : `_${text}`;
  // https://spec.graphql.org/October2021/#EnumValue
  return /^(?:true|false|null|__.*)$/.test(named) ? `ITEM_${named.replace(/^_+/, '')}` : named;
}
