import * as gcp from '@pulumi/gcp';
import type { Output } from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { equalVariables, lowerCaseTableNames, timeZoneVariable, version } from './server-settings.ts';
import type { Settings } from './settings.ts';

export interface GcpOutputs {
  readonly instance: gcp.sql.DatabaseInstance;
  readonly host: Output<string>;
  readonly runtimeUser: Output<string>;
  readonly migratorUser: Output<string>;
  readonly migratorEmail: Output<string>;
  /** The certificate of the instance's own authority. */
  readonly authority: Output<string>;
  readonly applicationSubnetId: Output<string>;
}

/** An instance of Cloud SQL for MySQL behind Private Service Connect, with what belongs to it. */
export function provisionGcp(settings: Settings): GcpOutputs {
  const { name, gcp: own, database, backupDays, alertEmail } = settings;
  const { project, region } = own;
  const [timeZone, offset] = timeZoneVariable.gcp;
  const flags = {
    ...equalVariables(settings),
    [timeZone]: offset,
    lower_case_table_names: lowerCaseTableNames,
    cloudsql_iam_authentication: 'on',
  };
  const password = new random.RandomPassword(`${name}-gcp-root`, {
    length: 40,
    special: false,
    minNumeric: 4,
  });
  const isPrivate = own.access === 'private';
  const addresses = own.access === 'private' ? [] : own.access.addresses;
  const instance = new gcp.sql.DatabaseInstance(
    `${name}-mysql`,
    {
      project,
      region,
      name: own.instance,
      databaseVersion: version.gcp,
      rootPassword: password.result,
      deletionProtection: true,
      settings: {
        tier: own.tier,
        edition: own.edition,
        availabilityType: own.highlyAvailable ? 'REGIONAL' : 'ZONAL',
        diskSize: own.storageGb,
        diskAutoresize: true,
        deletionProtectionEnabled: true,
        retainBackupsOnDelete: true,
        backupConfiguration: {
          enabled: true,
          binaryLogEnabled: true,
          transactionLogRetentionDays: 7,
          backupRetentionSettings: { retainedBackups: backupDays, retentionUnit: 'COUNT' },
        },
        databaseFlags: Object.entries(flags).map(([name, value]) => ({
          name,
          value: value === 'ON' || value === 'OFF' ? value.toLowerCase() : value,
        })),
        ipConfiguration: {
          ipv4Enabled: !isPrivate,
          sslMode: 'ENCRYPTED_ONLY',
          // An authority of this instance alone: its certificate proves which server it is.
          serverCaMode: 'GOOGLE_MANAGED_INTERNAL_CA',
          authorizedNetworks: addresses.map((address) => ({
            name: address.replaceAll('.', '-'),
            value: `${address}/32`,
          })),
          pscConfigs: [{ pscEnabled: true, allowedConsumerProjects: [project] }],
        },
      },
    },
    { protect: true },
  );
  new gcp.sql.Database(`${name}-database`, {
    project,
    instance: instance.name,
    name: database,
    charset: 'utf8mb4',
    collation: 'utf8mb4_0900_ai_ci',
  });
  const account = (role: string) => {
    const one = new gcp.serviceaccount.Account(`${name}-${role}`, { project, accountId: `${name}-${role}` });
    new gcp.projects.IAMMember(`${name}-${role}-login`, {
      project,
      role: 'roles/cloudsql.instanceUser',
      member: one.email.apply((email) => `serviceAccount:${email}`),
    });
    const user = new gcp.sql.User(`${name}-${role}-user`, {
      project,
      instance: instance.name,
      name: one.email,
      type: 'CLOUD_IAM_SERVICE_ACCOUNT',
    });
    return { email: one.email, user: user.name.apply((email) => email.split('@')[0] as string) };
  };
  const runtime = account('app');
  const migrator = account('migrator');

  const secret = new gcp.secretmanager.Secret(`${name}-gcp-root`, {
    project,
    secretId: `${name}-gcp-root`,
    replication: { userManaged: { replicas: [{ location: region }] } },
    deletionProtection: true,
  });
  new gcp.secretmanager.SecretVersion(`${name}-gcp-root-version`, {
    secret: secret.id,
    secretData: password.result,
  });
  const channel = new gcp.monitoring.NotificationChannel(`${name}-email`, {
    project,
    type: 'email',
    labels: { email_address: alertEmail },
  });
  new gcp.billing.Budget(`${name}-budget`, {
    billingAccount: own.billingAccount,
    displayName: `${name} monthly`,
    budgetFilter: { projects: [`projects/${project}`] },
    amount: { specifiedAmount: { currencyCode: own.currency, units: String(own.monthlyBudget) } },
    thresholdRules: [{ thresholdPercent: 0.8 }, { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' }],
    allUpdatesRule: { monitoringNotificationChannels: [channel.id] },
  });
  const { address, subnetId } = connectPrivately(settings, instance);
  return {
    instance,
    host: isPrivate ? address : instance.publicIpAddress,
    runtimeUser: runtime.user,
    migratorUser: migrator.user,
    migratorEmail: migrator.email,
    authority: instance.serverCaCerts.apply((certificates) => certificates[0]?.cert ?? ''),
    applicationSubnetId: subnetId,
  };
}

/** An address in the application's network that leads to the instance, whatever network the instance is in. */
function connectPrivately({ name, gcp: { project, region } }: Settings, instance: gcp.sql.DatabaseInstance) {
  const network = new gcp.compute.Network(`${name}-network`, {
    project,
    name: `${name}-network`,
    autoCreateSubnetworks: false,
  });
  const subnetwork = new gcp.compute.Subnetwork(`${name}-application`, {
    project,
    region,
    network: network.id,
    name: `${name}-application`,
    ipCidrRange: '10.50.0.0/24',
    privateIpGoogleAccess: true,
  });
  const address = new gcp.compute.Address(`${name}-endpoint`, {
    project,
    region,
    name: `${name}-mysql`,
    addressType: 'INTERNAL',
    subnetwork: subnetwork.id,
  });
  new gcp.compute.ForwardingRule(`${name}-endpoint`, {
    project,
    region,
    name: `${name}-mysql`,
    network: network.id,
    ipAddress: address.id,
    target: instance.pscServiceAttachmentLink,
    // No load-balancing scheme: that makes it an endpoint of Private Service Connect.
    loadBalancingScheme: '',
    allowPscGlobalAccess: false,
  });
  return { address: address.address, subnetId: subnetwork.id };
}
