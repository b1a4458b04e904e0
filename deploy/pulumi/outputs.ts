import type { Settings } from './settings.ts';

/** What both clouds come to, as plain values. */
export interface Provisioned {
  readonly azure: {
    readonly host: string;
    readonly migratorClientId: string;
    readonly runtimeClientId: string;
  };
  readonly gcp: {
    readonly host: string;
    readonly runtimeUser: string;
    readonly migratorUser: string;
    readonly migratorEmail: string;
  };
}

/** The rights of both accounts, as docs/azure.md and docs/gcp.md give them. */
const runtimeRights = 'SELECT, INSERT, UPDATE, DELETE';
const migratorRights =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, TRIGGER';

/** A `.env` for Tandem, which `tandem preflight` reads as it is. It holds no secret: the commands print tokens. */
export function environmentOf({ azure, gcp }: Provisioned, { name, database, poolMax }: Settings): string {
  const token = 'az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv';
  const login = 'gcloud sql generate-login-token --quiet';
  const values = {
    AZURE_DB_HOST: azure.host,
    AZURE_DB_PORT: '3306',
    AZURE_DB_USER: `${name}-app`,
    AZURE_DB_PASSWORD_COMMAND: token,
    AZURE_DB_MIGRATOR_USER: `${name}-migrator`,
    AZURE_DB_MIGRATOR_PASSWORD_COMMAND: `env AZURE_CONFIG_DIR=/var/lib/${name}/azure-migrator ${token}`,
    AZURE_DB_NAME: database,
    AZURE_DB_SSL_MODE: 'VERIFY_IDENTITY',
    GCP_DB_HOST: gcp.host,
    GCP_DB_PORT: '3306',
    GCP_DB_USER: gcp.runtimeUser,
    GCP_DB_PASSWORD_COMMAND: login,
    GCP_DB_MIGRATOR_USER: gcp.migratorUser,
    GCP_DB_MIGRATOR_PASSWORD_COMMAND: `${login} --impersonate-service-account ${gcp.migratorEmail}`,
    GCP_DB_NAME: database,
    GCP_DB_SSL_CA: 'certs/gcp-ca.pem',
    GCP_DB_SSL_MODE: 'VERIFY_CA',
    POOL_MAX: String(poolMax),
    POOL_SHARED: 'on',
    CONNECT_TIMEOUT_MS: '6000',
    POOL_ACQUIRE_TIMEOUT_MS: '6000',
  };
  return `${Object.entries(values)
    .map(([variable, value]) => `${variable}=${/\s/.test(value) ? `"${value}"` : value}`)
    .join('\n')}\n`;
}

/** What the administrator of Azure's server runs once. It holds no secret. */
export function azureAccounts({ azure }: Provisioned, { name, database, poolMax }: Settings): string {
  const account = (role: string, clientId: string) =>
    `CREATE AADUSER '${name}-${role}' IDENTIFIED BY '${clientId}';`;
  return [
    'SET aad_auth_validate_oids_in_tenant = OFF;',
    account('app', azure.runtimeClientId),
    account('migrator', azure.migratorClientId),
    ...rights(`${name}-app`, `${name}-migrator`, database, poolMax),
  ].join('\n');
}

/** What root of the Cloud SQL instance runs once. */
export function gcpAccounts({ gcp }: Provisioned, { database, poolMax }: Settings): string {
  return rights(gcp.runtimeUser, gcp.migratorUser, database, poolMax).join('\n');
}

function rights(runtime: string, migrator: string, database: string, poolMax: number): string[] {
  return [
    `ALTER USER '${runtime}'@'%' REQUIRE SSL WITH MAX_USER_CONNECTIONS ${poolMax};`,
    `ALTER USER '${migrator}'@'%' REQUIRE SSL;`,
    `GRANT ${runtimeRights} ON ${database}.* TO '${runtime}'@'%';`,
    `GRANT ${migratorRights} ON ${database}.* TO '${migrator}'@'%';`,
  ];
}
