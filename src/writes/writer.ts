import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import { deleteRow } from './delete.ts';
import { type Input, type PlacedInput, placed } from './input.ts';
import { insertRows, needsSnapshot } from './insert.ts';
import { capProblems } from './row-limit.ts';
import type { Transaction } from './transaction.ts';
import { updateRow } from './update.ts';
import { changeProblems, problemsOf } from './validate.ts';

/** What follows a write, in its transaction. */
export interface Answering<T> {
  /** Who waits for it: for one who is gone, nothing is begun. */
  readonly caller: Caller;
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

export function createWriter(source: Source): Writer {
  const metaOf = (entity: EntityClass<object>) =>
    source.orm.getMetadata().get(entity as never) as unknown as EntityMetadata;

  function refuse(fields: readonly FieldProblem[]): void {
    if (fields.length > 0) throw new TandemError('BAD_USER_INPUT', { source: source.name, fields });
  }

  /** @param write answers the keys of the rows */
  async function inTransaction<T>(
    write: (transaction: Transaction) => Promise<readonly number[]>,
    { caller, payload }: Answering<T>,
    snapshot = false,
  ): Promise<T> {
    let keys: readonly number[] | undefined;
    try {
      return await source.write(
        async (em, reads) => {
          keys = await write({ em, source: source.name });
          return payload(keys, reads);
        },
        { caller, snapshot },
      );
    } catch (error) {
      if (!(error instanceof TandemError) || error.code !== 'OUTCOME_UNKNOWN') throw error;
      throw new TandemError('OUTCOME_UNKNOWN', { source: source.name, keys, cause: error.cause });
    }
  }

  async function insert<T>(
    entity: EntityClass<object>,
    rows: readonly PlacedInput[],
    path: string,
    answering: Answering<T>,
  ): Promise<T> {
    const meta = metaOf(entity);
    refuse(capProblems(meta, rows, path));
    refuse(rows.flatMap((row) => problemsOf(meta, row)));
    if (rows.length === 0) return answering.payload([], source);
    return inTransaction(
      (transaction) => insertRows(transaction, meta, rows),
      answering,
      needsSnapshot(meta, rows),
    );
  }

  return {
    create: (entity, input, answering) => insert(entity, [{ input, path: 'input' }], 'input', answering),

    createMany: (entity, inputs, answering) => insert(entity, placed(inputs, 'inputs'), 'inputs', answering),

    async update(entity, key, { input, expected }, answering) {
      const meta = metaOf(entity);
      refuse(changeProblems(meta, { input, path: 'input' }));
      return inTransaction(async (transaction) => {
        await updateRow(transaction, meta, key, input, expected ?? {});
        return [key];
      }, answering);
    },

    delete: (entity, key, answering) =>
      inTransaction(async (transaction) => {
        await deleteRow(transaction, metaOf(entity), key);
        return [key];
      }, answering),
  };
}
