import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseEnv, promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';

const run = promisify(execFile);
const read = (file: string) => readFileSync(`deploy/${file}`, 'utf8');

/** What a secret holds, by the variable that it is given in. */
const secret = (variable = '') =>
  variable === 'AUTH_ISSUERS'
    ? JSON.stringify([{ issuer: 'https://login.example.org', audience: 'tandem', algorithms: ['RS256'] }])
    : 'x';

/** What the secret of Kubernetes has. */
const kubernetesSecret = Object.fromEntries(
  ['AZURE', 'GCP'].flatMap((cloud) =>
    Object.entries({ HOST: 'db.example', USER: 'tandem', PASSWORD: 'x', NAME: 'tandem' }).map(
      ([key, value]) => [`${cloud}_DB_${key}`, value],
    ),
  ),
);

/** Variables of a manifest of a container: all that Tandem needs. The files that they name are mounted. */
function variablesOf(manifest: string): Record<string, string> {
  const given = [...manifest.matchAll(/\{\s*name: (\w+),\s*value: "?([^"}]+?)"?,?\s*\}/g)];
  const secrets = [
    ...manifest.matchAll(/\{\s*name: (\w+),\s*(?:secretRef: ([\w-]+)|valueFrom: \{ secretKeyRef)/g),
  ];
  for (const name of secrets.flatMap(([, , name]) => name ?? []))
    expect(manifest).toContain(`- name: ${name}\n        keyVaultUrl:`);
  const variables = Object.fromEntries(given.map(([, key, value]) => [key, value]));
  const [, folder = '', file = ''] = /^(.*)\/(.*)$/.exec(variables.GCP_DB_SSL_CA ?? '') ?? [];
  expect(manifest).toContain(`mountPath: ${folder} }`);
  expect(manifest).toMatch(new RegExp(`\\bpath: ${file} `));
  const read = Object.fromEntries(secrets.map(([, variable]) => [variable, secret(variable)]));
  return { ...variables, ...read, GCP_DB_SSL_CA: '' };
}

const base = 'kubernetes/base';
const manifests: readonly (readonly [where: string, variables: Record<string, string>, scale: string])[] = [
  [
    'Kubernetes',
    {
      ...(parseEnv(read(`${base}/settings.env`)) as Record<string, string>),
      ...kubernetesSecret,
      AUTH_ISSUERS: secret('AUTH_ISSUERS'),
    },
    read(`${base}/autoscaler.yaml`),
  ],
  ['Cloud Run', variablesOf(read('cloud-run/service.yaml')), read('cloud-run/service.yaml')],
  ['Container Apps', variablesOf(read('container-apps/app.yaml')), read('container-apps/app.yaml')],
];

describe.each(manifests)('the manifest for %s', (_where, variables, scale) => {
  it('has settings that Tandem takes, with which all replicas share the connections', () => {
    const { pool, server } = loadConfig(variables, '/nonexistent');
    expect(pool).toMatchObject({ max: 20, shared: true });
    expect(server).toMatchObject({ host: '0.0.0.0', allowedHosts: ['api.example.org'] });
    // What is left of the time between SIGTERM and SIGKILL.
    const patience = /terminationGracePeriodSeconds: (\d+)/.exec(
      scale + read(`${base}/deployment.yaml`),
    )?.[1];
    const limitMs = scale.includes('knative') ? 10_000 : Number(patience) * 1000;
    expect(server.shutdownDelayMs + server.shutdownTimeoutMs).toBeLessThan(limitMs);
  });

  it('leaves a place for the next process when all replicas run', () => {
    const most = Number(/(?:maxReplicas: |maxScale: ")(\d+)/.exec(scale)?.[1]);
    expect(most).toBe(20 / 2 - 1);
  });
});

it('scales by a metric that Tandem has', () => {
  const metric = /name: (tandem_\w+)/.exec(read(`${base}/autoscaler.yaml`))?.[1];
  expect(readFileSync('docs/observability.md', 'utf8')).toContain(`\`${metric}\``);
});

const kubectl = await run('kubectl', ['kustomize', '--help']).then(
  () => true,
  () => false,
);
if (!kubectl) console.warn('SKIPPED: kustomize renders the manifests, since kubectl is not installed.');

it.runIf(kubectl)('is rendered by kustomize, each selector with the label of the pods', async () => {
  const { stdout } = await run('kubectl', ['kustomize', 'deploy/kubernetes/overlays/production']);
  const documents = stdout.split(/^---$/m);
  const kindOf = (document: string) => /^kind: (\w+)$/m.exec(document)?.[1];
  expect(documents.map(kindOf).toSorted()).toEqual([
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'ServiceAccount',
  ]);
  for (const document of documents.filter((one) => /[sS]elector/.test(one))) {
    expect(document).not.toMatch(/[sS]elector: \{\}/);
    expect(document).toMatch(/[sS]elector:\n(?: +matchLabels:\n)? +app\.kubernetes\.io\/name: tandem/);
  }
  const deployment = documents.find((one) => kindOf(one) === 'Deployment') ?? '';
  for (const line of [
    'readOnlyRootFilesystem: true',
    'runAsNonRoot: true',
    'runAsUser: 10001',
    '- ALL',
    'path: /readyz',
    'path: /livez',
  ]) {
    expect(deployment).toContain(line);
  }
});
