import { type EntityMetadata, type EntityProperty, ReferenceKind } from '@mikro-orm/core';
import type { ClassType } from 'type-graphql';
import { automaticProblem } from '../../column-types/automatic.ts';
import { capabilitiesOf, columnNamed, primaryKeyOf } from '../../column-types/column-types.ts';
import { columnFieldsOf, type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { isSupplied } from '../../column-types/supplied.ts';
import { type TableNames, tableOf } from '../../entities/table.ts';
import type { EntityFault } from '../../errors/entity-error.ts';
import type { Explanation } from '../../errors/explanation.ts';
import { isInverse, isToMany, isToOne, propertyOf } from '../../reads/entity-properties.ts';
import { hiddenRowsOf } from '../../reads/hidden-rows.ts';
import { columnFault } from './check-columns.ts';
import { optionFault } from './check-options.ts';

/** The faults of single properties of an entity. */
export function propertyFaults(
  meta: EntityMetadata,
  table: TableNames,
  entities: readonly ClassType[],
): EntityFault[] {
  const fields = new Map(fieldsOf(meta.class as never).map((field) => [field.name, field]));
  const named = (property: string, fault: Explanation | null): EntityFault[] =>
    fault === null ? [] : [{ entity: meta.className, property, ...fault }];
  const unknown = [...fields.keys()].filter((name) => meta.properties[name] === undefined);
  return [
    ...unknown.flatMap((name) => named(name, withoutProperty)),
    ...meta.props.flatMap((property) => {
      const field = fields.get(property.name);
      const fault =
        field === undefined
          ? hiddenFault(property, table)
          : (targetFault(property, field, entities) ??
            fieldFault(property, field) ??
            optionFault(property, meta) ??
            namesFault(property, meta));
      return named(property.name, fault ?? automaticFault(property));
    }),
  ];
}

const withoutProperty: Explanation = {
  cause: 'has a @Field and no column',
  remedy:
    'map a column by @Property, or let it be a getter that computed of the @Table names, or remove the @Field',
};

/** A column without `@Field` is not in the API: a new row must do without it. */
function hiddenFault(property: EntityProperty, { readOnly }: TableNames): Explanation | null {
  const { kind, primary, persist } = property;
  const isColumn =
    kind === ReferenceKind.SCALAR ||
    kind === ReferenceKind.MANY_TO_ONE ||
    (kind === ReferenceKind.ONE_TO_ONE && !isInverse(property));
  if (readOnly || !isColumn || primary || persist === false || isSupplied(property)) return null;
  return {
    cause: 'has no @Field, no default and no null, so that no mutation can create a row',
    remedy: 'give it a default, let it be null, give it a @Field, or add readOnly: true to the @Table',
  };
}

function automaticFault(property: EntityProperty): Explanation | null {
  const cause = automaticProblem(property, 'onCreate') ?? automaticProblem(property, 'onUpdate');
  return cause === null ? null : { cause, remedy: 'let the database supply it, by DEFAULT or ON UPDATE' };
}

/** A relation leads to the rows of one entity of the API, which its `@Field` names. */
function targetFault(
  property: EntityProperty,
  field: EntityField,
  entities: readonly ClassType[],
): Explanation | null {
  const { targetMeta, polymorphic, kind } = property;
  if (polymorphic === true || kind === ReferenceKind.EMBEDDED || targetMeta === undefined) return null;
  const target = targetMeta.class as never;
  if (!entities.includes(target)) {
    return {
      cause: `leads to ${targetMeta.className}, which is no entity of the API`,
      remedy: 'name it in src/entities/index.ts, or remove the @Field',
    };
  }
  if (field.kind !== 'one' && field.kind !== 'many') return null;
  return field.type() === target ? null : wrongField(`${targetMeta.className}, to which it leads`);
}

/** A hidden row is answered as null. */
function hiddenTargetFault({ targetMeta }: EntityProperty, field: EntityField): Explanation | null {
  if (field.nullable || hiddenRowsOf(targetMeta as EntityMetadata).rule === null) return null;
  return {
    cause: `leads to ${targetMeta?.className}, of which a filter or soft delete hides rows, and its @Field cannot be null`,
    remedy: 'add nullable: true to the @Field',
  };
}

function fieldFault(property: EntityProperty, field: EntityField): Explanation | null {
  if (property.polymorphic === true) {
    return {
      cause: 'is a polymorphic relation, to rows of several entities',
      remedy: 'let it be a relation to each of them, with a foreign key of its own',
    };
  }
  switch (property.kind) {
    case ReferenceKind.SCALAR:
      return columnFault(property, field) ?? nullFault(property, field);
    case ReferenceKind.MANY_TO_ONE:
      return toOneFault(property, field);
    case ReferenceKind.ONE_TO_ONE:
      return isInverse(property) ? inverseFault(property, field) : toOneFault(property, field);
    case ReferenceKind.ONE_TO_MANY:
      return toManyFault(property, field);
    case ReferenceKind.MANY_TO_MANY:
      return toManyFault(property, field);
    default:
      return {
        cause: `is a relation of the kind ${property.kind}, which the API does not serve yet`,
        remedy: 'remove its @Field, or map the table in between as an entity with two to-one relations',
      };
  }
}

function toOneFault(property: EntityProperty, field: EntityField): Explanation | null {
  const target = property.targetMeta as EntityMetadata;
  if (primaryKeyOf(target).isNone) return keylessFault(target);
  const ofKey = primaryKeyOf(target).columns.map(({ name }) => columnNamed(target, name).column);
  if (property.referencedColumnNames?.toSorted().join() !== ofKey.toSorted().join()) {
    return {
      cause: `refers to other columns than the primary key of ${target.className}`,
      remedy: 'let the foreign key refer to the primary key, or remove its @Field',
    };
  }
  if (field.kind !== 'one') return wrongField('the class of the entity that it leads to');
  const isHidden = hiddenRowsOf(property.targetMeta as EntityMetadata).rule !== null;
  return isHidden ? hiddenTargetFault(property, field) : nullFault(property, field);
}

/** To one row of a table without a key, no relation leads. */
function keylessFault({ className }: EntityMetadata): Explanation {
  return {
    cause: `refers to one row of ${className}, which has no key`,
    remedy: 'map the column by @Property, or let the relation be one to many',
  };
}

/** The other side of a one-to-one relation: nothing makes its row be there. */
function inverseFault({ targetMeta }: EntityProperty, field: EntityField): Explanation | null {
  if (primaryKeyOf(targetMeta as EntityMetadata).isNone) return keylessFault(targetMeta as EntityMetadata);
  if (field.kind !== 'one') return wrongField('the class of the entity that it leads to');
  if (field.nullable) return null;
  return {
    cause:
      'has its foreign key in the other table, so that its row can be absent, and its @Field cannot be null',
    remedy: 'add nullable: true to the @Field',
  };
}

function toManyFault({ orderBy, targetMeta }: EntityProperty, field: EntityField): Explanation | null {
  if (field.nullable) {
    return { cause: 'is a list, which is never null', remedy: 'remove nullable from the @Field' };
  }
  if (field.kind !== 'many') return wrongField('a list of the class of the entity that it leads to');
  if (tableOf(targetMeta?.class as never) === undefined) {
    return {
      cause: `leads to rows of ${targetMeta?.className}, which has no @Table`,
      remedy: 'give that entity a @Table, and a line in src/entities/index.ts',
    };
  }
  const steps = Array.isArray(orderBy) ? orderBy : Object.values(orderBy ?? {});
  const unknown = Object.keys(Array.isArray(orderBy) ? {} : (orderBy ?? {})).find(
    (name) => !isOrdered(targetMeta as EntityMetadata, name),
  );
  if (unknown !== undefined) {
    return {
      cause: `has an orderBy of ${unknown}, which is no column of ${targetMeta?.className} that the API has an order of`,
      remedy: 'name a column with a @Field',
    };
  }
  if (steps.every((step) => step === 'asc' || step === 'desc')) return null;
  return {
    cause: 'has an orderBy that is not one object of columns with asc and desc',
    remedy:
      "write it as { admissionDate: 'asc', key: 'asc' }, or leave it out: rows are then in the order of their keys",
  };
}

function isOrdered(meta: EntityMetadata, name: string): boolean {
  const field = columnFieldsOf(meta.class as never).find((each) => each.name === name);
  return field !== undefined && capabilitiesOf(field).orders;
}

/** The names that the API gives to what it makes of a relation. */
function namesFault({ name }: EntityProperty, meta: EntityMetadata): Explanation | null {
  const [, toOne = name] = /^(.+)Key$/.exec(name) ?? [];
  if (toOne !== name && meta.properties[toOne as never] !== undefined && isToOne(propertyOf(meta, toOne))) {
    return {
      cause: `has the name by which inputs give the key of ${toOne}`,
      remedy: "name it otherwise, with the column's name as its fieldName",
    };
  }
  const [, list = name, suffix = ''] = /^(.+)(Aggregate|Connect|Disconnect)$/.exec(name) ?? [];
  const kindOfList =
    list === name ? undefined : meta.properties[list as never as keyof typeof meta.properties];
  if (kindOfList === undefined || !isToMany(kindOfList as EntityProperty)) return null;
  return {
    cause: `has the name that ${suffix === 'Aggregate' ? 'the aggregate' : 'a field of inputs'} of ${list} takes`,
    remedy: 'name it otherwise',
  };
}

function wrongField(type: string): Explanation {
  return { cause: 'has a @Field of another type than its relation', remedy: `let the @Field have ${type}` };
}

function nullFault({ nullable = false }: EntityProperty, field: EntityField): Explanation | null {
  if (nullable === field.nullable) return null;
  return nullable
    ? { cause: 'can be null, and its @Field cannot', remedy: 'add nullable: true to the @Field' }
    : { cause: 'cannot be null, and its @Field can', remedy: 'remove nullable from the @Field' };
}
