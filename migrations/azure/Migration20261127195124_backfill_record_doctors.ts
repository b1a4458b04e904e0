import { Migration } from '@mikro-orm/migrations';

/**
 * Names a doctor in the records that were there before doctors were: one whose licence is `UNKNOWN`. An empty table
 * needs no such doctor, and gets none.
 */
export class Migration20261127195124_backfill_record_doctors extends Migration {
  override name = 'Migration20261127195124_backfill_record_doctors';

  override async up(): Promise<void> {
    this.addSql(
      `insert into \`doctors\` (\`first_name\`, \`last_name\`, \`licence_number\`) select 'Not', 'Recorded', 'UNKNOWN' from (select 1) \`one\` where exists (select 1 from \`medical_records\` where \`doctor_id\` is null) and not exists (select 1 from \`doctors\` where \`licence_number\` = 'UNKNOWN');`,
    );
    for (const [from, to] of await this.batches()) {
      this.addSql(
        `update \`medical_records\` set \`doctor_id\` = (select \`id\` from \`doctors\` where \`licence_number\` = 'UNKNOWN') where \`id\` between ${from} and ${to} and \`doctor_id\` is null;`,
      );
    }
  }

  override async down(): Promise<void> {
    for (const [from, to] of await this.batches()) {
      this.addSql(
        `update \`medical_records\` set \`doctor_id\` = null where \`id\` between ${from} and ${to} and \`doctor_id\` = (select \`id\` from \`doctors\` where \`licence_number\` = 'UNKNOWN');`,
      );
    }
    this.addSql(`delete from \`doctors\` where \`licence_number\` = 'UNKNOWN';`);
  }

  /**
   * Ranges of keys, so that no statement locks more than 10,000 rows. They start at round numbers: rows that come
   * meanwhile add ranges at the end, and an interrupted run finds those that it has done as they were.
   */
  private async batches(): Promise<[number, number][]> {
    const size = 10_000;
    const [keys] = await this.execute('select min(id) as low, max(id) as high from medical_records');
    if (keys === undefined || keys.low === null) return [];
    const ranges: [number, number][] = [];
    for (let from = Math.floor(keys.low / size) * size; from <= keys.high; from += size) {
      ranges.push([from, from + size - 1]);
    }
    return ranges;
  }
}
