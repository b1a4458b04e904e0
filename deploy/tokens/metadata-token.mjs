/**
 * Prints a token with which the identity of this machine or container logs in to a cloud's MySQL, from the cloud's metadata service. It
 * needs neither `az` nor `gcloud`, nor a package:
 *
 *   AZURE_DB_PASSWORD_COMMAND="node deploy/tokens/metadata-token.mjs azure CLIENT_ID"
 *   GCP_DB_PASSWORD_COMMAND="node deploy/tokens/metadata-token.mjs gcp"
 *
 * The second word is the client id of a managed identity, or the email of a service account; without it, the default one.
 */
import { readFile } from 'node:fs/promises';
import process, { env } from 'node:process';

/** https://learn.microsoft.com/azure/mysql/flexible-server/how-to-azure-ad */
const azureResource = 'https://ossrdbms-aad.database.windows.net';
/** https://docs.cloud.google.com/sql/docs/mysql/iam-logins */
const googleScope = 'https://www.googleapis.com/auth/sqlservice.login';
/** Milliseconds: the service is on this machine, which may be busy. Tandem ends the command at the deadline of its own. */
const timeoutMs = 10_000;

const services = {
  azure(clientId = env.AZURE_CLIENT_ID) {
    if (env.AZURE_FEDERATED_TOKEN_FILE) return workloadIdentity(clientId);
    // Container Apps and App Service: https://learn.microsoft.com/azure/container-apps/managed-identity
    if (env.IDENTITY_ENDPOINT) {
      return get(
        env.IDENTITY_ENDPOINT,
        { 'x-identity-header': env.IDENTITY_HEADER ?? '' },
        {
          'api-version': '2019-08-01',
          resource: azureResource,
          client_id: clientId,
        },
      );
    }
    // Virtual machines: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
    const host = env.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? 'http://169.254.169.254';
    return get(
      `${host}/metadata/identity/oauth2/token`,
      { metadata: 'true' },
      {
        'api-version': '2018-02-01',
        resource: azureResource,
        client_id: clientId,
      },
    );
  },

  /** https://docs.cloud.google.com/compute/docs/access/authenticate-workloads */
  gcp(account = 'default') {
    const host = env.GCE_METADATA_HOST ?? 'metadata.google.internal';
    const path = `/computeMetadata/v1/instance/service-accounts/${encodeURIComponent(account)}/token`;
    return get(`http://${host}${path}`, { 'metadata-flavor': 'Google' }, { scopes: googleScope });
  },
};

/** Kubernetes in Azure: https://azure.github.io/azure-workload-identity/docs/ */
async function workloadIdentity(clientId) {
  const host = env.AZURE_AUTHORITY_HOST ?? 'https://login.microsoftonline.com/';
  const url = new URL(`${env.AZURE_TENANT_ID}/oauth2/v2.0/token`, host);
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId ?? '',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: (await readFile(env.AZURE_FEDERATED_TOKEN_FILE, 'utf8')).trim(),
    scope: `${azureResource}/.default`,
  });
  return tokenOf(await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(timeoutMs) }));
}

async function get(address, headers, parameters) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const options = { headers, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) };
  return tokenOf(await fetch(url, options));
}

/** The answer of a failure may hold what was sent: it is not shown. */
async function tokenOf(response) {
  if (!response.ok) throw new Error(`the service answers ${response.status}`);
  const { access_token: token } = await response.json();
  if (typeof token !== 'string' || token === '') throw new Error('the answer has no token');
  return token;
}

const [cloud = '', identity] = process.argv.slice(2);
try {
  if (!Object.hasOwn(services, cloud)) throw new Error('the first word is neither azure nor gcp');
  process.stdout.write(`${await services[cloud](identity)}\n`);
} catch (error) {
  process.stderr.write(`metadata-token: ${error.message}\n`);
  process.exitCode = 1;
}
