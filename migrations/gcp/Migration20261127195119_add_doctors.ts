import { Migration } from '@mikro-orm/migrations';

/** Doctors, and where a record names one. A nullable column at the end is added INSTANTly, whatever the table holds. */
export class Migration20261127195119_add_doctors extends Migration {
  override name = 'Migration20261127195119_add_doctors';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`doctors\` (\`id\` int not null auto_increment primary key, \`first_name\` varchar(50) not null, \`last_name\` varchar(50) not null, \`specialty\` varchar(50) null, \`licence_number\` varchar(20) not null) default character set utf8mb4 engine = InnoDB;`,
    );
    this.addSql(
      `alter table \`doctors\` add index \`doctors_last_name_first_name_index\` (\`last_name\`, \`first_name\`);`,
    );
    this.addSql(`alter table \`doctors\` add unique \`doctors_licence_number_unique\` (\`licence_number\`);`);

    this.addSql(`alter table \`medical_records\` add \`doctor_id\` int null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`medical_records\` drop column \`doctor_id\`;`);
    this.addSql(`drop table if exists \`doctors\`;`);
  }
}
