/** One database's catalogue as plain data, names sorted, so that two of them can be compared. */
export interface SchemaModel {
  /** What tables get that are created without a character set or collation of their own. */
  readonly defaults: { readonly charset: string; readonly collation: string };
  readonly tables: readonly TableModel[];
  readonly views: readonly ViewModel[];
  readonly triggers: readonly TriggerModel[];
  readonly routines: readonly RoutineModel[];
}

export interface TableModel {
  readonly name: string;
  readonly engine: string;
  readonly collation: string;
  readonly comment: string;
  /** Null where it was left to the server. */
  readonly rowFormat: string | null;
  /** In the order of the table. */
  readonly columns: readonly ColumnModel[];
  /** The primary key, which is called PRIMARY, among them. */
  readonly indexes: readonly IndexModel[];
  readonly foreignKeys: readonly ForeignKeyModel[];
  readonly checks: readonly CheckModel[];
}

export interface ColumnModel {
  readonly name: string;
  /** As MySQL spells it, such as varchar(50). */
  readonly type: string;
  readonly nullable: boolean;
  /** Null where there is none, which with a nullable column means NULL. */
  readonly default: DefaultModel | null;
  readonly autoIncrement: boolean;
  /** What it is set to when its row is changed, such as CURRENT_TIMESTAMP(3). */
  readonly onUpdate: string | null;
  /** Whether `select *` leaves it out. */
  readonly invisible: boolean;
  readonly generated: { readonly expression: string; readonly kind: 'STORED' | 'VIRTUAL' } | null;
  /** Null, as the collation, for a type that holds no text. */
  readonly charset: string | null;
  readonly collation: string | null;
  readonly comment: string;
}

/** A literal without its quotes, or the text of an expression. */
export interface DefaultModel {
  readonly value: string;
  readonly expression: boolean;
}

export interface IndexModel {
  readonly name: string;
  readonly unique: boolean;
  readonly kind: 'BTREE' | 'FULLTEXT' | 'SPATIAL' | 'HASH';
  /** Whether the optimizer may use it. */
  readonly visible: boolean;
  readonly comment: string;
  readonly parts: readonly IndexPartModel[];
}

export interface IndexPartModel {
  /** Null where it is an expression. */
  readonly column: string | null;
  readonly expression: string | null;
  /** How many characters or bytes of the column; null for all of it. */
  readonly length: number | null;
  readonly descending: boolean;
}

export interface ForeignKeyModel {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: {
    /** Null where it is the table's own. */
    readonly schema: string | null;
    readonly table: string;
    readonly columns: readonly string[];
  };
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface CheckModel {
  readonly name: string;
  readonly expression: string;
  readonly enforced: boolean;
}

export interface ViewModel {
  readonly name: string;
  /** Without the name of its database; null where the account may not see it. */
  readonly definition: string | null;
  readonly security: string;
  readonly checkOption: string;
  readonly updatable: boolean;
}

export interface TriggerModel {
  readonly name: string;
  readonly table: string;
  readonly timing: string;
  readonly event: string;
  /** Its place among those of its table, timing and event, from 1. */
  readonly order: number;
  readonly statement: string;
}

export interface RoutineModel {
  readonly name: string;
  readonly kind: 'PROCEDURE' | 'FUNCTION';
  readonly parameters: readonly RoutineParameterModel[];
  /** Null for a procedure. */
  readonly returns: string | null;
  /** Null where the account may not see it. */
  readonly body: string | null;
  readonly deterministic: boolean;
  /** Such as READS SQL DATA. */
  readonly dataAccess: string;
  readonly security: string;
  readonly comment: string;
}

export interface RoutineParameterModel {
  readonly name: string;
  /** Null for a function's. */
  readonly mode: string | null;
  readonly type: string;
}
