import { Migration } from '@mikro-orm/migrations';

/** The index first: MySQL would make one of its own for the key. Both are built while rows can be read. */
export class Migration20261127195127_record_doctor_foreign_key extends Migration {
  override name = 'Migration20261127195127_record_doctor_foreign_key';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table \`medical_records\` add index \`medical_records_doctor_id_admission_date_index\` (\`doctor_id\`, \`admission_date\`);`,
    );
    this.addSql(
      `alter table \`medical_records\` add constraint \`medical_records_doctor_id_foreign\` foreign key (\`doctor_id\`) references \`doctors\` (\`id\`) on update restrict on delete restrict;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`medical_records\` drop foreign key \`medical_records_doctor_id_foreign\`;`);
    this.addSql(
      `alter table \`medical_records\` drop index \`medical_records_doctor_id_admission_date_index\`;`,
    );
  }
}
