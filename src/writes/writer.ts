import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { WrittenBy } from '../audit/trail-insert.ts';
import type { WriteTrail } from '../audit/write-trail.ts';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyForApi, type RowKey } from '../column-types/table-key.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { storedKey } from '../reads/bound-key.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { SessionStatements } from '../sources/session-statements.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import { deleteRow } from './delete.ts';
import { childInputs, childrenOf, type Input, namesOthers, type PlacedInput, placed } from './input.ts';
import { insertChildren, insertRows, needsSnapshot, needsSnapshotBelow } from './insert.ts';
import { linkChangesOf, linkProblems } from './link-changes.ts';
import { changeLinks } from './link-rows.ts';
import { noSuchRow } from './no-such-row.ts';
import { requireAllowedWrites, requireReadableParents, requireReadableWrites } from './readable-rows.ts';
import { capProblems } from './row-limit.ts';
import type { ChangedRows, Transaction } from './transaction.ts';
import { updateRow } from './update.ts';
import { changeProblems, expectedProblems, problemsOf } from './validate.ts';
import type { WriteGuard } from './write-guard.ts';

/** What follows a write. */
export interface Answering<T> {
  /** Who waits for it: for one who is gone, nothing is begun. */
  readonly caller: Caller;
  /** The request that the audit trail names. */
  readonly by: WrittenBy;
  /** Whether the payload takes one statement at most, and can fail only where the database does: it may then follow the commit. */
  readonly isPlain: boolean;
  /**
   * Reads what is answered, by the keys of the rows in the order of the inputs; null where the source does not have all of them.
   * Where it throws in a transaction, nothing was written. It is run again where the transaction is.
   */
  payload(keys: readonly RowKey[], reads: Reads): Promise<T | null>;
}

/**
 * Writes to one source. Each call is one statement that commits by itself, or one transaction, with what is answered read inside of
 * it. It throws a TandemError where nothing was written; where that is not known: OUTCOME_UNKNOWN, with the rows' keys as far as
 * these are known; where the answer to a change that is made cannot be read: PAYLOAD_UNAVAILABLE. Inputs are judged before the database hears
 * of them, and one error names all that is wrong with them.
 */
export interface Writer {
  /** Inserts a row, with the children in its input. */
  create<T>(entity: EntityClass<object>, input: Input, answering: Answering<T>): Promise<T>;
  /** The same for many rows, all or none. */
  createMany<T>(entity: EntityClass<object>, inputs: readonly Input[], answering: Answering<T>): Promise<T>;
  /** Changes the fields that `input` gives, if the row still holds what `expected` gives. */
  update<T>(
    entity: EntityClass<object>,
    key: RowKey,
    { input, expected }: RowChange,
    answering: Answering<T>,
  ): Promise<T>;
  delete<T>(entity: EntityClass<object>, key: RowKey, answering: Answering<T>): Promise<T>;
}

export interface RowChange {
  readonly input: Input;
  readonly expected?: Input | null;
}

interface RunOptions {
  readonly snapshot?: boolean;
  /** Whether the write is one statement. */
  readonly isOneStatement?: boolean;
  /** The keys of the rows, where they are known before. */
  readonly known?: readonly RowKey[];
  /** The error where another session has deleted the row between the commit and the payload. */
  readonly gone?: () => TandemError;
}

/**
 * @param guard what the caller may write; null: everything
 * @param trail where each statement is recorded, in its transaction; null: nowhere
 */
export function createWriter(
  source: Source,
  {
    guard = null,
    trail = null,
  }: { readonly guard?: WriteGuard | null; readonly trail?: WriteTrail | null } = {},
): Writer {
  const metaOf = (entity: EntityClass<object>) =>
    source.orm.getMetadata().get(entity as never) as unknown as EntityMetadata;

  function refuse(fields: readonly FieldProblem[]): void {
    if (fields.length > 0) throw new TandemError('BAD_USER_INPUT', { source: source.name, fields });
  }

  const isRecorded = trail !== null || guard !== null;

  function transactionOn(statements: SessionStatements): Transaction {
    const { change, reads } = statements;
    return {
      // Made when a statement asks for it: most writes need none.
      get em() {
        return statements.em;
      },
      change,
      source: source.name,
      reads,
      guard,
      written: isRecorded ? [] : null,
      foreignKeys: trail?.foreignKeys ?? null,
    };
  }

  /** @param write answers the keys of the rows */
  async function run<T>(
    meta: EntityMetadata,
    write: (transaction: Transaction) => Promise<readonly RowKey[]>,
    answering: Answering<T>,
    { snapshot = false, isOneStatement = false, known, gone }: RunOptions = {},
  ): Promise<T> {
    const autocommit = isOneStatement && answering.isPlain && trail === null;
    let keys = known;
    try {
      if (autocommit) {
        return await source.autocommit(async (statements) => {
          keys = await write(transactionOn(statements));
          return await afterCommit(meta, keys, answering, statements.reads, gone);
        }, answering.caller);
      }
      return await source.transaction(
        async (statements) => {
          const transaction = transactionOn(statements);
          keys = await write(transaction);
          const payload = await answering.payload(keys, statements.reads);
          if (payload === null) throw new Error('Written rows have other keys than MySQL reported.');
          const { written } = transaction;
          if (trail === null || written === null) return payload;
          const ofStatements = written.filter(({ isTaken }) => isTaken !== true);
          if (ofStatements.length !== statements.writes)
            throw new Error('A write is not in the audit trail.');
          await trail.append(statements.em, written.map(withApiKeys), answering.by);
          return payload;
        },
        { caller: answering.caller, snapshot, isRecorded: trail !== null },
      );
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      if (guard?.hidesAnything && tellsOfRows.has(error.code)) {
        throw new TandemError('WRITE_REFUSED', { source: source.name, cause: error.cause });
      }
      if (error.code !== 'OUTCOME_UNKNOWN') throw error;
      throw new TandemError('OUTCOME_UNKNOWN', {
        source: source.name,
        keys: keys && inApi(meta, keys),
        cause: error.cause,
      });
    }
  }

  /** The change is made: what goes wrong now must not look as if it were not. */
  async function afterCommit<T>(
    meta: EntityMetadata,
    keys: readonly RowKey[],
    { payload }: Answering<T>,
    reads: Reads,
    gone: (() => TandemError) | undefined,
  ): Promise<T> {
    const unavailable = (cause?: unknown) =>
      new TandemError('PAYLOAD_UNAVAILABLE', { source: source.name, keys: inApi(meta, keys), cause });
    const answer = await payload(keys, reads)
      // Any connection of the source sees what was committed.
      .catch((error) => (isLost(error) ? payload(keys, source) : Promise.reject(error)))
      .catch((error) => Promise.reject(unavailable(error)));
    if (answer === null) throw gone?.() ?? unavailable();
    return answer;
  }

  async function insert<T>(
    entity: EntityClass<object>,
    given: readonly PlacedInput[],
    path: string,
    answering: Answering<T>,
  ): Promise<T> {
    const meta = metaOf(entity);
    guard?.check(meta, 'create');
    const rows = guard === null ? given : given.map((row) => withAllPresets(guard, meta, row));
    refuse(capProblems(meta, rows, path));
    refuse([...rows.flatMap((row) => problemsOf(meta, row)), ...linkProblems(meta, rows)]);
    if (rows.length === 0) return (await answering.payload([], source)) as T;
    return run(
      meta,
      async (transaction) => {
        await requireReadableParents(transaction, meta, rows);
        const keys = await insertRows(transaction, meta, rows);
        await changeLinks(transaction, meta, rows, keys);
        await requireReadableWrites(transaction, meta, keys);
        await requireAllowedWrites(transaction, { meta, operation: 'create', keys });
        return keys;
      },
      answering,
      {
        snapshot: needsSnapshot(meta, rows, isRecorded),
        isOneStatement: guard === null && rows.length === 1 && rows.every((row) => isAlone(meta, row)),
      },
    );
  }

  return {
    create: (entity, input, answering) => insert(entity, [{ input, path: 'input' }], 'input', answering),

    createMany: (entity, inputs, answering) => insert(entity, placed(inputs, 'inputs'), 'inputs', answering),

    async update(entity, given, { input, expected }, answering) {
      const meta = metaOf(entity);
      const key = storedKey(meta, given);
      guard?.check(meta, 'update');
      const placedInput = { input, path: 'input' };
      refuse(capProblems(meta, [placedInput], 'input'));
      refuse([...changeProblems(meta, placedInput), ...expectedProblems(meta, expected ?? {})]);
      const change = guard === null ? placedInput : withAllPresets(guard, meta, placedInput, 'update');
      const write = async (transaction: Transaction) => {
        await requireReadableParents(transaction, meta, [placedInput]);
        await updateRow(transaction, meta, key, change.input, expected ?? {});
        await changeLinks(transaction, meta, [change], [key]);
        await insertChildren(transaction, meta, [change], [key]);
        await requireReadableWrites(transaction, meta, [key]);
        await requireAllowedWrites(transaction, { meta, operation: 'update', keys: [key] });
        return [key];
      };
      return run(meta, write, answering, {
        snapshot: needsSnapshotBelow(meta, [placedInput], isRecorded),
        isOneStatement: guard === null && isAlone(meta, placedInput),
        known: [key],
        // As if it had been deleted first.
        gone: () => noSuchRow(source.name, meta, key),
      });
    },

    async delete(entity, given, answering) {
      const meta = metaOf(entity);
      const key = storedKey(meta, given);
      guard?.check(meta, 'delete');
      const write = async (transaction: Transaction) => {
        await deleteRow(transaction, meta, key);
        return [key];
      };
      return run(meta, write, answering, { known: [key], isOneStatement: true });
    },
  };
}

function isLost(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === 'CONNECTION_LOST' || reason === 'SESSION_ENDED';
}

/** Whether an input is about its own row, and no other. */
function isAlone(meta: EntityMetadata, row: PlacedInput): boolean {
  return (
    !namesOthers(meta, row.input) ||
    (linkChangesOf(meta, row).length === 0 &&
      childrenOf(meta).every(({ relation }) => childInputs(row, relation).length === 0))
  );
}

/** Keys as a client gets them. */
function inApi(meta: EntityMetadata, keys: readonly RowKey[]): unknown[] {
  return keys.map((key) => keyForApi(primaryKeyOf(meta), key));
}

/** The audit trail names keys as the API has them. */
function withApiKeys(rows: ChangedRows): ChangedRows {
  const { meta, keys } = rows;
  if (meta === null) return rows;
  return { ...rows, keys: inApi(meta, keys as readonly RowKey[]) };
}

/** Errors that name columns and constraints, and so tell of rows and columns that a caller may not know. */
const tellsOfRows: ReadonlySet<ErrorCode> = new Set(['DUPLICATE', 'REFERENCED', 'CHECK_FAILED']);

/** An input and the children in it, with the values that the caller does not choose. */
function withAllPresets(
  guard: WriteGuard,
  meta: EntityMetadata,
  { input, path }: PlacedInput,
  operation: 'create' | 'update' = 'create',
): PlacedInput {
  const children = childrenOf(meta).flatMap(({ relation: { name }, of }) => {
    const list = input[name] as readonly Input[] | null | undefined;
    if (list == null) return [];
    guard.check(of, 'create');
    return [[name, list.map((child) => withAllPresets(guard, of, { input: child, path }).input)] as const];
  });
  return { input: { ...guard.withPresets(meta, operation, input), ...Object.fromEntries(children) }, path };
}
