import type { TablePermission } from '../access/permission.ts';
import { KeylessRow } from './source-row.ts';

/** How the API names a table, and what it offers of it. Everything else follows from the entity's columns and relations. */
// biome-ignore lint/suspicious/noExplicitAny: without the entity's name, its columns are not checked by the compiler
export interface TableOptions<E = any> {
  /** The root field that lists the rows, such as `medicalRecords`. */
  readonly many: string;
  /** The root field of one row, such as `medicalRecord`; the name of the class by default. */
  readonly one?: string;
  /** Whether the API has no mutations of the table, as of a view or of a table without a key. */
  readonly readOnly?: boolean;
  /** The to-one relation that every row belongs to: mutations then add a row (`addMedicalRecord`) instead of creating it. */
  readonly addedTo?: string;
  /** To-many relations whose rows can be created with a row, each with its singular: `{ records: 'record' }`. */
  readonly creates?: Readonly<Record<string, string>>;
  /** Columns of text that take no blank one, such as white space alone. */
  readonly notBlank?: readonly string[];
  /** Whether events of reads name the keys of the rows (docs/audit.md). */
  readonly auditKeys?: boolean;
  /** The column that is set where a row is deleted, instead of deleting it: the time, or true. Such rows are nowhere in the API. */
  readonly softDelete?: string;
  /**
   * The columns that computed fields need, whatever else is selected: `{ fullName: ['firstName', 'lastName'] }`. Such a field is a getter
   * of the class with a `@Field`, which has these columns in `this`, or a `@FieldResolver` for it, which has them in its `@Root`.
   */
  readonly computed?: Readonly<Record<string, readonly string[]>>;
  /** The description of the mutation that deletes a row. */
  readonly deleteDescription?: string;
  /** The permissions of each role on the table (docs/access.md); a role that is not named has none. */
  readonly permissions?: Readonly<Record<string, TablePermission<E>>>;
}

/** A table's options, with the defaults filled in. */
export interface TableNames extends TableOptions {
  readonly one: string;
  readonly readOnly: boolean;
  readonly creates: Readonly<Record<string, string>>;
  readonly notBlank: readonly string[];
  readonly computed: Readonly<Record<string, readonly string[]>>;
  /** Whether its rows have no key. */
  readonly isKeyless: boolean;
}

type EntityClass = abstract new (...args: never[]) => object;

const tables = new Map<EntityClass, TableNames>();

/** Gives an entity its root fields and mutations: `@Table({ many: 'clinics' })`; permissions name it: `@Table<Clinic>`. */
// biome-ignore lint/suspicious/noExplicitAny: a table without permissions need not name its entity
export function Table<E = any>(options: TableOptions<E>) {
  return (entity: EntityClass): void => {
    const {
      one = uncapitalized(entity.name),
      readOnly = false,
      creates = {},
      notBlank = [],
      computed = {},
    } = options;
    const isKeyless = entity.prototype instanceof KeylessRow;
    tables.set(entity, { ...options, one, readOnly, creates, notBlank, computed, isKeyless });
  };
}

/** The options of an entity's `@Table`; undefined where it has none. */
export function tableOf(entity: EntityClass): TableNames | undefined {
  return tables.get(entity);
}

function uncapitalized(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
