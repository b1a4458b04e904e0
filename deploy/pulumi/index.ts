import * as pulumi from '@pulumi/pulumi';
import { provisionAzure } from './azure.ts';
import { provisionGcp } from './gcp.ts';
import { azureAccounts, environmentOf, gcpAccounts } from './outputs.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(new URL('settings.json', import.meta.url));
const azure = provisionAzure(settings);
const gcp = provisionGcp(settings);
const provisioned = pulumi
  .all([
    azure.host,
    azure.migratorClientId,
    azure.runtimeClientId,
    gcp.host,
    gcp.runtimeUser,
    gcp.migratorUser,
    gcp.migratorEmail,
  ] as const)
  .apply(
    ([azureHost, migratorClientId, runtimeClientId, host, runtimeUser, migratorUser, migratorEmail]) => ({
      azure: { host: azureHost, migratorClientId, runtimeClientId },
      gcp: { host, runtimeUser, migratorUser, migratorEmail },
    }),
  );

/** `pulumi stack output environment > .env` */
export const environment = provisioned.apply((all) => environmentOf(all, settings));
export const azureAccountsSql = provisioned.apply((all) => azureAccounts(all, settings));
export const gcpAccountsSql = provisioned.apply((all) => gcpAccounts(all, settings));
/** `pulumi stack output gcpAuthority > certs/gcp-ca.pem` */
export const gcpAuthority = gcp.authority;
export const applicationSubnets = { azure: azure.applicationSubnetId, gcp: gcp.applicationSubnetId };
