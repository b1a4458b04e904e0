import { expect, it } from 'vitest';
import { globalId, parseGlobalId } from '../../src/reads/global-id.ts';
import { sourceNames } from '../../src/source-name.ts';

const numbered = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : null);
const types = new Map(['Patient', 'MedicalRecord'].map((type) => [type, numbered]));

it.each(sourceNames)('an id of %s brings back source, type and key', (source) => {
  for (const type of types.keys()) {
    for (const key of [0, 1, -5, 2 ** 31 - 1]) {
      expect(parseGlobalId(globalId(source, type, key), types)).toEqual({ source, type, key });
    }
  }
});

it.each([
  '',
  'x',
  '🙂',
  'GCP:Patient:1',
  globalId('GCP', 'Patient', 1.5),
  globalId('GCP', 'Patient', Number.NaN),
])('no id is %j', (text) => {
  expect(parseGlobalId(text, types)).toBeNull();
});
