import { Gender } from '../entities/gender.ts';
import { randomStream } from './random.ts';

/** A patient's row as the seeder writes it. */
export interface SeedPatient {
  readonly key: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly dateOfBirth: string;
  readonly gender: Gender;
  readonly contactNumber: string | null;
}

/** A doctor's row as the seeder writes it; the database gives it its key. */
export interface SeedDoctor {
  readonly firstName: string;
  readonly lastName: string;
  readonly specialty: string | null;
  readonly licenceNumber: string;
}

/** A medical record as the seeder writes it; its key is given when the rows are numbered. */
export interface SeedRecord {
  readonly diagnosis: string;
  readonly treatment: string | null;
  readonly admissionDate: string;
  readonly dischargeDate: string | null;
}

const firstNames: Readonly<Record<Gender, readonly string[]>> = {
  FEMALE: [
    'Ada',
    'Beatrix',
    'Carmen',
    'Dilnoza',
    'Edith',
    'Fatima',
    'Greta',
    'Hana',
    'Ingrid',
    'Joan',
    'Kavya',
    'Lena',
  ],
  MALE: [
    'Alan',
    'Boris',
    'Cyrus',
    'Dmitri',
    'Edgar',
    'Farid',
    'Gustav',
    'Hugo',
    'Ivan',
    'José',
    'Kofi',
    'Linus',
  ],
  OTHER: ['Alex', 'Blake', 'Charlie', 'Devon', 'Ellis', 'Finley', 'Jules', 'Kim', 'Robin', 'Sasha'],
  UNKNOWN: ['Jordan', 'Morgan', 'Quinn', 'Riley', 'Taylor', 'Yuri'],
};

// No person has these names: that the people are invented must be evident.
const lastNames = [
  'Beispiel',
  'Demoson',
  'Exampleton',
  'Fakenham-Test',
  'Fictitia',
  'Imaginario',
  'Inventado',
  "O'Sample",
  'Mockridge',
  'Mustermann',
  'Nobody',
  'Örnek',
  'Placeholder',
  'Prøvesen',
  'Sampleford',
  'Specimen',
  'Testwell',
  'Tryoutski',
  'Unrealis',
  'Voorbeeld',
] as const;

const conditions = [
  ['Appendicitis', 'Laparoscopic appendectomy'],
  ['Asthma', 'Inhaled corticosteroid'],
  ['Atrial fibrillation', 'Anticoagulation'],
  ['Community-acquired pneumonia', 'Amoxicillin for seven days'],
  ['Concussion', 'Observation for 24 hours'],
  ['Distal radius fracture', 'Closed reduction and cast'],
  ['Essential hypertension', 'ACE inhibitor'],
  ['Gallstones', 'Laparoscopic cholecystectomy'],
  ['Iron deficiency anaemia', 'Oral iron'],
  ['Kidney stone', 'Fluids and analgesia'],
  ['Migraine', 'Triptan as needed'],
  ['Type 2 diabetes', 'Metformin and diet'],
] as const;

const specialties = [
  'Cardiology',
  'Emergency medicine',
  'Endocrinology',
  'General practice',
  'General surgery',
  'Internal medicine',
  'Nephrology',
  'Neurology',
  'Orthopaedics',
  'Pulmonology',
] as const;

const day = 24 * 60 * 60 * 1000;
const firstBirth = Date.UTC(1930, 0, 1);
const lastBirth = Date.UTC(2020, 11, 31);
// A fixed day rather than today: the rows must not depend on when they were made.
const endOfRecords = Date.UTC(2025, 11, 31);

/**
 * The n-th invented patient with up to six records, about three on average. It depends on `n` alone, so any
 * number of patients starts with the same ones, on both clouds.
 *
 * @param n 1 or more; the patient's key
 */
export function inventPatient(n: number): {
  readonly patient: SeedPatient;
  readonly records: readonly SeedRecord[];
} {
  const random = randomStream(n);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const between = (from: number, to: number) => from + Math.floor(((to - from) / day + 1) * random()) * day;
  const dice = random();
  const gender =
    dice < 0.49 ? Gender.FEMALE : dice < 0.97 ? Gender.MALE : dice < 0.99 ? Gender.OTHER : Gender.UNKNOWN;
  const born = between(firstBirth, lastBirth);
  const patient = {
    key: n,
    firstName: pick(firstNames[gender]),
    lastName: pick(lastNames),
    dateOfBirth: isoDate(born),
    gender,
    // 555-01xx is set aside for fiction in the North American numbering plan.
    contactNumber:
      random() < 0.1 ? null : `+1-${200 + Math.floor(random() * 800)}-555-01${digits(random, 2)}`,
  };
  const records = Array.from({ length: Math.floor(random() * 7) }, () => {
    const [diagnosis, treatment] = pick(conditions);
    const admitted = between(Math.max(born, Date.UTC(2000, 0, 1)), endOfRecords);
    const discharged = admitted + Math.floor(random() * 15) * day;
    return {
      diagnosis,
      treatment: random() < 0.05 ? null : treatment,
      admissionDate: isoDate(admitted),
      dischargeDate: discharged > endOfRecords || random() < 0.02 ? null : isoDate(discharged),
    };
  });
  return { patient, records };
}

/** How many doctors there are when there are so many patients: a dozen, and one more for each hundred. */
export function doctorsFor(patients: number): number {
  return 12 + Math.floor(patients / 100);
}

/** The doctor of the n-th patient's record of this key: one of those whom n patients have. */
export function doctorOf(n: number, recordKey: number): number {
  return 1 + Math.floor(randomStream(recordKey)() * doctorsFor(n));
}

/** The licence of the n-th invented doctor, by which a doctor is known. */
export function licenceOf(n: number): string {
  return `TEST-${String(n).padStart(6, '0')}`;
}

/** The n-th invented doctor. It depends on `n` alone. */
export function inventDoctor(n: number): SeedDoctor {
  // The patient of the same number is another person.
  const random = randomStream(n + 2 ** 30);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return {
    firstName: pick(random() < 0.5 ? firstNames.FEMALE : firstNames.MALE),
    lastName: pick(lastNames),
    specialty: random() < 0.1 ? null : pick(specialties),
    licenceNumber: licenceOf(n),
  };
}

function isoDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function digits(random: () => number, count: number): string {
  return String(Math.floor(random() * 10 ** count)).padStart(count, '0');
}
