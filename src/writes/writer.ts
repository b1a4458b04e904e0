import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { WriteTrail } from '../audit/write-trail.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { storedKey } from '../reads/bound-key.ts';
import type { Source } from '../sources/source.ts';
import { deleteRow } from './delete.ts';
import {
  childInputs,
  childrenOf,
  type Input,
  namesOthers,
  type PlacedInput,
  placed,
  someNameOthers,
} from './input-fields.ts';
import { insertChildren, insertRows, needsSnapshot, needsSnapshotBelow } from './insert.ts';
import { linkChangesOf, linkProblems } from './link-changes.ts';
import { changeLinks } from './link-rows.ts';
import { noSuchRow } from './no-such-row.ts';
import { requirePermittedWrites, requireReadableParents } from './readable-rows.ts';
import { capProblems } from './row-limit.ts';
import { type Answering, writeRunner } from './run-write.ts';
import type { Transaction } from './transaction.ts';
import { updateRow } from './update.ts';
import { changeProblems, expectedProblems, problemsOf } from './validate.ts';
import type { WriteGuard } from './write-guard.ts';

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

  const run = writeRunner(source, guard, trail);
  const isRecorded = trail !== null || guard !== null;

  function insert<T>(
    entity: EntityClass<object>,
    given: readonly PlacedInput[],
    path: string,
    answering: Answering<T>,
  ): Promise<T> {
    const meta = metaOf(entity);
    guard?.check(meta, 'create');
    const rows = guard === null ? given : given.map((row) => withAllPresets(guard, meta, row));
    refuse(capProblems(meta, rows, path));
    refuse([...problemsOf(meta, rows), ...linkProblems(meta, rows)]);
    if (rows.length === 0) return answering.payload([], source) as Promise<T>;
    const isOneStatement = guard === null && rows.length === 1 && rows.every((row) => isAlone(meta, row));
    const write = async (transaction: Transaction) => {
      if (guard !== null) await requireReadableParents(transaction, meta, rows);
      const keys = await insertRows(transaction, meta, rows);
      if (someNameOthers(meta, rows)) await changeLinks(transaction, meta, rows, keys);
      if (guard !== null) await requirePermittedWrites(transaction, { meta, operation: 'create', keys });
      return keys;
    };
    return run(meta, isOneStatement ? (on) => insertRows(on, meta, rows) : write, answering, {
      snapshot: needsSnapshot(meta, rows, isRecorded),
      isOneStatement,
    });
  }

  return {
    create: (entity, input, answering) => insert(entity, [{ input, path: 'input' }], 'input', answering),

    createMany: (entity, inputs, answering) => insert(entity, placed(inputs, 'inputs'), 'inputs', answering),

    update(entity, given, { input, expected }, answering) {
      const meta = metaOf(entity);
      const key = storedKey(meta, given);
      guard?.check(meta, 'update');
      const placedInput = { input, path: 'input' };
      refuse(capProblems(meta, [placedInput], 'input'));
      refuse([...changeProblems(meta, placedInput), ...expectedProblems(meta, expected ?? {})]);
      const change = guard === null ? placedInput : withAllPresets(guard, meta, placedInput, 'update');
      const write = async (transaction: Transaction) => {
        const keys = [key];
        if (guard !== null) await requireReadableParents(transaction, meta, [placedInput]);
        await updateRow(transaction, meta, key, change.input, expected ?? {});
        if (namesOthers(meta, change.input)) {
          await changeLinks(transaction, meta, [change], keys);
          await insertChildren(transaction, meta, [change], keys);
        }
        if (guard !== null) await requirePermittedWrites(transaction, { meta, operation: 'update', keys });
        return keys;
      };
      return run(meta, write, answering, {
        snapshot: needsSnapshotBelow(meta, [placedInput], isRecorded),
        isOneStatement: guard === null && isAlone(meta, placedInput),
        known: [key],
        // As if it had been deleted first.
        gone: () => noSuchRow(source.name, meta, key),
      });
    },

    delete(entity, given, answering) {
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

/** Whether an input is about its own row, and no other. */
function isAlone(meta: EntityMetadata, row: PlacedInput): boolean {
  return (
    !namesOthers(meta, row.input) ||
    (linkChangesOf(meta, row).length === 0 &&
      childrenOf(meta).every(({ relation }) => childInputs(row, relation).length === 0))
  );
}

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
