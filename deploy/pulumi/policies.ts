import { equalVariables, timeZoneVariable } from './server-settings.ts';
import { isSingleAddress, type Settings } from './settings.ts';

/** A resource that the program asks for: its Pulumi type, its name, and its inputs. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type has inputs of its own
  readonly inputs: any;
  /** Pulumi's own protection against deletion. */
  readonly protect?: boolean;
}

/** What must hold for all resources together. */
export interface Policy {
  readonly rule: string;
  holds(all: readonly Resource[], settings: Settings): boolean;
}

export const types = {
  azureServer: 'azure-native:dbformysql:Server',
  azureVariable: 'azure-native:dbformysql:Configuration',
  azureFirewall: 'azure-native:dbformysql:FirewallRule',
  azureDatabase: 'azure-native:dbformysql:Database',
  azureAdmin: 'azure-native:dbformysql:AzureADAdministrator',
  azureVault: 'azure-native:keyvault:Vault',
  azureSecret: 'azure-native:keyvault:Secret',
  azureLock: 'azure-native:authorization:ManagementLockByScope',
  azureBudget: 'azure-native:consumption:Budget',
  azureEndpoint: 'azure-native:network:PrivateEndpoint',
  azureZone: 'azure-native:privatedns:PrivateZone',
  azureIdentity: 'azure-native:managedidentity:UserAssignedIdentity',
  gcpInstance: 'gcp:sql/databaseInstance:DatabaseInstance',
  gcpDatabase: 'gcp:sql/database:Database',
  gcpUser: 'gcp:sql/user:User',
  gcpMember: 'gcp:projects/iAMMember:IAMMember',
  gcpSecret: 'gcp:secretmanager/secret:Secret',
  gcpSecretVersion: 'gcp:secretmanager/secretVersion:SecretVersion',
  gcpBudget: 'gcp:billing/budget:Budget',
  gcpForwarding: 'gcp:compute/forwardingRule:ForwardingRule',
  gcpAddress: 'gcp:compute/address:Address',
  password: 'random:index/randomPassword:RandomPassword',
} as const;

const of = (all: readonly Resource[], type: string) => all.filter((one) => one.type === type);

/** Holds for each resource of a type, of which there is one at least. */
function each(
  rule: string,
  type: string,
  // biome-ignore lint/suspicious/noExplicitAny: each type has inputs of its own
  holds: (inputs: any, settings: Settings, one: Resource) => boolean,
): Policy {
  return {
    rule,
    holds(all, settings) {
      const found = of(all, type);
      return found.length > 0 && found.every((one) => holds(one.inputs, settings, one));
    },
  };
}

const azureValue = (all: readonly Resource[], variable: string): string | undefined =>
  of(all, types.azureVariable).find(({ inputs }) => inputs.configurationName === variable)?.inputs.value;

const gcpFlag = (all: readonly Resource[], flag: string): string | undefined =>
  of(all, types.gcpInstance)[0]?.inputs.settings.databaseFlags.find(
    ({ name }: { name: string }) => name === flag,
  )?.value;

const azureVariable = (rule: string, variable: string, value: string): Policy => ({
  rule,
  holds: (all) => azureValue(all, variable) === value,
});
const flag = (rule: string, name: string, value: string): Policy => ({
  rule,
  holds: (all) => gcpFlag(all, name) === value,
});
/** A variable of both servers has the value that the program knows for it. */
const equal = (variable: string): Policy => ({
  rule: `both servers have the same ${variable}`,
  holds(all, settings) {
    const value = equalVariables(settings)[variable];
    return (
      value !== undefined &&
      azureValue(all, variable) === value &&
      gcpFlag(all, variable)?.toLowerCase() === value.toLowerCase()
    );
  },
});

const secretNames = /password|secret/i;
/** Whether a resource that keeps no secret has an input that is named like one. */
const leaks = ({ type, inputs }: Resource) =>
  !(
    [
      types.azureServer,
      types.azureSecret,
      types.gcpInstance,
      types.gcpSecret,
      types.gcpSecretVersion,
      types.password,
    ] as string[]
  ).includes(type) &&
  Object.keys(inputs).some(
    (name) => secretNames.test(name) && inputs[name] !== undefined && name !== 'secretName',
  );

export const policies: readonly Policy[] = [
  // Versions and replication
  each('Azure’s server is MySQL 8.4', types.azureServer, ({ version }) => version === '8.4'),
  each(
    'Cloud SQL’s server is MySQL 8.4',
    types.gcpInstance,
    ({ databaseVersion }) => databaseVersion === 'MYSQL_8_4',
  ),
  flag('Cloud SQL compares table names as Azure does', 'lower_case_table_names', '1'),
  ...[
    'sql_mode',
    'max_connections',
    'connect_timeout',
    'character_set_server',
    'collation_server',
    'wait_timeout',
    'max_allowed_packet',
    'lock_wait_timeout',
    'innodb_lock_wait_timeout',
    'log_bin_trust_function_creators',
    'local_infile',
    'slow_query_log',
    'long_query_time',
  ].map(equal),
  azureVariable(
    'Azure’s server has the time zone +00:00',
    timeZoneVariable.azure[0],
    timeZoneVariable.azure[1],
  ),
  flag('Cloud SQL’s server has the time zone +00:00', timeZoneVariable.gcp[0], timeZoneVariable.gcp[1]),
  {
    rule: 'Azure’s server keeps its binary log for a day at least',
    holds: (all) => Number(azureValue(all, 'binlog_expire_logs_seconds')) >= 86_400,
  },
  azureVariable('Azure’s binary log has whole rows', 'binlog_row_image', 'FULL'),
  azureVariable('Azure adds no invisible primary keys', 'sql_generate_invisible_primary_key', 'OFF'),
  each(
    'Cloud SQL has a binary log',
    types.gcpInstance,
    ({ settings }) => settings.backupConfiguration.binaryLogEnabled === true,
  ),
  each(
    'Azure’s server is not Burstable, which has no replicas',
    types.azureServer,
    ({ sku }) => sku.tier !== 'Burstable' && !/_B\d/.test(sku.name),
  ),

  // TLS
  azureVariable('Azure refuses connections without TLS', 'require_secure_transport', 'ON'),
  azureVariable('Azure takes TLS 1.2 or newer', 'tls_version', 'TLSv1.2,TLSv1.3'),
  each(
    'Cloud SQL refuses connections without TLS',
    types.gcpInstance,
    ({ settings }) => settings.ipConfiguration.sslMode === 'ENCRYPTED_ONLY',
  ),
  each(
    'Cloud SQL’s certificate proves which instance it is',
    types.gcpInstance,
    ({ settings }) => settings.ipConfiguration.serverCaMode === 'GOOGLE_MANAGED_INTERNAL_CA',
  ),

  // Network
  each(
    'Azure’s server has a public address only where addresses are listed',
    types.azureServer,
    ({ network }, { azure }) =>
      network.publicNetworkAccess === (azure.access === 'private' ? 'Disabled' : 'Enabled'),
  ),
  each(
    'Cloud SQL has a public address only where addresses are listed',
    types.gcpInstance,
    ({ settings }, { gcp }) => settings.ipConfiguration.ipv4Enabled === (gcp.access !== 'private'),
  ),
  {
    rule: 'Azure’s firewall lets in single addresses alone',
    holds: (all) =>
      of(all, types.azureFirewall).every(
        ({ inputs }) =>
          inputs.startIpAddress === inputs.endIpAddress && isSingleAddress(inputs.startIpAddress),
      ),
  },
  {
    rule: 'Cloud SQL authorizes single addresses alone',
    holds: (all) =>
      of(all, types.gcpInstance).every(({ inputs }) =>
        (inputs.settings.ipConfiguration.authorizedNetworks ?? []).every(
          ({ value }: { value: string }) => value.endsWith('/32') && isSingleAddress(value.slice(0, -3)),
        ),
      ),
  },
  each(
    'Azure’s server has a private endpoint',
    types.azureEndpoint,
    ({ privateLinkServiceConnections }) => privateLinkServiceConnections[0].groupIds[0] === 'mysqlServer',
  ),
  each(
    'The private endpoint is found by its name',
    types.azureZone,
    ({ privateZoneName }) => privateZoneName === 'privatelink.mysql.database.azure.com',
  ),
  each(
    'Cloud SQL takes Private Service Connect from its own project alone',
    types.gcpInstance,
    ({ settings }, { gcp }) => {
      const [psc] = settings.ipConfiguration.pscConfigs ?? [];
      return (
        psc?.pscEnabled === true && psc.allowedConsumerProjects.every((one: string) => one === gcp.project)
      );
    },
  ),
  each(
    'Cloud SQL’s endpoint has an internal address',
    types.gcpAddress,
    ({ addressType }) => addressType === 'INTERNAL',
  ),
  each(
    'Cloud SQL’s endpoint is one of Private Service Connect',
    types.gcpForwarding,
    ({ loadBalancingScheme }) => loadBalancingScheme === '',
  ),

  // Backups and deletion
  each(
    'Azure keeps backups for a week at least',
    types.azureServer,
    ({ backup }) => backup.backupRetentionDays >= 7,
  ),
  each(
    'Azure keeps backups in another region, too',
    types.azureServer,
    ({ backup }) => backup.geoRedundantBackup === 'Enabled',
  ),
  each(
    'Cloud SQL makes backups',
    types.gcpInstance,
    ({ settings }) => settings.backupConfiguration.enabled === true,
  ),
  each(
    'Cloud SQL keeps seven backups at least',
    types.gcpInstance,
    ({ settings }) => settings.backupConfiguration.backupRetentionSettings.retainedBackups >= 7,
  ),
  each(
    'Cloud SQL restores any moment of the last week',
    types.gcpInstance,
    ({ settings }) => settings.backupConfiguration.transactionLogRetentionDays === 7,
  ),
  each(
    'Cloud SQL keeps backups of a deleted instance',
    types.gcpInstance,
    ({ settings }) => settings.retainBackupsOnDelete === true,
  ),
  each(
    'Pulumi does not delete Azure’s server',
    types.azureServer,
    (_inputs, _settings, { protect }) => protect === true,
  ),
  each(
    'Pulumi does not delete Cloud SQL’s instance',
    types.gcpInstance,
    (_inputs, _settings, { protect }) => protect === true,
  ),
  each(
    'Azure’s server has a lock against deletion',
    types.azureLock,
    ({ level }) => level === 'CanNotDelete',
  ),
  each(
    'Cloud SQL refuses deletion by its API',
    types.gcpInstance,
    ({ settings }) => settings.deletionProtectionEnabled === true,
  ),
  each(
    'The provider refuses deletion of the instance',
    types.gcpInstance,
    ({ deletionProtection }) => deletionProtection === true,
  ),
  each('Azure’s storage grows', types.azureServer, ({ storage }) => storage.autoGrow === 'Enabled'),
  each('Cloud SQL’s storage grows', types.gcpInstance, ({ settings }) => settings.diskAutoresize === true),

  // Accounts and secrets
  each(
    'Azure’s server has an administrator of Entra',
    types.azureAdmin,
    ({ login, sid, identityResourceId }) => Boolean(login && sid && identityResourceId),
  ),
  {
    rule: 'Azure has an identity each for the server, the application and migrations',
    holds: (all) => of(all, types.azureIdentity).length === 3,
  },
  flag('Cloud SQL takes tokens of IAM', 'cloudsql_iam_authentication', 'on'),
  each(
    'Cloud SQL’s accounts are service accounts, without passwords',
    types.gcpUser,
    ({ type, password }) => type === 'CLOUD_IAM_SERVICE_ACCOUNT' && password === undefined,
  ),
  {
    rule: 'Cloud SQL has an account each for the application and migrations',
    holds: (all) => of(all, types.gcpUser).length === 2,
  },
  each(
    'The service accounts may log in and nothing else',
    types.gcpMember,
    ({ role }) => role === 'roles/cloudsql.instanceUser',
  ),
  each('Administrators’ passwords have 32 characters at least', types.password, ({ length }) => length >= 32),
  each(
    'Azure’s administrator’s password is in Key Vault',
    types.azureSecret,
    ({ properties }) => properties.value !== undefined,
  ),
  each(
    'Key Vault is closed to the internet',
    types.azureVault,
    ({ properties }) =>
      properties.publicNetworkAccess === 'Disabled' && properties.networkAcls.defaultAction === 'Deny',
  ),
  each(
    'Key Vault keeps what is deleted',
    types.azureVault,
    ({ properties }) => properties.enableSoftDelete && properties.enablePurgeProtection,
  ),
  each(
    'Key Vault goes by roles',
    types.azureVault,
    ({ properties }) => properties.enableRbacAuthorization === true,
  ),
  each(
    'root’s password is in Secret Manager',
    types.gcpSecretVersion,
    ({ secretData }) => secretData !== undefined,
  ),
  each('Secret Manager keeps it in the instance’s region', types.gcpSecret, ({ replication }, { gcp }) =>
    replication.userManaged.replicas.every(({ location }: { location: string }) => location === gcp.region),
  ),
  { rule: 'no other resource has a secret', holds: (all) => !all.some(leaks) },

  // Database and costs
  each(
    'Azure’s database is utf8mb4',
    types.azureDatabase,
    ({ charset, collation }) => charset === 'utf8mb4' && collation === 'utf8mb4_0900_ai_ci',
  ),
  each(
    'Cloud SQL’s database is utf8mb4',
    types.gcpDatabase,
    ({ charset, collation }) => charset === 'utf8mb4' && collation === 'utf8mb4_0900_ai_ci',
  ),
  {
    rule: 'both databases have the same name',
    holds: (all) =>
      of(all, types.azureDatabase)[0]?.inputs.databaseName === of(all, types.gcpDatabase)[0]?.inputs.name,
  },
  each(
    'Azure’s storage does not cost by the operation',
    types.azureServer,
    ({ storage }) => storage.autoIoScaling === 'Disabled',
  ),
  each('Azure’s budget warns before it is spent', types.azureBudget, ({ notifications }) =>
    Object.values<{ threshold: number; enabled: boolean; contactEmails: string[] }>(notifications).some(
      ({ threshold, enabled, contactEmails }) => enabled && threshold < 100 && contactEmails.length > 0,
    ),
  ),
  each(
    'Google’s budget warns before it is spent',
    types.gcpBudget,
    ({ thresholdRules, allUpdatesRule }) =>
      thresholdRules.some(({ thresholdPercent }: { thresholdPercent: number }) => thresholdPercent < 1) &&
      allUpdatesRule.monitoringNotificationChannels.length > 0,
  ),
];

/** The rules that do not hold. */
export function violated(all: readonly Resource[], settings: Settings): string[] {
  return policies.filter(({ holds }) => !holds(all, settings)).map(({ rule }) => rule);
}
