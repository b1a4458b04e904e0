import {
  type EntityMetadata,
  type EntityProperty,
  type MetadataStorage,
  ReferenceKind,
} from '@mikro-orm/core';
import type { ClassType } from 'type-graphql';
import { administratorRole } from '../../access/identity.ts';
import { type AccessRules, Claim, permissionOf, type RoleOptions } from '../../access/permission.ts';
import { primaryKeyOf } from '../../column-types/column-types.ts';
import { fieldsOf } from '../../column-types/entity-fields.ts';
import { isSupplied } from '../../column-types/supplied.ts';
import { EntityError, type EntityFault } from '../../errors/entity-error.ts';
import type { Explanation } from '../../errors/explanation.ts';
import { isColumn, propertyOf } from '../../reads/entity-properties.ts';
import type { Where } from '../../reads/filter-to-condition.ts';
import { ruleProblem } from '../../reads/row-rule.ts';
import { permissionShapeFaults, roleShapeFaults } from './permission-shape.ts';

const operations = ['read', 'create', 'update', 'delete'] as const;

/**
 * Looks at the permissions of every table before the first request: one that names what is not there would grant less than it
 * seems to, or more.
 *
 * @throws EntityError with all faults
 */
export function checkPermissions(
  metadata: MetadataStorage,
  rules: AccessRules,
  entities: readonly ClassType<object>[],
): void {
  const faults = entities.flatMap((entity) => {
    const meta = metadata.get(entity as never) as unknown as EntityMetadata;
    const table = rules.tables[entity.name] ?? {};
    return Object.keys(table).flatMap((role) =>
      roleFaults(entity, meta, role, rules).map((fault) => ({
        entity: entity.name,
        cause: `has a permission of the role ${role} that ${fault.cause}`,
        remedy: fault.remedy,
      })),
    );
  });
  faults.push(
    ...Object.entries(rules.roles).flatMap(([role, options]) => [
      ...limitFaults(role, options),
      ...roleShapeFaults(role, options).map((fault) => ({ entity: `The role ${role}`, ...fault })),
    ]),
  );
  const unknown = Object.keys(rules.tables).filter((name) =>
    entities.every((entity) => entity.name !== name),
  );
  faults.push(
    ...unknown.map((entity) => ({
      entity,
      cause: 'has permissions and is no entity',
      remedy: 'remove them',
    })),
  );
  if (faults.length > 0) throw new EntityError(faults);
}

/** The faults of a role beside its tables. */
function limitFaults(role: string, { cost, pageRows, requestsPerMinute }: RoleOptions): EntityFault[] {
  const entity = `The role ${role}`;
  if (role === administratorRole) {
    return [{ entity, cause: 'is declared, and may do everything without that', remedy: 'remove it' }];
  }
  return Object.entries({ cost, pageRows, requestsPerMinute })
    .filter(([, limit]) => limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    .map(([name, limit]) => ({
      entity,
      cause: `has ${name} ${limit}, which is no limit`,
      remedy: 'set it to a whole number from 1 on',
    }));
}

function roleFaults(
  entity: ClassType<object>,
  meta: EntityMetadata,
  role: string,
  rules: AccessRules,
): Explanation[] {
  if (role === administratorRole || !Object.hasOwn(rules.roles, role)) {
    return [{ cause: 'is none of the roles', remedy: 'add it to src/entities/roles.ts, or remove it' }];
  }
  const shapeFaults = permissionShapeFaults(rules.tables[entity.name]?.[role]);
  // Its other names are checked where they are read as a permission.
  if (shapeFaults.length > 0) return shapeFaults;
  const columns = fieldsOf(entity)
    .filter(({ kind, name }) => kind !== 'many' || isLinked(meta, name))
    .map(({ name }) => name);
  const read = permissionOf(rules, role, entity.name, 'read');
  return operations.flatMap((operation): Explanation[] => {
    const permission = permissionOf(rules, role, entity.name, operation);
    if (permission === undefined) return [];
    const named: readonly string[] = ('columns' in permission ? permission.columns : undefined) ?? [];
    const given: object = 'presets' in permission ? (permission.presets ?? {}) : {};
    const presets = Object.keys(given);
    const problems = rulesIn(permission).flatMap((rule) => ruleProblem(meta, rule) ?? []);
    return [
      ...[...named, ...presets]
        .filter((name) => !columns.includes(name))
        .map((name) => ({
          cause: `names ${name}, which is no column of the API`,
          remedy: 'name a column with a @Field',
        })),
      ...(operation === 'update' ? named : [])
        .filter((name) => read?.columns !== undefined && !read.columns.includes(name))
        .map((name) => ({
          cause: `changes ${name}, which it may not read`,
          remedy: 'grant the column for reading: the argument expected would tell it',
        })),
      ...Object.entries(given)
        .filter(([name, preset]) => preset instanceof Claim && hasSeveralColumns(meta, name))
        .map(([name]) => ({
          cause: `gives ${name}, whose key has several columns, by a claim`,
          remedy: 'give columns of that key by claims',
        })),
      ...(operation === 'create' && (named.length > 0 || presets.length > 0)
        ? missing(meta, named.length > 0 ? named : columns, presets)
        : []),
      ...problems.map((problem) => ({
        cause: `has a row rule for ${operation} in which ${problem}`,
        remedy: 'write it as a filter of the API (docs/access.md)',
      })),
    ];
  });
}

const hasSeveralColumns = ({ properties }: EntityMetadata, name: string) =>
  ((properties[name as never] as EntityProperty | undefined)?.fieldNames?.length ?? 0) > 1;

/** Whether rows of a table between, which is no entity, stand for a column. */
function isLinked(meta: EntityMetadata, name: string): boolean {
  return propertyOf(meta, name).kind === ReferenceKind.MANY_TO_MANY;
}

/** All rules of a permission: of rows before and after, of all sources. */
function rulesIn(permission: object): Where[] {
  const {
    rows,
    rowsIn = {},
    check,
  } = permission as {
    readonly rows?: Where;
    readonly rowsIn?: Readonly<Record<string, Where>>;
    readonly check?: Where;
  };
  return [rows, ...Object.values(rowsIn), check].filter((rule) => rule !== undefined);
}

/** Columns without which no row can be created. */
function missing(meta: EntityMetadata, named: readonly string[], presets: readonly string[]): Explanation[] {
  const { numbered } = primaryKeyOf(meta);
  const isMade = ({ name, onCreate }: EntityProperty) => name === numbered || onCreate !== undefined;
  const isNeeded = (property: EntityProperty) =>
    isColumn(property) && !(property.primary ? isMade(property) : isSupplied(property));
  return meta.props
    .filter(
      (property) => isNeeded(property) && !named.includes(property.name) && !presets.includes(property.name),
    )
    .map(({ name }) => ({
      cause: `creates rows without ${name}, which a row needs`,
      remedy: 'grant the column, or give it by a preset',
    }));
}
