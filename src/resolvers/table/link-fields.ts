import { type EntityProperty, ReferenceKind } from '@mikro-orm/core';
import type { ClassType } from 'type-graphql';
import { type AccessRules, permissionOf } from '../../access/permission.ts';
import { declaredProperties, declaredProperty } from '../../column-types/declared-property.ts';
import { type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { isSupplied } from '../../column-types/supplied.ts';
import { tableKeyOf } from '../../column-types/table-key.ts';
import { tableOf } from '../../entities/table.ts';

/** How inputs of an entity can change what belongs to its rows along a relation. */
export interface LinkField {
  /** The relation's name. */
  readonly name: string;
  readonly target: ClassType;
  /** `one`: a row along a one-to-one relation whose foreign key is in the other table. */
  readonly kind: 'one' | 'many';
  /** The to-one relation of the target that refers back; null where the links have a table of their own. */
  readonly back: string | null;
  /** The entity of that table; null where it has none. */
  readonly between: ClassType | null;
  /** Whether rows that are there can be connected: where what refers back is of their key, they cannot, since a row keeps its key. */
  readonly connects: boolean;
  /** Whether rows can be disconnected: where each has to belong to some row, they cannot. */
  readonly disconnects: boolean;
}

/** The relations along which inputs of an entity can create, connect and disconnect rows. */
export function linkFieldsOf(entity: ClassType): LinkField[] {
  return fieldsOf(entity).flatMap((field): LinkField[] => {
    if (field.kind !== 'one' && field.kind !== 'many') return [];
    const target = field.type() as ClassType;
    const declared = declaredProperty(entity, field.name) ?? {};
    const isMany = declared.kind === ReferenceKind.MANY_TO_MANY;
    const of = { name: field.name, target };
    if (isMany) return linked(entity, of, declared);
    if (field.kind === 'one' && declared.mappedBy === undefined) return [];
    return referred(of, field, String(declared.mappedBy));
  });
}

type Named = Pick<LinkField, 'name' | 'target'>;

/** The foreign key is in the target's table. */
function referred(of: Named, { kind }: EntityField, back: string): LinkField[] {
  const declared = declaredProperty(of.target, back);
  if (declared === undefined || !isWritable(of.target)) return [];
  // A row without the column in its inputs cannot be brought along by it either.
  if (!fieldsOf(of.target).some(({ name }) => name === back)) return [];
  const disconnects = declared.nullable === true;
  const connects = declared.primary !== true;
  if (!connects && kind === 'one') return [];
  return [{ ...of, kind: kind as 'one' | 'many', back, between: null, connects, disconnects }];
}

/** The links are rows of a table between. */
function linked(entity: ClassType, of: Named, declared: Partial<EntityProperty>): LinkField[] {
  const { mappedBy } = declared;
  const owning = mappedBy === undefined ? declared : (declaredProperty(of.target, String(mappedBy)) ?? {});
  const thunk = owning.pivotEntity as unknown as (() => ClassType) | undefined;
  const between = typeof thunk === 'function' ? thunk() : null;
  if (between !== null && !canLink(between, [entity, of.target])) return [];
  return [{ ...of, kind: 'many', back: null, between, connects: true, disconnects: true }];
}

/** Whether a row of a table between needs nothing but the keys of both. */
function canLink(between: ClassType, sides: readonly ClassType[]): boolean {
  if (tableOf(between) !== undefined && !isWritable(between)) return false;
  const { numbered } = tableKeyOf(between);
  // A decorator's own `name` is that of the column.
  return Object.entries(declaredProperties(between)).every(([name, property]) => {
    if (property.kind === ReferenceKind.ONE_TO_MANY || property.kind === ReferenceKind.MANY_TO_MANY)
      return true;
    const isSide = property.kind !== ReferenceKind.SCALAR && sides.includes(property.entity?.() as ClassType);
    const isMade = property.onCreate !== undefined || name === numbered;
    return isSide || (property.primary === true ? isMade : isSupplied(property));
  });
}

function isWritable(entity: ClassType): boolean {
  return tableOf(entity)?.readOnly === false;
}

/** The part of a relation that the inputs for one operation of a role have. */
export interface GrantedLinks {
  readonly creates: boolean;
  readonly connects: boolean;
  readonly disconnects: boolean;
}

/**
 * Connecting wants that the role may read the row that is connected, and may change what is written: the foreign key of that row, rows of
 * the table between, or, where that is no entity, the row that others come to belong to.
 */
export function grantedLinks(
  field: LinkField,
  { entity, operation }: { readonly entity: ClassType; readonly operation: 'create' | 'update' },
  role: string,
  rules: AccessRules,
): GrantedLinks {
  const { name, target, back, between } = field;
  const may = (of: ClassType, what: 'read' | 'create' | 'update' | 'delete', column?: string) => {
    const permission = permissionOf(rules, role, of.name, what);
    if (permission === undefined) return false;
    const { columns, presets = {} } = permission as { columns?: readonly string[]; presets?: object };
    if (column === undefined) return true;
    return (columns?.includes(column) ?? true) && !Object.hasOwn(presets, column);
  };
  const isRead = may(target, 'read');
  const isCreated = isRead && may(target, 'create');
  if (back !== null) {
    const connects = field.connects && isRead && may(target, 'update', back);
    return { creates: isCreated, connects, disconnects: connects && field.disconnects };
  }
  if (between === null || tableOf(between) === undefined) {
    const connects = isRead && may(entity, operation, name);
    return { creates: connects && isCreated, connects, disconnects: connects };
  }
  const connects = isRead && may(between, 'create');
  return { creates: connects && isCreated, connects, disconnects: isRead && may(between, 'delete') };
}
