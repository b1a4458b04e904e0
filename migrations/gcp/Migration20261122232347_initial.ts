import { Migration } from '@mikro-orm/migrations';

export class Migration20261122232347_initial extends Migration {
  override name = 'Migration20261122232347_initial';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`patients\` (\`id\` int not null auto_increment primary key, \`first_name\` varchar(50) not null, \`last_name\` varchar(50) not null, \`date_of_birth\` date not null, \`gender\` enum('FEMALE','MALE','OTHER','UNKNOWN') not null, \`contact_number\` varchar(20) null) default character set utf8mb4 engine = InnoDB;`,
    );
    this.addSql(`alter table \`patients\` add index \`patients_date_of_birth_index\` (\`date_of_birth\`);`);
    this.addSql(
      `alter table \`patients\` add index \`patients_last_name_first_name_index\` (\`last_name\`, \`first_name\`);`,
    );

    this.addSql(
      `create table \`medical_records\` (\`id\` int not null auto_increment primary key, \`patient_id\` int not null, \`diagnosis\` varchar(100) not null, \`treatment\` varchar(200) null, \`admission_date\` date not null, \`discharge_date\` date null) default character set utf8mb4 engine = InnoDB;`,
    );
    this.addSql(
      `alter table \`medical_records\` add index \`medical_records_admission_date_index\` (\`admission_date\`);`,
    );
    this.addSql(
      `alter table \`medical_records\` add index \`medical_records_patient_id_admission_date_index\` (\`patient_id\`, \`admission_date\`);`,
    );

    this.addSql(
      `alter table \`medical_records\` add constraint \`medical_records_patient_id_foreign\` foreign key (\`patient_id\`) references \`patients\` (\`id\`) on update restrict on delete restrict;`,
    );
    this.addSql(
      `alter table \`medical_records\` add constraint \`medical_records_discharge_date_check\` check (discharge_date is null or discharge_date >= admission_date);`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`medical_records\` drop foreign key \`medical_records_patient_id_foreign\`;`);

    this.addSql(`drop table if exists \`patients\`;`);
    this.addSql(`drop table if exists \`medical_records\`;`);
  }
}
