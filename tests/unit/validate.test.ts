import type { EntityMetadata } from '@mikro-orm/core';
import { describe, expect, it } from 'vitest';
import { MedicalRecord } from '../../src/entities/medical-record.ts';
import { Patient } from '../../src/entities/patient.ts';
import { placed } from '../../src/writes/input-fields.ts';
import { capProblems } from '../../src/writes/row-limit.ts';
import { changeProblems, problemsOf } from '../../src/writes/validate.ts';
import { entityMetadata } from '../helpers/metadata.ts';

const metadata = await entityMetadata();
const metaOf = (entity: typeof Patient | typeof MedicalRecord) =>
  metadata.get(entity as never) as unknown as EntityMetadata;
const patient = metaOf(Patient);
const record = metaOf(MedicalRecord);

const problems = (input: object) => problemsOf(patient, [{ input: { ...input }, path: 'input' }]);

describe('the values of an input', () => {
  it.each([
    [{ firstName: 'x'.repeat(50) }],
    [{ firstName: '😀'.repeat(50) }],
    [{ firstName: 'e\u0301'.repeat(25) }],
    [{ contactNumber: null }],
    [{ firstName: undefined }],
    [{ dateOfBirth: '2000-02-29', gender: 'OTHER' }],
    [{ records: null }],
    [{ records: [] }],
    [{}],
  ])('can be %o', (input) => {
    expect(problems(input)).toEqual([]);
  });

  it.each([
    [{ firstName: 'x'.repeat(51) }, 'input.firstName', 'takes at most 50 characters, has 51'],
    [{ firstName: '😀'.repeat(51) }, 'input.firstName', 'takes at most 50 characters, has 51'],
    [{ firstName: 'e\u0301'.repeat(26) }, 'input.firstName', 'takes at most 50 characters, has 52'],
    [{ firstName: '' }, 'input.firstName', 'cannot be blank'],
    [{ firstName: '\u00a0\n' }, 'input.firstName', 'cannot be blank'],
    [{ firstName: null }, 'input.firstName', 'cannot be null'],
    [{ dateOfBirth: null }, 'input.dateOfBirth', 'cannot be null'],
    [{ contactNumber: ' ' }, 'input.contactNumber', 'cannot be blank: null says that there is none'],
  ])('cannot be %o', (input, path, message) => {
    expect(problems(input)).toEqual([{ path, message }]);
  });

  const codes = (text: string) =>
    Array.from(text, (one) => `U+${one.codePointAt(0)?.toString(16)}`).join(' ');

  it.each(
    [
      '\0',
      '\u200b',
      '\u200b\0\ufeff\u2060 ',
      '\t\n\v\f\r\x85',
      '\x7f',
      '\u1680\u2003\u2028\u2029\u202f\u205f\u3000',
      // Joiners, directions, a soft hyphen, a shy vowel separator, an annotation's anchor, tags.
      '\u200c\u200d\u200e\u202e\u2066\u061c',
      '\u00ad\u180e\u034f',
      '\ufff9',
      '\u{e0001}\u{e0061}',
      // Fillers, variation selectors, Khmer's inherent vowels.
      '\u115f\u1160\u3164\uffa0',
      '\ufe0f\u{e0100}\u180b',
      '\u17b4\u17b5',
      // Empty signs: Braille, music, hieroglyphs.
      '\u2800',
      '\u{1d159}\u{13441}\u{13442}',
      // Marks without a letter.
      '\u0301',
      ' \u0308\u0e31\u0903\u20dd',
      // No characters at all.
      '\uffff\ufdd0\u{1fffe}',
      '\ud800',
    ].map((text) => [codes(text), text]),
  )('cannot be blank: %s', (_codes, text) => {
    expect(problems({ lastName: text, contactNumber: text })).toEqual([
      { path: 'input.lastName', message: 'cannot be blank' },
      { path: 'input.contactNumber', message: 'cannot be blank: null says that there is none' },
    ]);
  });

  it.each(
    [
      'a',
      '-',
      '\u200ba',
      'O\0K',
      '👩\u200d👩\u200d👧',
      '🏴\u{e0067}\u{e0062}\u{e007f}',
      '1\ufe0f\u20e3',
      '🇮🇷',
      'علی\u200cرضا',
      'क्\u200dष',
      'e\u0301',
      'ᄒ\u1161',
      '\u2801',
      '艾',
      // Private use: names have characters there that a hospital's own fonts show.
      '\ue000',
    ].map((text) => [codes(text), text]),
  )('can have whatever shows something: %s', (_codes, text) => {
    expect(problems({ lastName: text, contactNumber: text })).toEqual([]);
  });

  it('are all looked at, those of children too', () => {
    const records = [{ diagnosis: 'x' }, { diagnosis: 'x'.repeat(101) }];
    expect(problems({ firstName: '', lastName: null, records }).map(({ path }) => path)).toEqual([
      'input.firstName',
      'input.lastName',
      'input.records.1.diagnosis',
    ]);
  });

  it('are called what the API calls them: a relation by its key', () => {
    expect(problemsOf(record, [{ input: { patientKey: null }, path: 'inputs.7' }])).toEqual([
      { path: 'inputs.7.patientKey', message: 'cannot be null' },
    ]);
  });

  it('follow the metadata: another limit in the entity is another limit here', () => {
    const props = patient.props.map((property) =>
      property.name === 'firstName' ? { ...property, length: 3 } : property,
    );
    const properties = Object.fromEntries(props.map((property) => [property.name, property]));
    const other = Object.assign(Object.create(patient), { props, properties }) as EntityMetadata;
    expect(problemsOf(other, [{ input: { firstName: 'four' }, path: 'input' }])).toEqual([
      { path: 'input.firstName', message: 'takes at most 3 characters, has 4' },
    ]);
  });
});

describe('a change', () => {
  it.each([{}, { firstName: undefined }, { unknown: 1 }])('that changes nothing is refused: %o', (input) => {
    expect(changeProblems(patient, { input, path: 'input' })).toEqual([
      { path: 'input', message: 'has no field to change' },
    ]);
  });

  it('can be a single null', () => {
    expect(changeProblems(patient, { input: { contactNumber: null }, path: 'input' })).toEqual([]);
  });
});

describe('the cap', () => {
  const cap = (inputs: object[]) => capProblems(patient, placed(inputs as never, 'inputs'), 'inputs');
  const rows = (count: number, row: object = {}) => Array.from({ length: count }, () => row);

  it('lets a thousand rows pass, and ten thousand with their children', () => {
    expect(cap(rows(1000))).toEqual([]);
    expect(cap(rows(1000, { records: rows(9) }))).toEqual([]);
  });

  it('names the list that is too long, wherever it stands', () => {
    expect(cap(rows(1001))).toEqual([{ path: 'inputs', message: 'takes at most 1000 rows, has 1001' }]);
    expect(cap([{}, { records: rows(1001) }])).toEqual([
      { path: 'inputs.1.records', message: 'takes at most 1000 rows, has 1001' },
    ]);
  });

  it('counts children', () => {
    expect(cap(rows(1000, { records: rows(10) }))).toEqual([
      { path: 'inputs', message: 'takes at most 10000 rows with those inside them, has 11000' },
    ]);
  });
});
