import type { GraphQLScalarType } from 'graphql';
import type { Value } from '../sql/literal.ts';
import type { MysqlType } from '../sql/mysql-type.ts';

/** The operators of a filter: what `where` can ask of a column. */
export type Operator =
  | 'eq'
  | 'ne'
  | 'in'
  | 'notIn'
  | 'isNull'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'eqExact'
  | 'has'
  | 'path';

/** The API's functions for a column: they follow from the type of its `@Field`. */
export interface Capabilities {
  readonly operators: readonly Operator[];
  /** Whether rows can be ordered by it, and so paged in that order. */
  readonly orders: boolean;
  /** Whether rows can be grouped by it, and its distinct values counted. */
  readonly groups: boolean;
  /** Whether it has a least and a greatest value. */
  readonly extremes: boolean;
  /** The types of its sum and its average; null where it has none. */
  readonly sum: GraphQLScalarType | null;
  readonly average: GraphQLScalarType | null;
}

/**
 * How the values of one column go through SQL. A value is in three forms: as the API has it, as the driver takes it for a
 * parameter, and as the driver gives it. Texts of SQL have `??` for the column, or for what is made of it, and `?` for a parameter.
 */
export interface Codec {
  /** The SQL of the selected value, by which the driver gives all of it: `cast(?? as char)`. */
  readonly select: string;
  /** The SQL of a parameter in a comparison: `cast(? as float)`. */
  readonly operand: string;
  /** The same beside other values, as in `(a, b) in ((?, ?))`; `operand` where absent. */
  readonly operandInRow?: string;
  /** Makes the driver's value the API's; absent where it is one. Never called with null. */
  readonly read?: (value: unknown) => unknown;
  /** Makes the API's value a parameter; absent where it is one. Never called with null. */
  readonly bind?: (value: never) => Value;
  /** The SQL of a written value; `?` where absent. */
  readonly write?: string;
  /** The same in an UPDATE, where it depends on the value that is replaced; `write` where absent. */
  readonly rewrite?: string;
  /** The one text that the column has for a value, where the API takes several: `1.50` for `1.5`. Keys are compared by it. */
  readonly stored?: (value: never) => unknown;
  /** The fault of a value to be written, as the end of a sentence; null where it has none. */
  readonly problem?: (value: never) => string | null;
  /** The fault of a value to be compared with. */
  readonly operandProblem?: (value: never) => string | null;
  /** That the column holds what is read as null, where SQL has values for it besides NULL. */
  readonly isNull?: string;
  /** That the column holds this very value, where `=` takes others for it, too. */
  readonly exact?: string;
  /** Its least and greatest value, where the function alone has another order than ORDER BY. */
  readonly extreme?: (name: 'min' | 'max') => string;
  /** Where rows are ordered by positions of items: a cursor's values are compared by those of the source's own column. */
  readonly positions?: 'item' | 'bits';
  /** Whether its values can be longer than what MySQL sorts by where the collation pads (reads/sorted-columns.ts). */
  readonly exceedsSortLength?: boolean;
  /** Whether its values can be long, so that their bytes are counted. */
  readonly isLong?: boolean;
}

/** How columns of some types of MySQL are served under one type of GraphQL. */
export interface ColumnType {
  /** Whether it is about a column of this type. */
  readonly serves: (type: MysqlType) => boolean;
  /** The type of the `@Field`; `enum` and `enums` stand for any enum and for a list of any. */
  readonly field: GraphQLScalarType | 'enum' | 'enums';
  readonly capabilities: Capabilities;
  readonly codecOf: (type: MysqlType) => Codec;
}

/** A codec of values that are the same in SQL and in the API. */
export const plain = { select: '??', operand: '?' } as const satisfies Codec;
