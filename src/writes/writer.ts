import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { WriteTrail, WrittenBy } from '../audit/write-trail.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import { deleteRow } from './delete.ts';
import { childrenOf, type Input, type PlacedInput, placed } from './input.ts';
import { insertChildren, insertRows, needsSnapshot, needsSnapshotBelow } from './insert.ts';
import { linkProblems } from './link-changes.ts';
import { changeLinks } from './link-rows.ts';
import { requireReadableParents, requireReadableWrites } from './readable-rows.ts';
import { capProblems } from './row-limit.ts';
import type { ChangedRows, Transaction } from './transaction.ts';
import { updateRow } from './update.ts';
import { changeProblems, expectedProblems, problemsOf } from './validate.ts';
import type { WriteGuard } from './write-guard.ts';

/** What follows a write, in its transaction. */
export interface Answering<T> {
  /** Who waits for it: for one who is gone, nothing is begun. */
  readonly caller: Caller;
  /** The request that the audit trail names. */
  readonly by: WrittenBy;
  /**
   * Reads what is answered, by the keys of the rows in the order of the inputs. Where it throws, nothing was written. It is run
   * again where the transaction is.
   */
  payload(keys: readonly number[], reads: Reads): Promise<T>;
}

/**
 * Writes to one source: each call is one transaction, with what is answered read inside of it, and a TandemError where nothing was
 * written, or where it is not known: OUTCOME_UNKNOWN, with the rows' keys. Inputs are judged before the database hears
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
    key: number,
    { input, expected }: RowChange,
    answering: Answering<T>,
  ): Promise<T>;
  delete<T>(entity: EntityClass<object>, key: number, answering: Answering<T>): Promise<T>;
}

export interface RowChange {
  readonly input: Input;
  readonly expected?: Input | null;
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

  /** @param write answers the keys of the rows */
  async function inTransaction<T>(
    write: (transaction: Transaction) => Promise<readonly number[]>,
    { caller, payload, by }: Answering<T>,
    snapshot = false,
  ): Promise<T> {
    let keys: readonly number[] | undefined;
    try {
      return await source.write(
        async (em, reads, statements) => {
          const written: ChangedRows[] | null = isRecorded ? [] : null;
          keys = await write({ em, source: source.name, reads, guard, written });
          const answer = await payload(keys, reads);
          if (trail === null || written === null) return answer;
          if (written.length !== statements.writes) throw new Error('A write is not in the audit trail.');
          await trail.append(em, written, by);
          return answer;
        },
        { caller, snapshot, isRecorded: trail !== null },
      );
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      if (guard?.hidesAnything && tellsOfRows.has(error.code)) {
        throw new TandemError('WRITE_REFUSED', { source: source.name, cause: error.cause });
      }
      if (error.code !== 'OUTCOME_UNKNOWN') throw error;
      throw new TandemError('OUTCOME_UNKNOWN', { source: source.name, keys, cause: error.cause });
    }
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
    if (rows.length === 0) return answering.payload([], source);
    return inTransaction(
      async (transaction) => {
        await requireReadableParents(transaction, meta, rows);
        const keys = await insertRows(transaction, meta, rows);
        await changeLinks(transaction, meta, rows, keys);
        await requireReadableWrites(transaction, meta, keys);
        return keys;
      },
      answering,
      needsSnapshot(meta, rows, isRecorded),
    );
  }

  return {
    create: (entity, input, answering) => insert(entity, [{ input, path: 'input' }], 'input', answering),

    createMany: (entity, inputs, answering) => insert(entity, placed(inputs, 'inputs'), 'inputs', answering),

    async update(entity, key, { input, expected }, answering) {
      const meta = metaOf(entity);
      guard?.check(meta, 'update');
      const given = { input, path: 'input' };
      refuse(capProblems(meta, [given], 'input'));
      refuse([...changeProblems(meta, given), ...expectedProblems(meta, expected ?? {})]);
      const change = guard === null ? given : withAllPresets(guard, meta, given, 'update');
      return inTransaction(
        async (transaction) => {
          await requireReadableParents(transaction, meta, [given]);
          await updateRow(transaction, meta, key, change.input, expected ?? {});
          await changeLinks(transaction, meta, [change], [key]);
          await insertChildren(transaction, meta, [change], [key]);
          await requireReadableWrites(transaction, meta, [key]);
          return [key];
        },
        answering,
        needsSnapshotBelow(meta, [given], isRecorded),
      );
    },

    async delete(entity, key, answering) {
      const meta = metaOf(entity);
      guard?.check(meta, 'delete');
      return inTransaction(async (transaction) => {
        await deleteRow(transaction, meta, key);
        return [key];
      }, answering);
    },
  };
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
