import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { azureAccounts, environmentOf, gcpAccounts, type Provisioned } from '../outputs.ts';
import { policies, type Resource, types, violated } from '../policies.ts';
import { type Access, faultsOf, readSettings, type Settings } from '../settings.ts';

const settings = readSettings(new URL('../settings.json', import.meta.url));

/** What the program asks for, by Pulumi's mocks: neither an engine nor a cloud is needed. */
async function resourcesOf(settings: Settings): Promise<Resource[]> {
  const all: Resource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        all.push({ type, name, inputs });
        return { id: `${name}-id`, state: { ...inputs, name: inputs.name ?? name, ...madeUp(type, name) } };
      },
      call: ({ inputs }) => inputs,
    },
    'tandem',
    'test',
  );
  const { provisionAzure } = await import('../azure.ts');
  const { provisionGcp } = await import('../gcp.ts');
  const azure = provisionAzure(settings);
  const gcp = provisionGcp(settings);
  const outputs = pulumi.all([azure.host, gcp.host, azure.applicationSubnetId, gcp.applicationSubnetId]);
  await new Promise((resolve) => outputs.apply(resolve));
  // Resources that nothing waits for are registered meanwhile.
  await pulumi.runtime.disconnect();
  // Mocks do not get a resource's own options.
  const isProtected = new Map<string, object>([
    [types.azureServer, azure.server],
    [types.gcpInstance, gcp.instance],
  ]);
  return all.map((one) => {
    const resource = isProtected.get(one.type) as { __protect?: boolean } | undefined;
    return resource === undefined ? one : { ...one, protect: resource.__protect === true };
  });
}

/** What a cloud would answer. */
function madeUp(type: string, name: string): Record<string, unknown> {
  if (type === types.azureServer) return { fullyQualifiedDomainName: 'tandem.mysql.database.azure.com' };
  if (type === types.gcpInstance)
    return {
      publicIpAddress: '198.51.100.20',
      serverCaCerts: [{ cert: 'PEM' }],
      pscServiceAttachmentLink: 'link',
    };
  if (type === types.azureIdentity) return { clientId: `${name}-client` };
  if (type === types.password) return { result: 'x'.repeat(40) };
  if (type.endsWith(':Account')) return { email: `${name}@my-project.iam.gserviceaccount.com` };
  if (type === types.gcpAddress) return { address: '10.50.0.2' };
  return {};
}

let all: Resource[];
before(async () => {
  all = await resourcesOf(settings);
});

/** A copy of all, with a change to the first resource of a type. */
// biome-ignore lint/suspicious/noExplicitAny: each type has inputs of its own
const plant = (type: string, change: (inputs: any, one: any) => void) => {
  const copy = structuredClone(all) as Resource[];
  const one = copy.find((other) => other.type === type) as Resource;
  change(one.inputs, one);
  return copy;
};
const variable = (name: string, value: string) => () => {
  const copy = structuredClone(all) as Resource[];
  const one = copy.find(({ inputs }) => inputs.configurationName === name) as Resource;
  one.inputs.value = value;
  return copy;
};
const flag = (name: string, value: string) => () =>
  plant(types.gcpInstance, ({ settings }) => {
    for (const one of settings.databaseFlags) if (one.name === name) one.value = value;
  });
const add = (type: string, inputs: object) => () => [...all, { type, name: 'planted', inputs }];
// biome-ignore lint/suspicious/noExplicitAny: each type has inputs of its own
const change = (type: string, how: (inputs: any, one: any) => void) => () => plant(type, how);
// biome-ignore lint/suspicious/noExplicitAny: as above
const instance = (how: (settings: any) => void) => change(types.gcpInstance, ({ settings }) => how(settings));
const none = (type: string) => () => all.filter((one) => one.type !== type);

/** For each rule, resources that break it, and no other rule. */
const plants: Record<string, () => readonly Resource[]> = {
  'Azure’s server is MySQL 8.4': change(types.azureServer, (one) => {
    one.version = '8.0.21';
  }),
  'Cloud SQL’s server is MySQL 8.4': change(types.gcpInstance, (one) => {
    one.databaseVersion = 'MYSQL_8_0';
  }),
  'Cloud SQL compares table names as Azure does': flag('lower_case_table_names', '0'),
  'both servers have the same sql_mode': variable('sql_mode', 'ANSI'),
  'both servers have the same max_connections': flag('max_connections', '4000'),
  'both servers have the same connect_timeout': variable('connect_timeout', '2'),
  'both servers have the same character_set_server': flag('character_set_server', 'latin1'),
  'both servers have the same collation_server': variable('collation_server', 'utf8mb4_general_ci'),
  'both servers have the same wait_timeout': flag('wait_timeout', '60'),
  'both servers have the same max_allowed_packet': variable('max_allowed_packet', '1024'),
  'both servers have the same lock_wait_timeout': flag('lock_wait_timeout', '31536000'),
  'both servers have the same innodb_lock_wait_timeout': variable('innodb_lock_wait_timeout', '50'),
  'both servers have the same log_bin_trust_function_creators': flag(
    'log_bin_trust_function_creators',
    'off',
  ),
  'both servers have the same local_infile': variable('local_infile', 'ON'),
  'both servers have the same slow_query_log': flag('slow_query_log', 'off'),
  'both servers have the same long_query_time': variable('long_query_time', '10'),
  'Azure’s server has the time zone +00:00': variable('time_zone', 'SYSTEM'),
  'Cloud SQL’s server has the time zone +00:00': flag('default_time_zone', '+01:00'),
  'Azure’s server keeps its binary log for a day at least': variable('binlog_expire_logs_seconds', '0'),
  'Azure’s binary log has whole rows': variable('binlog_row_image', 'MINIMAL'),
  'Azure adds no invisible primary keys': variable('sql_generate_invisible_primary_key', 'ON'),
  'Cloud SQL has a binary log': instance((one) => {
    one.backupConfiguration.binaryLogEnabled = false;
  }),
  'Azure’s server is not Burstable, which has no replicas': change(types.azureServer, (one) => {
    one.sku = { name: 'Standard_B1ms', tier: 'Burstable' };
  }),
  'Azure refuses connections without TLS': variable('require_secure_transport', 'OFF'),
  'Azure takes TLS 1.2 or newer': variable('tls_version', 'TLSv1,TLSv1.2'),
  'Cloud SQL refuses connections without TLS': instance((one) => {
    one.ipConfiguration.sslMode = 'ALLOW_UNENCRYPTED_AND_ENCRYPTED';
  }),
  'Cloud SQL’s certificate proves which instance it is': instance((one) => {
    one.ipConfiguration.serverCaMode = 'GOOGLE_MANAGED_CAS_CA';
  }),
  'Azure’s server has a public address only where addresses are listed': change(types.azureServer, (one) => {
    one.network.publicNetworkAccess = 'Enabled';
  }),
  'Cloud SQL has a public address only where addresses are listed': instance((one) => {
    one.ipConfiguration.ipv4Enabled = true;
  }),
  'Azure’s firewall lets in single addresses alone': add(types.azureFirewall, {
    startIpAddress: '0.0.0.0',
    endIpAddress: '0.0.0.0',
  }),
  'Cloud SQL authorizes single addresses alone': instance((one) => {
    one.ipConfiguration.authorizedNetworks = [{ value: '0.0.0.0/0' }];
  }),
  'Azure’s server has a private endpoint': none(types.azureEndpoint),
  'The private endpoint is found by its name': change(types.azureZone, (one) => {
    one.privateZoneName = 'example.org';
  }),
  'Cloud SQL takes Private Service Connect from its own project alone': instance((one) => {
    one.ipConfiguration.pscConfigs[0].allowedConsumerProjects.push('another');
  }),
  'Cloud SQL’s endpoint has an internal address': change(types.gcpAddress, (one) => {
    one.addressType = 'EXTERNAL';
  }),
  'Cloud SQL’s endpoint is one of Private Service Connect': change(types.gcpForwarding, (one) => {
    one.loadBalancingScheme = 'EXTERNAL';
  }),
  'Azure keeps backups for a week at least': change(types.azureServer, (one) => {
    one.backup.backupRetentionDays = 1;
  }),
  'Azure keeps backups in another region, too': change(types.azureServer, (one) => {
    one.backup.geoRedundantBackup = 'Disabled';
  }),
  'Cloud SQL makes backups': instance((one) => {
    one.backupConfiguration.enabled = false;
  }),
  'Cloud SQL keeps seven backups at least': instance((one) => {
    one.backupConfiguration.backupRetentionSettings.retainedBackups = 1;
  }),
  'Cloud SQL restores any moment of the last week': instance((one) => {
    one.backupConfiguration.transactionLogRetentionDays = 1;
  }),
  'Cloud SQL keeps backups of a deleted instance': instance((one) => {
    one.retainBackupsOnDelete = false;
  }),
  'Pulumi does not delete Azure’s server': change(types.azureServer, (_, one) => {
    one.protect = false;
  }),
  'Pulumi does not delete Cloud SQL’s instance': change(types.gcpInstance, (_, one) => {
    one.protect = false;
  }),
  'Azure’s server has a lock against deletion': none(types.azureLock),
  'Cloud SQL refuses deletion by its API': instance((one) => {
    one.deletionProtectionEnabled = false;
  }),
  'The provider refuses deletion of the instance': change(types.gcpInstance, (one) => {
    one.deletionProtection = false;
  }),
  'Azure’s storage grows': change(types.azureServer, (one) => {
    one.storage.autoGrow = 'Disabled';
  }),
  'Cloud SQL’s storage grows': instance((one) => {
    one.diskAutoresize = false;
  }),
  'Azure’s server has an administrator of Entra': none(types.azureAdmin),
  'Azure has an identity each for the server, the application and migrations': none(types.azureIdentity),
  'Cloud SQL takes tokens of IAM': flag('cloudsql_iam_authentication', 'off'),
  'Cloud SQL’s accounts are service accounts, without passwords': change(types.gcpUser, (one) => {
    one.type = 'BUILT_IN';
  }),
  'Cloud SQL has an account each for the application and migrations': add(types.gcpUser, {
    type: 'CLOUD_IAM_SERVICE_ACCOUNT',
  }),
  'The service accounts may log in and nothing else': change(types.gcpMember, (one) => {
    one.role = 'roles/cloudsql.admin';
  }),
  'Administrators’ passwords have 32 characters at least': change(types.password, (one) => {
    one.length = 12;
  }),
  'Azure’s administrator’s password is in Key Vault': none(types.azureSecret),
  'Key Vault is closed to the internet': change(types.azureVault, ({ properties }) => {
    properties.networkAcls.defaultAction = 'Allow';
  }),
  'Key Vault keeps what is deleted': change(types.azureVault, ({ properties }) => {
    properties.enablePurgeProtection = false;
  }),
  'Key Vault goes by roles': change(types.azureVault, ({ properties }) => {
    properties.enableRbacAuthorization = false;
  }),
  'root’s password is in Secret Manager': none(types.gcpSecretVersion),
  'Secret Manager keeps it in the instance’s region': change(types.gcpSecret, (one) => {
    one.replication.userManaged.replicas[0].location = 'us-east1';
  }),
  'no other resource has a secret': change(types.azureDatabase, (one) => {
    one.adminPassword = 'x';
  }),
  'Azure’s database is utf8mb4': change(types.azureDatabase, (one) => {
    one.charset = 'latin1';
  }),
  'Cloud SQL’s database is utf8mb4': change(types.gcpDatabase, (one) => {
    one.collation = 'utf8mb4_general_ci';
  }),
  'both databases have the same name': change(types.gcpDatabase, (one) => {
    one.name = 'other';
  }),
  'Azure’s storage does not cost by the operation': change(types.azureServer, (one) => {
    one.storage.autoIoScaling = 'Enabled';
  }),
  'Azure’s budget warns before it is spent': none(types.azureBudget),
  'Google’s budget warns before it is spent': change(types.gcpBudget, (one) => {
    one.allUpdatesRule.monitoringNotificationChannels = [];
  }),
};

describe('the program', () => {
  it('keeps every rule', () => assert.deepEqual(violated(all, settings), []));

  it('has a planted violation for every rule', () => {
    assert.deepEqual(Object.keys(plants).toSorted(), policies.map(({ rule }) => rule).toSorted());
    assert.ok(policies.length >= 40);
  });

  for (const [rule, planted] of Object.entries(plants)) {
    it(`is found out where it breaks: ${rule}`, () =>
      assert.deepEqual(violated(planted(), settings), [rule]));
  }

  it('lets in the single addresses of the settings, and keeps every rule then', async () => {
    const access: Access = { addresses: ['203.0.113.7'] };
    const open = { ...settings, azure: { ...settings.azure, access }, gcp: { ...settings.gcp, access } };
    const opened = await resourcesOf(open);
    assert.deepEqual(violated(opened, open), []);
    const rules = opened.filter(({ type }) => type === types.azureFirewall);
    assert.deepEqual(
      rules.map(({ inputs }) => inputs.startIpAddress),
      ['203.0.113.7'],
    );
  });
});

describe('settings', () => {
  const withAddress = (address: string): Settings => ({
    ...settings,
    gcp: { ...settings.gcp, access: { addresses: [address] } },
  });
  for (const address of [
    '0.0.0.0',
    '0.0.0.0/0',
    '10.1.2.3',
    '203.0.113.0/24',
    '::/0',
    '300.1.1.1',
    '*',
    '',
  ]) {
    it(`refuse the address ${address || '(empty)'}`, () =>
      assert.equal(faultsOf(withAddress(address)).length, 1));
  }
  it('name every fault', () => {
    const wrong = { ...settings, poolMax: 40, azure: { ...settings.azure, sku: 'Standard_B1ms' } };
    assert.equal(faultsOf(wrong).length, 2);
  });
});

describe('outputs', () => {
  const provisioned: Provisioned = {
    azure: { host: 'a.mysql.database.azure.com', migratorClientId: 'm-id', runtimeClientId: 'r-id' },
    gcp: {
      host: '10.50.0.2',
      runtimeUser: 'tandem-app',
      migratorUser: 'tandem-migrator',
      migratorEmail: 'm@p.iam.gserviceaccount.com',
    },
  };
  it('are a .env without a secret', () => {
    const text = environmentOf(provisioned, settings);
    assert.match(text, /^AZURE_DB_HOST=a\.mysql\.database\.azure\.com$/m);
    assert.match(text, /^GCP_DB_PASSWORD_COMMAND="gcloud sql generate-login-token --quiet"$/m);
    assert.doesNotMatch(text, /PASSWORD=/);
  });
  it('give the accounts their rights and their number of sessions, and no more', () => {
    for (const sql of [azureAccounts(provisioned, settings), gcpAccounts(provisioned, settings)]) {
      assert.match(sql, /'tandem-app'@'%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 20;/);
      assert.match(sql, /GRANT SELECT, INSERT, UPDATE, DELETE ON tandem\.\* TO 'tandem-app'@'%';/);
      assert.doesNotMatch(sql, /ALL PRIVILEGES|SUPER|GRANT OPTION| ON \*\.\*/);
    }
  });
});
