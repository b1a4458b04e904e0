import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getDistDirectory, renderAltair } from 'altair-static';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type Asset, openAssets } from './explorer/assets.ts';
import { type Example, logo, script, style } from './explorer/page.ts';

export interface ExplorerOptions {
  /** Path of the GraphQL endpoint on the same origin, as in `/graphql`. */
  readonly endpoint: string;
  /** The tabs the explorer opens with, the first one in front. */
  readonly examples: readonly Example[];
}

/** The page can reach no other host; its editors need inline styles. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves Altair at `/explorer`, wholly from this server; its files sit under a fingerprint and are cached for good. */
export const explorer: FastifyPluginAsync<ExplorerOptions> = async (app, { endpoint, examples }) => {
  const own = new Map([
    ['tandem.js', script(endpoint, examples)],
    ['tandem.css', style],
    ['tandem.svg', logo],
  ]);
  const folder = getDistDirectory();
  const base = `/explorer/${await fingerprint(folder, own)}/`;
  const assets = await openAssets(folder, own);
  const page = render(base);

  app.get('/explorer', (_request, reply) =>
    reply
      .headers({
        'content-security-policy': contentSecurityPolicy,
        'cache-control': 'no-cache',
      })
      .type('text/html; charset=utf-8')
      .send(page),
  );

  app.get<{ Params: { '*': string } }>(`${base}*`, async (request, reply) => {
    const asset = await assets(request.params['*']);
    return asset ? send(asset, request, reply) : reply.callNotFound();
  });
};

function render(base: string): string {
  return renderAltair({ baseURL: base, serveInitialOptionsInSeperateRequest: 'tandem.js' })
    .replace('<title>Altair</title>', '<title>Tandem explorer</title>')
    .replace(/<link rel="icon"[^>]*>/, '<link rel="icon" href="tandem.svg" />')
    .replace('assets/img/logo_350.svg', 'tandem.svg')
    .replace('</head>', '<link href="tandem.css" rel="stylesheet" /></head>');
}

/** Changes with Altair's version, which its manifest says, and with our own files. */
async function fingerprint(folder: string, own: ReadonlyMap<string, string>): Promise<string> {
  const manifest = await readFile(join(folder, '..', '..', 'package.json'));
  const hash = createHash('sha256').update(manifest);
  for (const text of own.values()) hash.update(text);
  return hash.digest('hex').slice(0, 12);
}

function send({ type, plain, gzipped }: Asset, request: FastifyRequest, reply: FastifyReply) {
  const small = gzipped && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  reply.type(type).headers({
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  return small ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(plain);
}
