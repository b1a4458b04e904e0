import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import type { Source } from '../sources/source.ts';
import { capProblems } from './cap.ts';
import { deleteRow } from './delete.ts';
import { type Input, type PlacedInput, placed } from './input.ts';
import { insertRows } from './insert.ts';
import { updateRow } from './update.ts';
import { changeProblems, problemsOf } from './validate.ts';
import type { Work } from './work.ts';

/**
 * Writes to one source: each call is one transaction, and a TandemError where nothing was written. Inputs are
 * judged before the database hears of them, and all that is wrong with them is said at once.
 */
export interface Writer {
  /** Inserts a row, with the children in its input, and returns its key. */
  create(entity: EntityClass<object>, input: Input): Promise<number>;
  /** The same for many rows, all or none; the keys are in the order of the inputs. */
  createMany(entity: EntityClass<object>, inputs: readonly Input[]): Promise<number[]>;
  /** Changes the fields that `input` gives, if the row still holds what `expected` gives. */
  update(entity: EntityClass<object>, key: number, input: Input, expected?: Input | null): Promise<void>;
  delete(entity: EntityClass<object>, key: number): Promise<void>;
}

export function createWriter(source: Source): Writer {
  const metaOf = (entity: EntityClass<object>) =>
    source.orm.getMetadata().get(entity as never) as unknown as EntityMetadata;

  function refuse(fields: readonly FieldProblem[]): void {
    if (fields.length > 0) throw new TandemError('BAD_USER_INPUT', { source: source.name, fields });
  }
  const transaction = <T>(write: (work: Work) => Promise<T>) =>
    source.write((em) => write({ em, source: source.name }));

  async function insert(
    entity: EntityClass<object>,
    rows: readonly PlacedInput[],
    path: string,
  ): Promise<number[]> {
    const meta = metaOf(entity);
    refuse(capProblems(meta, rows, path));
    refuse(rows.flatMap((row) => problemsOf(meta, row)));
    return rows.length === 0 ? [] : transaction((work) => insertRows(work, meta, rows));
  }

  return {
    async create(entity, input) {
      const [key] = await insert(entity, [{ input, path: 'input' }], 'input');
      return key as number;
    },

    createMany: (entity, inputs) => insert(entity, placed(inputs, 'inputs'), 'inputs'),

    async update(entity, key, input, expected) {
      const meta = metaOf(entity);
      refuse(changeProblems(meta, { input, path: 'input' }));
      await transaction((work) => updateRow(work, meta, key, input, expected ?? {}));
    },

    delete: (entity, key) => transaction((work) => deleteRow(work, metaOf(entity), key)),
  };
}
