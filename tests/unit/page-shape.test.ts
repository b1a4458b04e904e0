import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { Patient } from '../../src/entities/patient.ts';
import { planPage } from '../../src/reads/page.ts';
import { entityMetadata } from '../helpers/metadata.ts';

/** V8's own word on whether an object's properties are where its hidden class says, getters of its own excluded. */
function hasFastProperties(object: object): boolean {
  setFlagsFromString('--allow-natives-syntax');
  return new Function('object', 'return %HasFastProperties(object)')(object);
}

it('makes pages without getters of their own, which would outlive them with their rows', async () => {
  const meta = (await entityMetadata()).get(Patient);
  const page = planPage(meta as never, { first: 1 }).toPage([{ key: 1 }], false);
  expect(page.edges).toHaveLength(1);
  expect(hasFastProperties(page)).toBe(true);
});

it('would find a page that has some', () => {
  const page = {
    get edges() {
      return [1];
    },
  };
  expect(hasFastProperties(page)).toBe(false);
});
