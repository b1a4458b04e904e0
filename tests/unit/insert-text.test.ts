import type { EntityMetadata } from '@mikro-orm/core';
import { expect, it } from 'vitest';
import { Patient } from '../../src/entities/patient.ts';
import { inputFieldsOf } from '../../src/writes/input-fields.ts';
import { insertInput, insertInputs } from '../../src/writes/insert-text.ts';
import { entityMetadata } from '../helpers/metadata.ts';

const metadata = await entityMetadata();
const meta = metadata.get(Patient as never) as unknown as EntityMetadata;
const fields = inputFieldsOf(meta).columns as Parameters<typeof insertInput>[1];

/** Each field is absent, null or given. */
function inputs(round: number): Record<string, unknown>[] {
  const forms = [{}] as Record<string, unknown>[];
  for (const { field } of fields) {
    for (const input of forms.splice(0)) {
      for (const value of [undefined, null, `${field} ${round}`]) forms.push({ ...input, [field]: value });
    }
  }
  return forms;
}

it('inserts a row by the text that its form had before, as one of a list', () => {
  const all = [...inputs(1), ...inputs(2)];
  expect(all.length).toBe(2 * 3 ** fields.length);
  for (const input of all) {
    const placed = { input, path: 'input' };
    const [one, listed] = [insertInput(meta, fields, placed), insertInputs(meta, fields, [placed])];
    expect(one).toEqual(listed);
  }
});

it('keeps the text of a form, and none of its values', () => {
  const of = (firstName: string) => insertInput(meta, fields, { input: { firstName }, path: 'input' });
  const [one, other] = [of('Anna'), of('Berta')];
  expect(one.columns).toBe(other.columns);
  expect([one.change.params, other.change.params]).toEqual([['Anna'], ['Berta']]);
});
