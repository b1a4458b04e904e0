import * as authorization from '@pulumi/azure-native/authorization/index.js';
import * as consumption from '@pulumi/azure-native/consumption/index.js';
import * as mysql from '@pulumi/azure-native/dbformysql/index.js';
import * as keyvault from '@pulumi/azure-native/keyvault/index.js';
import * as managedidentity from '@pulumi/azure-native/managedidentity/index.js';
import * as network from '@pulumi/azure-native/network/index.js';
import * as privatedns from '@pulumi/azure-native/privatedns/index.js';
import * as resources from '@pulumi/azure-native/resources/index.js';
import type { Output } from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { equalVariables, timeZoneVariable, version } from './server-settings.ts';
import type { Settings } from './settings.ts';

export interface AzureOutputs {
  readonly server: mysql.Server;
  readonly host: Output<string>;
  /** Client ids of the identities with which Tandem runs and migrates. */
  readonly runtimeClientId: Output<string>;
  readonly migratorClientId: Output<string>;
  readonly applicationSubnetId: Output<string | undefined>;
}

/** A server of Azure Database for MySQL in a private network, with what belongs to it. */
export function provisionAzure(settings: Settings): AzureOutputs {
  const { name, azure, database, backupDays, alertEmail } = settings;
  const { location } = azure;
  const group = new resources.ResourceGroup(`${name}-rg`, { resourceGroupName: `${name}-rg`, location });
  const resourceGroupName = group.name;
  const identity = (role: string) =>
    new managedidentity.UserAssignedIdentity(`${name}-${role}`, {
      resourceGroupName,
      resourceName: `${name}-${role}`,
      location,
    });
  // It needs the Graph permissions User.Read.All, GroupMember.Read.All and Application.Read.All (docs/azure.md).
  const serverIdentity = identity('mysql');
  const runtime = identity('app');
  const migrator = identity('migrator');

  const password = new random.RandomPassword(`${name}-azure-admin`, {
    length: 40,
    special: false,
    minNumeric: 4,
  });
  const server = new mysql.Server(
    `${name}-mysql`,
    {
      resourceGroupName,
      serverName: azure.server,
      location,
      version: version.azure,
      sku: { name: azure.sku, tier: azure.sku.includes('_E') ? 'MemoryOptimized' : 'GeneralPurpose' },
      administratorLogin: 'tandemadmin',
      administratorLoginPassword: password.result,
      identity: { type: 'UserAssigned', userAssignedIdentities: [serverIdentity.id] },
      // `autoIoScaling` is on by default, and costs by the operation.
      storage: { storageSizeGB: azure.storageGb, autoGrow: 'Enabled', autoIoScaling: 'Disabled' },
      backup: { backupRetentionDays: backupDays, geoRedundantBackup: 'Enabled' },
      highAvailability: { mode: azure.highlyAvailable ? 'ZoneRedundant' : 'Disabled' },
      network: { publicNetworkAccess: azure.access === 'private' ? 'Disabled' : 'Enabled' },
    },
    { protect: true, ignoreChanges: ['availabilityZone'] },
  );
  const at = { resourceGroupName, serverName: server.name };
  new mysql.AzureADAdministrator(`${name}-entra-admin`, {
    ...at,
    administratorName: 'ActiveDirectory',
    administratorType: 'ActiveDirectory',
    identityResourceId: serverIdentity.id,
    login: azure.admin.login,
    sid: azure.admin.objectId,
    tenantId: azure.tenant,
  });
  new mysql.Database(`${name}-database`, {
    ...at,
    databaseName: database,
    charset: 'utf8mb4',
    collation: 'utf8mb4_0900_ai_ci',
  });
  setVariables(settings, at, server);

  const vault = new keyvault.Vault(`${name}-vault`, {
    resourceGroupName,
    location,
    vaultName: `${name}-vault`,
    properties: {
      tenantId: azure.tenant,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
      publicNetworkAccess: 'Disabled',
      networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' },
    },
  });
  new keyvault.Secret(`${name}-azure-admin-password`, {
    resourceGroupName,
    vaultName: vault.name,
    secretName: `${name}-azure-admin`,
    properties: { value: password.result },
  });
  new authorization.ManagementLockByScope(`${name}-lock`, {
    scope: server.id,
    lockName: `${name}-keep`,
    level: 'CanNotDelete',
    notes: 'The database. Remove this lock before you delete it.',
  });
  new consumption.Budget(`${name}-budget`, {
    scope: group.id,
    budgetName: `${name}-monthly`,
    amount: azure.monthlyBudget,
    category: 'Cost',
    timeGrain: 'Monthly',
    timePeriod: { startDate: `${azure.budgetFrom}T00:00:00Z` },
    notifications: {
      nearly: { enabled: true, operator: 'GreaterThan', threshold: 80, contactEmails: [alertEmail] },
      forecast: {
        enabled: true,
        operator: 'GreaterThan',
        threshold: 100,
        thresholdType: 'Forecasted',
        contactEmails: [alertEmail],
      },
    },
  });

  if (azure.access !== 'private') {
    for (const address of azure.access.addresses) {
      const firewallRuleName = `${name}-${address.replaceAll('.', '-')}`;
      const range = { startIpAddress: address, endIpAddress: address };
      new mysql.FirewallRule(firewallRuleName, { ...at, firewallRuleName, ...range });
    }
  }
  return {
    server,
    host: server.fullyQualifiedDomainName,
    runtimeClientId: runtime.clientId,
    migratorClientId: migrator.clientId,
    applicationSubnetId: connectPrivately(settings, resourceGroupName, server),
  };
}

/** One after another: the server takes one change at a time. */
function setVariables(
  settings: Settings,
  at: { resourceGroupName: Output<string>; serverName: Output<string> },
  server: mysql.Server,
): void {
  const [timeZone, offset] = timeZoneVariable.azure;
  const variables = {
    ...equalVariables(settings),
    [timeZone]: offset,
    require_secure_transport: 'ON',
    tls_version: 'TLSv1.2,TLSv1.3',
    // 0, the default, keeps no binary log for a replica.
    binlog_expire_logs_seconds: '604800',
    binlog_row_image: 'FULL',
    sql_generate_invisible_primary_key: 'OFF',
  };
  let before: mysql.Server | mysql.Configuration = server;
  for (const [configurationName, value] of Object.entries(variables)) {
    before = new mysql.Configuration(
      `${settings.name}-${configurationName}`,
      { ...at, configurationName, value, source: 'user-override' },
      { dependsOn: before },
    );
  }
}

/** A private endpoint, and the name by which the application's subnet finds it. */
function connectPrivately(
  { name, azure: { location } }: Settings,
  resourceGroupName: Output<string>,
  server: mysql.Server,
): Output<string | undefined> {
  const vnet = new network.VirtualNetwork(`${name}-vnet`, {
    resourceGroupName,
    location,
    virtualNetworkName: `${name}-vnet`,
    addressSpace: { addressPrefixes: ['10.40.0.0/16'] },
  });
  const subnet = (role: string, addressPrefix: string, delegation?: string) =>
    new network.Subnet(`${name}-${role}`, {
      resourceGroupName,
      virtualNetworkName: vnet.name,
      subnetName: role,
      addressPrefix,
      ...(delegation && { delegations: [{ name: 'apps', serviceName: delegation }] }),
    });
  const application = subnet('application', '10.40.0.0/23', 'Microsoft.App/environments');
  const endpoints = subnet('endpoints', '10.40.2.0/27');
  const endpoint = new network.PrivateEndpoint(`${name}-endpoint`, {
    resourceGroupName,
    location,
    privateEndpointName: `${name}-mysql`,
    subnet: { id: endpoints.id },
    privateLinkServiceConnections: [
      { name: 'mysql', privateLinkServiceId: server.id, groupIds: ['mysqlServer'] },
    ],
  });
  const zone = new privatedns.PrivateZone(`${name}-zone`, {
    resourceGroupName,
    location: 'global',
    privateZoneName: 'privatelink.mysql.database.azure.com',
  });
  new privatedns.VirtualNetworkLink(`${name}-zone-link`, {
    resourceGroupName,
    location: 'global',
    privateZoneName: zone.name,
    virtualNetworkLinkName: name,
    virtualNetwork: { id: vnet.id },
    registrationEnabled: false,
  });
  new network.PrivateDnsZoneGroup(`${name}-zone-group`, {
    resourceGroupName,
    privateEndpointName: endpoint.name,
    privateDnsZoneGroupName: 'mysql',
    privateDnsZoneConfigs: [{ name: 'mysql', privateDnsZoneId: zone.id }],
  });
  return application.id;
}
