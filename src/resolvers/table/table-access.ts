import { ReferenceKind } from '@mikro-orm/core';
import type { ClassType } from 'type-graphql';
import { type AccessRules, permissionOf } from '../../access/permission.ts';
import { declaredProperty } from '../../column-types/declared-property.ts';
import { computedNamesOf, type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { tableKeyOf } from '../../column-types/table-key.ts';
import type { TableNames } from '../../entities/table.ts';
import { aggregateSuffix } from '../../reads/selection.ts';
import { connectField, disconnectField, keyField } from '../../sources/api-names.ts';
import { capitalized } from '../../util/capitalized.ts';
import { isFieldAuthorized } from './authorized-fields.ts';
import { createdTypeOf, createsRows } from './inputs.ts';
import { grantedLinks, linkFieldsOf } from './link-fields.ts';
import { comparedSuffix, mutationNamesOf } from './names.ts';

/** The part of the API that a role has by its permissions for one table. */
export interface TableAccess {
  readonly isReadable: boolean;
  readonly rootFields: readonly string[];
  /** The fields that the role has, by the names of types that follow from the entity. */
  readonly types: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names that other types of the entity must not have: those of columns and relations that the role does not have. */
  readonly denied: ReadonlySet<string>;
  /** The prefix of its types' names. */
  readonly prefix: string;
  /** Fields, as in `MedicalRecord.patient`, that lead to rows which the role may not read. */
  readonly nullable: readonly string[];
}

/** @param table what `@Table` says of the entity; without it, the API has no fields of it */
export function tableAccessOf(
  entity: ClassType<object>,
  table: TableNames | undefined,
  role: string,
  rules: AccessRules,
): TableAccess {
  const { name } = entity;
  const read = permissionOf(rules, role, name, 'read');
  const of = fieldsOf(entity);
  if (table === undefined || read === undefined) {
    return {
      isReadable: false,
      rootFields: [],
      types: new Map(),
      denied: new Set(),
      prefix: name,
      nullable: [],
    };
  }
  const fields = of.filter((field) => isReadable(entity, field, role, rules));
  const scalars = fields.filter(({ kind }) => kind !== 'one' && kind !== 'many').map((field) => field.name);
  const lists = fields.filter(({ kind }) => kind === 'many').map((field) => field.name);
  const all = fields.map((field) => field.name);
  const { getters, resolvers } = computedNamesOf(entity);
  const isOfGranted = (field: string) =>
    isFieldAuthorized(entity, field, role) &&
    (table.computed[field] ?? []).every((column) => isGranted(entity, column, role, rules));
  const computed = getters.filter(isOfGranted);
  const withheld = [...getters, ...resolvers].filter((field) => !isOfGranted(field));
  return {
    isReadable: true,
    rootFields: rootFieldsOf(entity, table, role, rules),
    types: new Map<string, ReadonlySet<string>>([
      [
        name,
        new Set([
          'id',
          'source',
          'key',
          ...all,
          ...computed,
          ...lists.map((list) => `${list}${aggregateSuffix}`),
        ]),
      ],
      [`${name}Where`, new Set(['and', 'or', 'not', ...all])],
      [`${name}OrderBy`, new Set(all)],
      [`${name}Values`, new Set(scalars)],
      [`${name}Numbers`, new Set(scalars)],
      [`${name}GroupField`, new Set(scalars)],
      // Its fields are called like none of the entity's, whatever columns are denied.
      [`${name}Comparison`, new Set(['key', 'status', 'azure', 'gcp', 'differing'])],
      ...inputTypesOf(entity, table, role, rules),
    ]),
    denied: new Set([
      ...of.filter((field) => !fields.includes(field)).map((field) => field.name),
      ...withheld,
    ]),
    prefix: name,
    nullable: fields
      .filter(({ kind, type }) => kind === 'one' && hasRule(type() as ClassType, role, rules))
      .map((field) => `${name}.${field.name}`),
  };
}

function rootFieldsOf(entity: ClassType, table: TableNames, role: string, rules: AccessRules): string[] {
  const { one, many, readOnly, isKeyless } = table;
  const names = mutationNamesOf(table);
  const may = (operation: 'create' | 'update' | 'delete') =>
    !readOnly && permissionOf(rules, role, entity.name, operation) !== undefined;
  return [
    many,
    `${many}${aggregateSuffix}`,
    ...(isKeyless ? [] : [one, `${many}${comparedSuffix}`]),
    ...(may('create') ? [names.create, names.createMany] : []),
    ...(may('update') ? [names.update] : []),
    ...(may('delete') ? [names.delete] : []),
  ];
}

/** Whether a role sees a field: a column that it is granted, or a relation whose rows it may read and whose order it may know. */
function isReadable(entity: ClassType, field: EntityField, role: string, rules: AccessRules): boolean {
  const { name, kind } = field;
  if (kind === 'many') {
    if (!isFieldAuthorized(entity, name, role)) return false;
    const target = field.type() as ClassType;
    const { kind: relation, mappedBy, orderBy } = declaredProperty(entity, name) ?? {};
    // The rows of a many-to-many relation do not refer to their owner by a column of theirs.
    const back = relation === ReferenceKind.MANY_TO_MANY ? [] : [String(mappedBy)];
    const needed = [...back, ...Object.keys(orderBy ?? {})];
    if (permissionOf(rules, role, target.name, 'read') === undefined) return false;
    return needed.every((column) => isGranted(target, column, role, rules));
  }
  if (!isGranted(entity, name, role, rules)) return false;
  if (kind !== 'one') return true;
  const target = field.type() as ClassType;
  // The other side of a one-to-one relation, whose column is in the other table.
  const { mappedBy } = declaredProperty(entity, name) ?? {};
  return (
    permissionOf(rules, role, target.name, 'read') !== undefined &&
    (mappedBy === undefined || isGranted(target, String(mappedBy), role, rules))
  );
}

function isGranted(entity: ClassType, column: string, role: string, rules: AccessRules): boolean {
  const read = permissionOf(rules, role, entity.name, 'read');
  if (read === undefined || !isFieldAuthorized(entity, column, role)) return false;
  const isOfKey = tableKeyOf(entity).members.some(({ property }) => property === column);
  return isOfKey || read.columns === undefined || read.columns.includes(column);
}

function hasRule({ name }: ClassType, role: string, rules: AccessRules): boolean {
  const read = permissionOf(rules, role, name, 'read');
  return read?.rows !== undefined || read?.rowsIn !== undefined || read?.sources !== undefined;
}

/** The inputs of the table's mutations, and of the rows that a create brings along. */
function inputTypesOf(
  entity: ClassType,
  table: TableNames,
  role: string,
  rules: AccessRules,
): [type: string, fields: ReadonlySet<string>][] {
  const names = mutationNamesOf(table);
  const typeName = (mutation: string) => `${capitalized(mutation)}Input`;
  const links = linkFieldsOf(entity).filter(({ name }) => {
    const field = fieldsOf(entity).find((each) => each.name === name);
    return field !== undefined && isReadable(entity, field, role, rules);
  });
  const linked = (operation: 'create' | 'update') =>
    links.flatMap((link) => {
      const { creates, connects, disconnects } = grantedLinks(link, { entity, operation }, role, rules);
      const { name } = link;
      if (link.kind === 'one') return connects ? [keyField(name)] : [];
      return [
        ...(creates ? [name] : []),
        ...(connects ? [connectField(name)] : []),
        ...(disconnects ? [disconnectField(name)] : []),
      ];
    });
  return [
    [typeName(names.create), new Set([...inputsOf(entity, 'create', role, rules), ...linked('create')])],
    [typeName(names.update), new Set([...inputsOf(entity, 'update', role, rules), ...linked('update')])],
    ...linkFieldsOf(entity)
      .filter(createsRows)
      .map(({ name, target }): [string, ReadonlySet<string>] => [
        createdTypeOf(table, name),
        new Set(inputsOf(target, 'create', role, rules)),
      ]),
  ];
}

function inputsOf(
  entity: ClassType,
  operation: 'create' | 'update',
  role: string,
  rules: AccessRules,
): string[] {
  const permission = permissionOf(rules, role, entity.name, operation);
  if (permission === undefined) return [];
  const { columns, presets = {} } = permission;
  return fieldsOf(entity)
    .filter(({ name, kind, type }) => {
      if (kind === 'many' || Object.hasOwn(presets, name) || !isFieldAuthorized(entity, name, role))
        return false;
      if (columns !== undefined && !columns.includes(name)) return false;
      // Connecting a row wants that it may be read.
      return kind !== 'one' || permissionOf(rules, role, (type() as ClassType).name, 'read') !== undefined;
    })
    .map(({ name, kind }) => (kind === 'one' ? keyField(name) : name));
}
