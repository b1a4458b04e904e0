import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { hidingLocalPair } from '../../src/config/environment.ts';
import { databaseSettings } from '../../src/config/groups/database.ts';
import type { Setting, SettingsGroup } from '../../src/config/setting.ts';
import { groups, variables } from '../../src/config/settings.ts';
import { idOf, writeManifest } from '../../src/persisted-documents/manifest-format.ts';
import { limits, pool } from '../helpers/databases.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tandem-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const azure = {
  AZURE_DB_HOST: 'a.example',
  AZURE_DB_USER: 'u',
  AZURE_DB_PASSWORD: 'p',
  AZURE_DB_NAME: 'tandem',
};
const gcp = { GCP_DB_HOST: 'g.example', GCP_DB_USER: 'u', GCP_DB_PASSWORD: 'p', GCP_DB_NAME: 'tandem' };
const complete = { ...azure, ...gcp };

function faultsOf(environment: NodeJS.ProcessEnv): ConfigError {
  try {
    loadConfig(environment, directory);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('expected a ConfigError');
}

describe('what is complete', () => {
  it('has the defaults of the documentation', () => {
    const config = loadConfig(complete, directory);
    expect(config.server).toEqual({
      host: '127.0.0.1',
      allowedHosts: [],
      port: 4000,
      maxConnections: 1000,
      processes: 1,
      readyWhen: 'any',
      shutdownDelayMs: 0,
      shutdownTimeoutMs: 10_000,
    });
    expect(config.pool).toEqual(pool);
    expect(config.limits).toEqual(limits);
    expect([config.introspection, config.sandbox]).toEqual([true, true]);
    expect(config.databases.AZURE).toEqual({
      host: 'a.example',
      port: 3306,
      name: 'tandem',
      tls: { mode: 'VERIFY_IDENTITY' },
      runtime: { user: 'u', password: 'p' },
      migrator: { user: 'u', password: 'p' },
    });
  });

  it.each(['p%40ss', 'p@ss:word/?#', `it's "quoted"`, '$HOME `id` \\n', 'пароль'])(
    'takes the password %s as it is, from the environment and from .env',
    (password) => {
      expect(
        loadConfig({ ...complete, GCP_DB_PASSWORD: password }, directory).databases.GCP.runtime.password,
      ).toBe(password);
      const quote = [`'`, '`', '"'].find((mark) => !password.includes(mark)) as string;
      const lines = Object.entries(complete).map(([key, value]) => `${key}=${value}`);
      writeFileSync(
        join(directory, '.env'),
        [...lines, `GCP_DB_PASSWORD=${quote}${password}${quote}`].join('\n'),
      );
      expect(loadConfig({}, directory).databases.GCP.runtime.password).toBe(password);
    },
  );

  it('prefers the environment to .env, variable by variable', () => {
    writeFileSync(
      join(directory, '.env'),
      Object.entries(complete)
        .map((pair) => pair.join('='))
        .join('\n'),
    );
    const config = loadConfig({ GCP_DB_HOST: 'other.example', PORT: '4100' }, directory);
    expect(config.databases.GCP.host).toBe('other.example');
    expect(config.databases.AZURE.host).toBe('a.example');
    expect(config.server.port).toBe(4100);
  });

  it('uses the recorded local pair only where nothing else names a database, and never in production', () => {
    mkdirSync(join(directory, '.tandem'));
    const lines = Object.entries(complete).map((pair) => pair.join('='));
    writeFileSync(join(directory, '.tandem/local.env'), lines.join('\n'));
    expect(loadConfig({}, directory).databases.AZURE.host).toBe('a.example');
    expect(faultsOf({ AZURE_DB_HOST: 'prod.example' }).faults.map(({ variable }) => variable)).toContain(
      'AZURE_DB_PASSWORD',
    );
    expect(faultsOf({ NODE_ENV: 'production' }).faults.length).toBeGreaterThan(5);
  });

  it('says which setting hides the local pair', () => {
    mkdirSync(join(directory, '.tandem'));
    const local = join(directory, '.tandem/local.env');
    writeFileSync(
      local,
      Object.entries(complete)
        .map((pair) => pair.join('='))
        .join('\n'),
    );
    writeFileSync(join(directory, '.env'), 'AZURE_DB_PORT=3306\nGCP_DB_HOST=\n');
    expect(faultsOf({}).message).toContain(`${local} (not used, since AZURE_DB_PORT is set)`);
    writeFileSync(join(directory, '.env'), 'NODE_ENV=production\n');
    expect(faultsOf({}).message).toContain(`${local} (not used, since NODE_ENV is set)`);
    writeFileSync(join(directory, '.env'), 'NODE_ENV=development\nAZURE_DB_PORT=\n');
    expect(loadConfig({}, directory).databases.GCP.host).toBe('g.example');
    expect(hidingLocalPair({ AZURE_DB_NAME: 'tandem', GCP_DB_NAME: '', NODE_ENV: 'test' })).toEqual([
      'AZURE_DB_NAME',
    ]);
  });

  it('takes the databases that it is given, whatever the environment and .env name', () => {
    writeFileSync(
      join(directory, '.env'),
      'AZURE_DB_HOST=prod.example\nAZURE_DB_PASSWORD_COMMAND=az token\nPORT=4100',
    );
    const environment = { GCP_DB_HOST: 'prod.example', GCP_DB_MIGRATOR_USER: 'm', POOL_MAX: '7' };
    const { databases, pool: limited, server } = loadConfig(environment, directory, complete);
    expect(databases).toEqual(loadConfig(complete, '/nonexistent').databases);
    expect([limited.max, server.port]).toEqual([7, 4100]);
  });

  it('reads the manifest of persisted documents', () => {
    const path = join(directory, 'manifest.json');
    const body = 'query Q { __typename }';
    writeFileSync(path, writeManifest([{ id: idOf(body), name: 'Q', type: 'query', body }]));
    expect(loadConfig({ ...complete, PERSISTED_DOCUMENTS: path }, directory).persistedDocuments).toEqual({
      documents: new Map([[idOf(body), body]]),
      only: false,
    });
    expect(loadConfig(complete, directory).persistedDocuments).toBeUndefined();
  });

  it('lets everybody in unless it has identity providers or API keys', () => {
    const of = (settings: NodeJS.ProcessEnv) => loadConfig({ ...complete, ...settings }, directory).auth;
    const localKeyFile = join(directory, '.tandem/token-key.json');
    expect(of({})).toEqual({ mode: 'open', issuers: [], leewayMs: 30_000, localKeyFile });
    expect(of({ AUTH: 'none', AUTH_LEEWAY_MS: '0' })).toEqual({
      mode: 'open',
      issuers: [],
      leewayMs: 0,
      localKeyFile,
    });
    expect(of({ API_KEYS_COMMAND: "vault read 'a b'" })).toMatchObject({
      mode: 'required',
      apiKeys: { argv: ['vault', 'read', 'a b'] },
    });
    const file = join(directory, 'issuers.json');
    const issuers = [
      {
        issuer: 'https://accounts.google.com',
        audience: 'client',
        rolesClaim: 'email',
        roles: { 'a@b.c': ['r'] },
      },
      {
        issuer: 'https://cloud.google.com/iap',
        audience: ['one', 'two'],
        jwksUri: 'https://www.gstatic.com/iap/verify/public_key-jwk',
        algorithms: ['ES256'],
        header: 'X-Goog-IAP-JWT-Assertion',
      },
    ];
    writeFileSync(file, JSON.stringify(issuers));
    const read = of({ AUTH_ISSUERS: file });
    expect(of({ AUTH_ISSUERS: JSON.stringify(issuers) })).toEqual(read);
    expect(read).toEqual({
      mode: 'required',
      leewayMs: 30_000,
      issuers: [
        {
          issuer: 'https://accounts.google.com',
          audience: ['client'],
          algorithms: ['RS256', 'ES256'],
          rolesClaim: 'email',
          roles: { 'a@b.c': ['r'] },
        },
        {
          issuer: 'https://cloud.google.com/iap',
          audience: ['one', 'two'],
          jwksUri: 'https://www.gstatic.com/iap/verify/public_key-jwk',
          algorithms: ['ES256'],
          header: 'x-goog-iap-jwt-assertion',
          rolesClaim: 'roles',
        },
      ],
    });
  });

  it('observes as the documentation says, and traces nothing unless asked to', () => {
    expect(loadConfig(complete, directory).observability).toEqual({ metrics: 'on', slowStatementMs: 500 });
    const of = (settings: NodeJS.ProcessEnv) =>
      loadConfig({ ...complete, ...settings }, directory).observability;
    expect(of({ METRICS: 'off' }).metrics).toBe('off');
    expect(of({ METRICS: '9464', SLOW_STATEMENT_MS: '0' })).toEqual({
      metrics: { port: 9464 },
      slowStatementMs: 0,
    });
    expect(of({ OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'x' }).tracing).toBeUndefined();
    expect(of({ OTEL_TRACES_EXPORTER: 'otlp' }).tracing).toEqual({
      exporter: 'otlp',
      serviceName: 'tandem',
      headers: {},
      sampler: { parentBased: true, ratio: 1 },
    });
    const given = {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20t,x-scope = a=b ,',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(of(given).tracing).toMatchObject({
      endpoint: 'https://collector.example:4318',
      headers: { authorization: 'Bearer t', 'x-scope': 'a=b' },
      sampler: { parentBased: false, ratio: 0.25 },
    });
  });

  it('takes a command for a password, and the migrator’s own', () => {
    const { AZURE_DB_PASSWORD: _, ...without } = complete;
    const commanded = { ...without, AZURE_DB_PASSWORD_COMMAND: "program 'two words'" };
    const password = { argv: ['program', 'two words'], cacheMs: 300_000 };
    const { AZURE, GCP } = loadConfig(commanded, directory).databases;
    expect([AZURE.runtime, AZURE.migrator]).toEqual([
      { user: 'u', password },
      { user: 'u', password },
    ]);
    expect(GCP.runtime).toEqual({ user: 'u', password: 'p' });
    const both = loadConfig(
      {
        ...commanded,
        AZURE_DB_MIGRATOR_USER: 'm',
        AZURE_DB_MIGRATOR_PASSWORD_COMMAND: 'other',
        PASSWORD_CACHE_MS: '0',
      },
      directory,
    ).databases.AZURE;
    expect(both.runtime).toEqual({ user: 'u', password: { argv: password.argv, cacheMs: 0 } });
    expect(both.migrator).toEqual({ user: 'm', password: { argv: ['other'], cacheMs: 0 } });
  });

  it('takes hosts of replicas, with the port of the primary unless they name another', () => {
    const replicasOf = (hosts: string) =>
      loadConfig({ ...complete, GCP_DB_PORT: '3310', GCP_DB_REPLICA_HOSTS: hosts }, directory).databases.GCP
        .replicas;
    expect(replicasOf('10.0.0.5, r.example:3307,[fd00::1]:3308 , [fd00::2]')).toEqual({
      hosts: [
        { host: '10.0.0.5', port: 3310 },
        { host: 'r.example', port: 3307 },
        { host: 'fd00::1', port: 3308 },
        { host: 'fd00::2', port: 3310 },
      ],
      maxLagMs: 1000,
    });
    expect(loadConfig(complete, directory).databases.AZURE.replicas).toBeUndefined();
    for (const wrong of ['a b', 'a:0', 'a:65536', 'fd00::1', 'mysql://a', 'a:3306:1', ',', 'a,b c']) {
      expect(() => replicasOf(wrong), wrong).toThrow('GCP_DB_REPLICA_HOSTS');
    }
  });

  it('takes the URL of a store of request counts, and prints none that is wrong', () => {
    const storeOf = (url: string) =>
      loadConfig({ ...complete, LIMIT_STORE_URL: url }, directory).limits.storeUrl;
    for (const url of ['redis://:canary@a:6379/1', 'rediss://u:p@a', 'valkey://a', 'valkeys://[::1]:1']) {
      expect(storeOf(url)).toBe(url);
    }
    for (const wrong of ['a:6379', 'http://:canary@a', 'redis://', 'redis:canary']) {
      const { message } = faultsOf({ ...complete, LIMIT_STORE_URL: wrong });
      expect(message).toContain('LIMIT_STORE_URL');
      expect(message).not.toContain('canary');
    }
  });

  it('gives migrations an account of their own', () => {
    const { databases } = loadConfig(
      { ...complete, AZURE_DB_MIGRATOR_USER: 'm', AZURE_DB_MIGRATOR_PASSWORD: 'mp' },
      directory,
    );
    expect(databases.AZURE.migrator).toEqual({ user: 'm', password: 'mp' });
    expect(databases.AZURE.runtime).toEqual({ user: 'u', password: 'p' });
    expect(databases.AZURE.auditor).toBeUndefined();
  });

  it('gives the audit trail an account of its own', () => {
    const auditor = { GCP_DB_AUDITOR_USER: 'a', GCP_DB_AUDITOR_PASSWORD: 'ap' };
    const { databases } = loadConfig({ ...complete, ...auditor }, directory);
    expect(databases.GCP.auditor).toEqual({ user: 'a', password: 'ap' });
    expect(databases.GCP.migrator).toEqual(databases.GCP.runtime);
    for (const fault of [
      { GCP_DB_AUDITOR_PASSWORD: '' },
      { GCP_DB_AUDITOR_USER: '' },
      { GCP_DB_AUDITOR_PASSWORD_COMMAND: 'cat a' },
    ]) {
      expect(faultsOf({ ...complete, ...auditor, ...fault }).faults).toMatchObject([
        { variable: expect.stringContaining('GCP_DB_AUDITOR_PASSWORD') },
      ]);
    }
  });
});

describe('what is wrong', () => {
  it('is listed all at once, each with its variable and the file it was read from', () => {
    writeFileSync(join(directory, '.env'), 'GCP_DB_PORT=33o6\nGCP_DB_SSL_MODE=DISABLED\nPOOL_MAX=21\n');
    const { message, faults } = faultsOf({
      ...azure,
      GCP_DB_HOST: 'g.example',
      PORT: '70000',
      AZURE_DB_SSL_CA: 'no-such.pem',
    });
    const envFile = join(directory, '.env');
    expect(faults).toEqual([
      {
        variable: 'PORT',
        cause: 'is not a port (0 to 65535)',
        remedy: 'set it to a port (0 to 65535), or leave it empty for 4000',
        readFrom: 'the environment',
      },
      {
        variable: 'POOL_MAX',
        cause: 'is not a whole number from 2 to 20',
        remedy: 'set it to a whole number from 2 to 20, or leave it empty for 20',
        readFrom: envFile,
      },
      {
        variable: 'AZURE_DB_SSL_CA',
        cause: expect.stringMatching(/^is a file that cannot be read \(ENOENT\): .*no-such\.pem$/),
        remedy: 'set it to a file with PEM certificates, or leave it empty',
        readFrom: 'the environment',
      },
      {
        variable: 'GCP_DB_PORT',
        cause: 'is not a port (1 to 65535)',
        remedy: 'set it to a port (1 to 65535), or leave it empty for 3306',
        readFrom: envFile,
      },
      {
        variable: 'GCP_DB_USER',
        cause: 'is missing',
        remedy: 'set it to the name of an account',
        readFrom: null,
      },
      {
        variable: 'GCP_DB_PASSWORD',
        cause: 'is missing',
        remedy: 'set it, or the PASSWORD_COMMAND beside it',
        readFrom: null,
      },
      {
        variable: 'GCP_DB_NAME',
        cause: 'is missing',
        remedy: 'set it to the name of a database',
        readFrom: null,
      },
      {
        variable: 'GCP_DB_SSL_MODE',
        cause: 'is neither VERIFY_IDENTITY nor VERIFY_CA; TLS is always on',
        remedy: 'set it to VERIFY_IDENTITY or VERIFY_CA, or leave it empty for VERIFY_IDENTITY',
        readFrom: envFile,
      },
    ]);
    expect(message).toContain('8 settings are wrong:');
    expect(message).toContain(
      `GCP_DB_PORT      is not a port (1 to 65535) (from ${envFile}): set it to a port`,
    );
    expect(message).toContain('Next: copy .env.example to .env');
  });

  it('is told of observability too, without the headers that may hold a secret', () => {
    const { faults, message } = faultsOf({
      ...complete,
      METRICS: 'yes',
      SLOW_STATEMENT_MS: '-1',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'canary',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '2',
    });
    expect(faults.map(({ variable, cause }) => [variable, cause])).toEqual([
      ['METRICS', 'is neither on, off nor a port (0 to 65535)'],
      ['SLOW_STATEMENT_MS', 'is not a whole number from 0 to 600000'],
      ['OTEL_TRACES_EXPORTER', 'is neither none, otlp nor console'],
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'is not an http:// or https:// address'],
      ['OTEL_EXPORTER_OTLP_HEADERS', 'is not a list of headers as in name=value,name=value'],
      ['OTEL_TRACES_SAMPLER', 'is none of the samplers that OpenTelemetry names'],
      ['OTEL_TRACES_SAMPLER_ARG', 'is not a number from 0 to 1'],
    ]);
    expect(message).not.toContain('canary');
  });

  it.each([
    ['not-there.json', /^is a file that cannot be read \(ENOENT\)/],
    ['[', /^is not JSON$/],
    ['[]', /^is empty$/],
    ['[1]', /^0 is not a list of issuers/],
    [
      '[{"issuer":"http://idp.example","audience":"a"}]',
      /^0\.issuer is neither https:\/\/ nor on this machine/,
    ],
    ['[{"issuer":"x","audience":"a","jwksUri":"http://idp.example/k"}]', /^0\.jwksUri is neither https/],
    [
      '[{"issuer":"x","audience":"a","jwksUri":"https://u:canary@idp.example/k"}]',
      /^0\.jwksUri is neither https/,
    ],
    ['[{"issuer":"https://idp.example"}]', /^0\.audience /],
    ['[{"issuer":"https://idp.example","audience":[]}]', /^0\.audience /],
    [
      '[{"issuer":"https://idp.example","audience":"a","algorithms":["HS256"]}]',
      /^0\.algorithms\.0 is none of RS256/,
    ],
    [
      '[{"issuer":"https://idp.example","audience":"a","algorithms":["none"]}]',
      /^0\.algorithms\.0 is none of RS256/,
    ],
    ['[{"issuer":"https://idp.example","audience":"a","secret":"canary"}]', /^0 has a property that is none/],
    [
      '[{"issuer":"https://idp.example","audience":"a","header":"Authorization"}]',
      /^0\.header is Authorization/,
    ],
    [
      '[{"issuer":"https://idp.example","audience":"a"},{"issuer":"https://idp.example","audience":"b"}]',
      /^names an issuer twice/,
    ],
  ])('is AUTH_ISSUERS as %s', (value, problem) => {
    const { faults, message } = faultsOf({ ...complete, AUTH_ISSUERS: value });
    expect(faults).toEqual([
      {
        variable: 'AUTH_ISSUERS',
        cause: expect.stringMatching(problem),
        remedy: 'set it to a list of issuers in JSON, or the file that has it, or leave it empty',
        readFrom: 'the environment',
      },
    ]);
    expect(message).not.toContain('canary');
  });

  it.each([
    { HOST: '0.0.0.0', ALLOWED_HOSTS: 'api.example.org' },
    { HOST: '::', ALLOWED_HOSTS: 'localhost' },
    { HOST: '10.1.2.3', ALLOWED_HOSTS: '10.1.2.3', NODE_ENV: 'production' },
    // A proxy on this machine passes on what others ask.
    { ALLOWED_HOSTS: 'api.example.org' },
    { HOST: '127.0.0.1', ALLOWED_HOSTS: 'localhost,api.example.org' },
  ])('is a server beyond loopback that lets everybody in, with %j', (settings) => {
    expect(faultsOf({ ...complete, ...settings }).faults).toEqual([
      {
        variable: 'AUTH',
        cause: 'is missing: other machines reach the server, and no caller has to prove its identity',
        remedy: 'set AUTH_ISSUERS or API_KEYS, or AUTH=none to let every caller do everything',
        readFrom: null,
      },
    ]);
    const issuer = '[{"issuer":"https://idp.example","audience":"a"}]';
    for (const [given, mode] of [
      [{ AUTH: 'none' }, 'open'],
      [{ AUTH_ISSUERS: issuer }, 'required'],
      [{ API_KEYS: 'package.json' }, 'required'],
    ] as const) {
      expect(loadConfig({ ...complete, ...settings, ...given }, directory).auth.mode).toBe(mode);
    }
    expect(faultsOf({ ...complete, ...settings, AUTH_ISSUERS: '[' }).faults).toMatchObject([
      { variable: 'AUTH_ISSUERS' },
    ]);
  });

  it('is AUTH beside what it contradicts, or API keys from two places', () => {
    expect(faultsOf({ ...complete, AUTH: 'off' }).faults).toMatchObject([{ variable: 'AUTH' }]);
    expect(faultsOf({ ...complete, AUTH: 'none', API_KEYS_COMMAND: 'cat x' }).faults).toMatchObject([
      { variable: 'AUTH', cause: expect.stringContaining('is none, but AUTH_ISSUERS,') },
    ]);
    expect(
      faultsOf({ ...complete, API_KEYS: 'package.json', API_KEYS_COMMAND: 'cat x' }).faults,
    ).toMatchObject([{ variable: 'API_KEYS_COMMAND' }]);
    expect(faultsOf({ ...complete, API_KEYS: 'none.json', AUTH_LEEWAY_MS: '1h' }).faults).toMatchObject([
      { variable: 'AUTH_LEEWAY_MS' },
      { variable: 'API_KEYS', cause: expect.stringContaining('ENOENT') },
    ]);
  });

  it('is an audit trail in a database of the rows', () => {
    const name = (complete as Record<string, string>).GCP_DB_NAME ?? '';
    expect(faultsOf({ ...complete, AUDIT_DATABASE: name.toUpperCase() }).faults).toMatchObject([
      { variable: 'AUDIT_DATABASE', cause: 'is a database of the rows' },
    ]);
    expect(loadConfig(complete, directory).audit).toBeUndefined();
    expect(loadConfig({ ...complete, AUDIT_DATABASE: 'trail' }, directory).audit?.database).toBe('trail');
  });

  it('names the files that it looked for', () => {
    expect(faultsOf({}).message).toContain(`${join(directory, '.env')} (not there)`);
  });

  it('takes an empty line for "not set"', () => {
    writeFileSync(join(directory, '.env'), 'AZURE_DB_PASSWORD=\n');
    expect(faultsOf({ ...gcp }).faults).toContainEqual({
      variable: 'AZURE_DB_PASSWORD',
      cause: 'is missing',
      remedy: 'set it, or the PASSWORD_COMMAND beside it',
      readFrom: null,
    });
  });

  it('is a migrator without a password, beside the other faults', () => {
    const { faults } = faultsOf({ ...azure, AZURE_DB_MIGRATOR_USER: 'm' });
    expect(faults.map(({ variable }) => variable)).toEqual([
      'AZURE_DB_MIGRATOR_PASSWORD',
      'GCP_DB_HOST',
      'GCP_DB_USER',
      'GCP_DB_PASSWORD',
      'GCP_DB_NAME',
    ]);
  });

  it('is a file that is no certificate', () => {
    const file = join(directory, 'ca.pem');
    writeFileSync(file, 'not a certificate');
    expect(faultsOf({ ...complete, GCP_DB_SSL_CA: file }).faults).toEqual([
      {
        variable: 'GCP_DB_SSL_CA',
        cause: `is not a PEM certificate: ${file}`,
        remedy: 'set it to a file with PEM certificates, or leave it empty',
        readFrom: 'the environment',
      },
    ]);
  });

  it('is a manifest that is not there, is none, or has an id that is not its body’s', () => {
    const path = join(directory, 'manifest.json');
    const problemOf = (text: string) => {
      writeFileSync(path, text);
      return faultsOf({ ...complete, PERSISTED_DOCUMENTS: path, PERSISTED_DOCUMENTS_ONLY: 'true' }).faults;
    };
    const fault = (problem: string) => [
      {
        variable: 'PERSISTED_DOCUMENTS',
        cause: `${problem}: ${path}`,
        remedy: 'set it to a manifest that `tandem persist` wrote, or leave it empty',
        readFrom: 'the environment',
      },
    ];
    expect(faultsOf({ ...complete, PERSISTED_DOCUMENTS: path }).faults).toEqual(
      fault('is a file that cannot be read (ENOENT)'),
    );
    for (const text of [
      '',
      '{}',
      '[]',
      '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
    ]) {
      expect(problemOf(text)).toEqual(fault('is no persisted query manifest of version 1'));
    }
    const body = 'query Q { __typename }';
    const wrong = writeManifest([{ id: idOf(`${body} `), name: 'Q', type: 'query', body }]);
    expect(problemOf(wrong)).toEqual(fault('has an id that is not the SHA-256 of its body, for Q'));
  });

  it('is PERSISTED_DOCUMENTS_ONLY without a manifest, beside the other faults', () => {
    expect(faultsOf({ ...complete, PERSISTED_DOCUMENTS_ONLY: 'true', PORT: 'x' }).faults).toMatchObject([
      { variable: 'PORT' },
      { variable: 'PERSISTED_DOCUMENTS_ONLY', cause: 'needs PERSISTED_DOCUMENTS beside it' },
    ]);
    expect(faultsOf({ ...complete, PERSISTED_DOCUMENTS_ONLY: 'maybe' }).faults).toMatchObject([
      { variable: 'PERSISTED_DOCUMENTS_ONLY', cause: 'is neither true nor false' },
    ]);
  });

  it('is a password beside a command for it, or neither, or a command that needs a shell', () => {
    const { AZURE_DB_PASSWORD: _, ...without } = complete;
    expect(faultsOf({ ...complete, AZURE_DB_PASSWORD_COMMAND: 'cat a', PORT: 'x' }).faults).toMatchObject([
      { variable: 'PORT' },
      {
        variable: 'AZURE_DB_PASSWORD_COMMAND',
        cause: 'and the PASSWORD beside it are both set',
        remedy: 'leave one of them empty',
        readFrom: 'the environment',
      },
    ]);
    expect(faultsOf(without).faults).toMatchObject([{ variable: 'AZURE_DB_PASSWORD', cause: 'is missing' }]);
    expect(faultsOf({ ...without, AZURE_DB_PASSWORD_COMMAND: 'cat a | head' }).faults).toMatchObject([
      { variable: 'AZURE_DB_PASSWORD_COMMAND', cause: expect.stringContaining('has a | that no shell') },
    ]);
    const migrator = { GCP_DB_MIGRATOR_USER: 'm', GCP_DB_MIGRATOR_PASSWORD_COMMAND: 'cat m' };
    expect(faultsOf({ ...complete, ...migrator, GCP_DB_MIGRATOR_PASSWORD: 'p' }).faults).toMatchObject([
      { variable: 'GCP_DB_MIGRATOR_PASSWORD_COMMAND' },
    ]);
    expect(faultsOf({ ...complete, ...migrator, GCP_DB_MIGRATOR_USER: '' }).faults).toMatchObject([
      { variable: 'GCP_DB_MIGRATOR_PASSWORD' },
    ]);
  });

  it('is metrics on the port of the API', () => {
    expect(faultsOf({ ...complete, PORT: '4100', METRICS: '4100' }).faults).toEqual([
      {
        variable: 'METRICS',
        cause: 'is the PORT of the API',
        remedy: 'set it to another port, or to on for /metrics beside the API',
        readFrom: 'the environment',
      },
    ]);
    expect(loadConfig({ ...complete, PORT: '0', METRICS: '0' }, directory).server.port).toBe(0);
  });

  it('has a cause and a remedy for each setting, and never prints a secret', () => {
    const secrets = [databaseSettings, ...Object.values<SettingsGroup>(groups)].flatMap(({ settings }) =>
      Object.values<Setting>(settings).filter(({ secret }) => secret),
    );
    expect(secrets).toHaveLength(9);
    // No path and no word is told from a secret by its look, so only the settings that name a file may print theirs.
    const all = variables.map((name) => [name, `canary " | of ${name}`]);
    const { message, faults } = faultsOf(Object.fromEntries(all));
    expect(faults.length).toBeGreaterThan(40);
    for (const { cause, remedy } of faults) expect([cause, remedy]).not.toContain('');
    for (const line of message.split('\n').filter((text) => text.includes('canary')))
      expect(line).toMatch(/^ {2}(\w+_SSL_CA|PERSISTED_DOCUMENTS|AUTH_ISSUERS|API_KEYS) /);
  });
});

describe('a misspelt setting', () => {
  const nearestOf = (names: readonly string[]) => {
    const given = Object.fromEntries(names.map((name) => [name, 'canary']));
    const { faults, message } = faultsOf({ ...complete, ...given });
    expect(message).not.toContain('canary');
    return Object.fromEntries(
      faults.map(({ variable, remedy }) => [
        variable,
        /^rename it to ([\w ]+), or remove it$/.exec(remedy)?.[1],
      ]),
    );
  };

  it('is refused with the setting that was probably meant', () => {
    const expected = {
      AZURE_DB_HSOT: 'AZURE_DB_HOST',
      AZURE_DB_PASSWRD: 'AZURE_DB_PASSWORD',
      AZUR_DB_USER: 'AZURE_DB_USER',
      GCP_DB_PASSWORD_COMAND: 'GCP_DB_PASSWORD_COMMAND',
      GPC_DB_NAME: 'GCP_DB_NAME',
      gcp_db_port: 'GCP_DB_PORT',
      POOL_SIZE: 'POOL_MIN or POOL_MAX or POOL_SHARED',
      POOL_MAXX: 'POOL_MAX',
      POOL_MAXIMUM: 'POOL_MAX or POOL_MIN or POOL_SHARED',
      POLL_QUEUE_MAX: 'POOL_QUEUE_MAX',
      LIMIT_DEPHT: 'LIMIT_DEPTH',
      STATEMENT_TIMEOUT: 'STATEMENT_TIMEOUT_MS',
      STATEMENT_TIMOUT_MS: 'STATEMENT_TIMEOUT_MS',
      CONNECTION_TIMEOUT_MS: 'CONNECT_TIMEOUT_MS',
      ALLOWED_HOST: 'ALLOWED_HOSTS',
      METRIC: 'METRICS',
      LOGLEVEL: 'LOG_LEVEL',
      PROT: 'PORT',
      PERSISTED_DOCUMENT: 'PERSISTED_DOCUMENTS',
      OTEL_TRACE_EXPORTER: 'OTEL_TRACES_EXPORTER',
      DRIFT_IGNORED_TABLES: 'DRIFT_IGNORE_TABLES',
      DRIFT_X: 'DRIFT_IGNORE_TABLES',
    };
    expect(nearestOf(Object.keys(expected))).toEqual(expected);
  });

  it('is refused in .env too, beside the other faults', () => {
    const envFile = join(directory, '.env');
    writeFileSync(envFile, 'AZURE_DB_HSOT=a\nCOMPOSE_PROJECT_NAME=tandem\n');
    expect(faultsOf({ ...complete, PORT: 'x' }).faults).toMatchObject([
      { variable: 'PORT' },
      { variable: 'AZURE_DB_HSOT', cause: 'is not a setting of Tandem', readFrom: envFile },
    ]);
  });

  it('of the databases does not matter where the databases are given', () => {
    const environment = { AZURE_DB_HSOT: 'prod.example' };
    expect(loadConfig(environment, directory, complete).databases.AZURE.host).toBe('a.example');
    expect(() => loadConfig({ POOL_SIZE: '3' }, directory, complete)).toThrow('POOL_SIZE');
  });

  it('that turns sharing off does not go with several processes, which share', () => {
    const load = (environment: NodeJS.ProcessEnv) => loadConfig(environment, directory, complete).pool.shared;
    expect(load({})).toBeUndefined();
    expect(load({ WEB_CONCURRENCY: '3' })).toBe(true);
    expect(load({ POOL_SHARED: 'on' })).toBe(true);
    expect(() => load({ WEB_CONCURRENCY: '3', POOL_SHARED: 'off' })).toThrow(
      /POOL_SHARED +is off, but there are 3 processes/,
    );
  });

  it('is no variable of another program', () => {
    const others = readFileSync('tests/fixtures/foreign-variables.txt', 'utf8').split('\n').filter(Boolean);
    expect(others.length).toBeGreaterThan(150);
    const links = { AZURE_DB_PORT_3306_TCP: 'tcp://10.0.0.1:3306', POOL_PORT: 'tcp://10.0.0.1:80' };
    const given = Object.fromEntries(others.map((name) => [name, 'x']));
    expect(loadConfig({ ...complete, ...given, ...links, AZURE_DB_HSOT: '' }, directory)).toEqual(
      loadConfig(complete, directory),
    );
  });
});

it('.env.example names every variable, and no other', () => {
  expect(Object.keys(parseEnv(readFileSync('.env.example', 'utf8'))).toSorted()).toEqual(
    variables.toSorted(),
  );
});

it('.env.example fails as it stands, naming what must be filled in', () => {
  const { faults } = faultsOf(parseEnv(readFileSync('.env.example', 'utf8')));
  expect(faults.every(({ cause }) => cause === 'is missing')).toBe(true);
  expect(faults).toHaveLength(6);
});

it.each(['azure-entra', 'gcp-iam'])(
  'deploy/tokens/%s.env is settings with commands for passwords',
  (name) => {
    const settings = parseEnv(readFileSync(`deploy/tokens/${name}.env`, 'utf8'));
    const { databases } = loadConfig({ ...complete, ...settings }, directory);
    const { runtime, migrator } = databases[name === 'gcp-iam' ? 'GCP' : 'AZURE'];
    for (const { password } of [runtime, migrator])
      expect(password).toMatchObject({ argv: expect.any(Array) });
  },
);
