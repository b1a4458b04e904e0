import { describe, expect, it } from 'vitest';
import { Gender } from '../../src/entities/gender.ts';
import { entities } from '../../src/entities/index.ts';
import { doctorOf, doctorsFor, inventDoctor, inventPatient } from '../../src/seeders/people.ts';

const thousand = Array.from({ length: 1000 }, (_, index) => inventPatient(index + 1));

describe('invented patients', () => {
  it('are the same each time and on every machine', () => {
    expect(inventPatient(1)).toEqual(inventPatient(1));
    expect(inventPatient(1)).toMatchInlineSnapshot(`
      {
        "patient": {
          "contactNumber": "+1-761-555-0142",
          "dateOfBirth": "1971-10-27",
          "firstName": "Cyrus",
          "gender": "MALE",
          "key": 1,
          "lastName": "Nobody",
        },
        "records": [
          {
            "admissionDate": "2012-05-12",
            "diagnosis": "Iron deficiency anaemia",
            "dischargeDate": "2012-05-12",
            "treatment": "Oral iron",
          },
          {
            "admissionDate": "2024-05-23",
            "diagnosis": "Essential hypertension",
            "dischargeDate": "2024-06-05",
            "treatment": "ACE inhibitor",
          },
          {
            "admissionDate": "2017-12-07",
            "diagnosis": "Essential hypertension",
            "dischargeDate": null,
            "treatment": "ACE inhibitor",
          },
        ],
      }
    `);
  });

  it('fit their columns', () => {
    for (const { patient, records } of thousand) {
      expect(patient.firstName.length).toBeLessThanOrEqual(50);
      expect(patient.lastName.length).toBeLessThanOrEqual(50);
      expect(patient.contactNumber?.length ?? 0).toBeLessThanOrEqual(20);
      for (const { diagnosis, treatment, admissionDate, dischargeDate } of records) {
        expect(diagnosis.length).toBeLessThanOrEqual(100);
        expect(treatment?.length ?? 0).toBeLessThanOrEqual(200);
        expect(admissionDate >= patient.dateOfBirth).toBe(true);
        if (dischargeDate !== null) expect(dischargeDate >= admissionDate).toBe(true);
      }
    }
  });

  it('have about three records each, and every optional value missing now and then', () => {
    const records = thousand.flatMap((invented) => invented.records);
    expect(records.length).toBeGreaterThan(2700);
    expect(records.length).toBeLessThan(3300);
    expect(records.some(({ treatment }) => treatment === null)).toBe(true);
    expect(records.some(({ dischargeDate }) => dischargeDate === null)).toBe(true);
    expect(thousand.some(({ patient }) => patient.contactNumber === null)).toBe(true);
    expect(new Set(thousand.map(({ patient }) => patient.gender)).size).toBe(4);
  });

  it('can only be telephoned in fiction', () => {
    for (const { patient } of thousand) {
      if (patient.contactNumber !== null) expect(patient.contactNumber).toMatch(/^\+1-\d{3}-555-01\d\d$/);
    }
  });
});

describe('invented doctors', () => {
  const doctors = Array.from({ length: 200 }, (_, index) => inventDoctor(index + 1));

  it('are the same each time, fit their columns, and have a licence each', () => {
    expect(doctors).toEqual(doctors.map((_, index) => inventDoctor(index + 1)));
    expect(new Set(doctors.map(({ licenceNumber }) => licenceNumber)).size).toBe(200);
    for (const { firstName, lastName, specialty, licenceNumber } of doctors) {
      for (const name of [firstName, lastName, specialty ?? '']) expect(name.length).toBeLessThanOrEqual(50);
      expect(licenceNumber.length).toBeLessThanOrEqual(20);
    }
    expect(doctors.some(({ specialty }) => specialty === null)).toBe(true);
  });

  it('are there before the records that name them, however many patients there are', () => {
    const named = thousand.map((_, index) => doctorOf(index + 1, index + 1));
    named.forEach((doctor, index) => {
      expect(doctor).toBeGreaterThanOrEqual(1);
      expect(doctor).toBeLessThanOrEqual(doctorsFor(index + 1));
    });
    expect(new Set(named).size).toBeGreaterThan(15);
  });
});

it('lists genders in alphabetical order, which paging relies on', () => {
  expect(Object.values(Gender)).toEqual(Object.values(Gender).toSorted());
});

it('lists parents before children', () => {
  expect(entities.map(({ name }) => name)).toEqual(['Patient', 'Doctor', 'MedicalRecord']);
});
