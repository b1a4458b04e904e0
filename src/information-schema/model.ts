/** One database's catalogue as plain data, names sorted, so that two of them can be compared. */
export interface SchemaModel {
  readonly tables: readonly TableModel[];
}

export interface TableModel {
  readonly name: string;
  readonly engine: string;
  readonly collation: string;
  /** In the order of the table. */
  readonly columns: readonly ColumnModel[];
  readonly indexes: readonly IndexModel[];
  readonly foreignKeys: readonly ForeignKeyModel[];
  readonly checks: readonly CheckModel[];
}

export interface ColumnModel {
  readonly name: string;
  /** As MySQL spells it, such as varchar(50). */
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  /** Such as auto_increment; empty where there is nothing to say. */
  readonly extra: string;
  /** Null for a type that holds no text. */
  readonly collation: string | null;
}

export interface IndexModel {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly string[];
}

export interface ForeignKeyModel {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: { readonly table: string; readonly columns: readonly string[] };
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface CheckModel {
  readonly name: string;
  readonly expression: string;
}
