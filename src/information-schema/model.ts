/** One database's catalogue as plain data, names sorted, so that two of them can be compared. */
export interface SchemaModel {
  /** The defaults of tables that are created without a character set or collation of their own. */
  readonly defaults: { readonly charset: string; readonly collation: string };
  readonly tables: readonly TableModel[];
  readonly views: readonly ViewModel[];
  readonly triggers: readonly TriggerModel[];
  readonly routines: readonly RoutineModel[];
  readonly events: readonly EventModel[];
}

export interface TableModel {
  readonly name: string;
  readonly engine: string;
  readonly collation: string;
  readonly comment: string;
  /** Null where the statement left it to the server. */
  readonly rowFormat: string | null;
  /** Its other options, such as KEY_BLOCK_SIZE and COMPRESSION, without those that have the server's default. */
  readonly options: readonly OptionModel[];
  /** In the order of the table. */
  readonly columns: readonly ColumnModel[];
  /** The primary key among them; its name is PRIMARY. */
  readonly indexes: readonly IndexModel[];
  readonly foreignKeys: readonly ForeignKeyModel[];
  readonly checks: readonly CheckModel[];
  /** Null where the table is in one piece. */
  readonly partitioning: PartitioningModel | null;
}

export interface OptionModel {
  /** In capitals. */
  readonly name: string;
  readonly value: string;
}

export interface ColumnModel {
  readonly name: string;
  /** As MySQL spells it, such as varchar(50). */
  readonly type: string;
  readonly nullable: boolean;
  /** Null where there is none, which with a nullable column means NULL. */
  readonly default: DefaultModel | null;
  readonly autoIncrement: boolean;
  /** The value that the server sets when the row is changed, such as CURRENT_TIMESTAMP(3). */
  readonly onUpdate: string | null;
  /** Whether `select *` leaves it out. */
  readonly invisible: boolean;
  readonly generated: { readonly expression: string; readonly kind: 'STORED' | 'VIRTUAL' } | null;
  /** Null, as the collation, for a type that holds no text. */
  readonly charset: string | null;
  readonly collation: string | null;
  /** The spatial reference system that all values have; null where any may be. */
  readonly srid: number | null;
  readonly comment: string;
}

/** A literal without its quotes (of a type of bytes: in hexadecimal, as 0x6162), or the text of an expression. */
export interface DefaultModel {
  readonly value: string;
  readonly expression: boolean;
}

export interface IndexModel {
  readonly name: string;
  readonly unique: boolean;
  readonly kind: 'BTREE' | 'FULLTEXT' | 'SPATIAL' | 'HASH';
  /** Of a FULLTEXT index; null for MySQL's own. */
  readonly parser: string | null;
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

export interface PartitioningModel {
  readonly by: DivisionModel;
  readonly subpartitionedBy: DivisionModel | null;
  /** In their own order. */
  readonly partitions: readonly PartitionModel[];
}

interface DivisionModel {
  /** Such as RANGE COLUMNS. */
  readonly method: string;
  /** Or the names of columns, quoted; empty for KEY by the primary key. */
  readonly expression: string;
}

interface PartitionModel {
  readonly name: string;
  /** As VALUES LESS THAN or VALUES IN has them; null where the method divides by itself. */
  readonly values: string | null;
  /** Empty where there are subpartitions: MySQL tells theirs alone. */
  readonly comment: string;
  readonly subpartitions: readonly { readonly name: string; readonly comment: string }[];
}

export interface ViewModel {
  readonly name: string;
  /** Without the name of its database; null where the account may not see it. */
  readonly definition: string | null;
  /** The names of its columns, whatever the definition calls them. */
  readonly columns: readonly string[];
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
  /** Null where the account may not read it. */
  readonly body: string | null;
  readonly sqlMode: string;
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
  readonly sqlMode: string;
}

export interface RoutineParameterModel {
  readonly name: string;
  /** Null for a function's. */
  readonly mode: string | null;
  /** With its character set and collation, where it has one. */
  readonly type: string;
}

export interface EventModel {
  readonly name: string;
  readonly schedule:
    | { readonly kind: 'ONCE'; readonly at: string }
    | {
        readonly kind: 'RECURRING';
        /** Such as 1 DAY. */
        readonly every: string;
        /** Null where the statement left it to the server, which begins at once. */
        readonly starts: string | null;
        readonly ends: string | null;
      };
  /** Of the times in the schedule: an offset such as +00:00, or a name. */
  readonly timeZone: string;
  /** ENABLED, DISABLED, or disabled on a replica. */
  readonly status: string;
  /** PRESERVE or NOT PRESERVE. */
  readonly onCompletion: string;
  /** Null where the account may not read it. */
  readonly body: string | null;
  readonly comment: string;
  readonly sqlMode: string;
}
