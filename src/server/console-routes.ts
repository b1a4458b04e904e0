import type { FastifyInstance } from 'fastify';
import type { AuthConfig, IssuerConfig } from '../config/groups/access.ts';
import { negotiate } from './accept-encoding.ts';
import { type ConsoleFiles, loadConsoleFiles } from './console-files.ts';

const folder = '/console/';

/**
 * The page reaches this server alone, and the issuer by which people sign in; it loads scripts, styles and pictures from
 * nowhere else.
 */
const policyOf = (issuer: IssuerConfig | undefined) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${issuer === undefined ? '' : ` ${new URL(issuer.issuer).origin}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * Serves the console at `/`: one page without any data, open to all, which asks `/graphql` as every client does. Its files
 * have the hash of their content in their names, and caches keep them for good.
 */
export function addConsole(http: FastifyInstance, auth: AuthConfig): void {
  const issuer = auth.issuers.find((one) => one.console !== undefined);
  const contentSecurityPolicy = policyOf(issuer);
  http.get('/', async (_request, reply) => {
    const files = await loadConsoleFiles();
    return reply
      .headers({
        'content-security-policy': contentSecurityPolicy,
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-cache',
      })
      .type('text/html; charset=utf-8')
      .send(pageOf(files, auth, issuer));
  });

  http.get<{ Params: { name: string } }>(`${folder}:name`, async ({ params, headers }, reply) => {
    const { byName } = await loadConsoleFiles();
    const file = byName.get(params.name);
    if (file === undefined) return reply.callNotFound();
    const encoding = negotiate(headers['accept-encoding']);
    if (encoding !== null) reply.header('content-encoding', encoding);
    return reply
      .headers({ 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding' })
      .type(file.type)
      .send(file.content[encoding ?? 'identity']);
  });
}

function pageOf(
  { script, style, icon }: ConsoleFiles,
  { mode }: AuthConfig,
  issuer: IssuerConfig | undefined,
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Both clouds of one MySQL schema, side by side.">
<meta name="tandem-sign-in" content="${mode}">${issuer === undefined ? '' : metaOf(issuer)}
<title>Tandem</title>
<link rel="icon" href="${folder}${icon}">
<link rel="stylesheet" href="${folder}${style}">
<script type="module" src="${folder}${script}"></script>
</head>
<body>
<div id="console"></div>
<noscript>The console needs JavaScript. The API is at /graphql.</noscript>
</body>
</html>
`;
}

/** The page's data about the issuer. Settings may hold any character. */
function metaOf({ issuer, console }: IssuerConfig): string {
  const values = { issuer, client: console?.clientId ?? '', scope: console?.scope ?? '' };
  return Object.entries(values)
    .map(([name, value]) => `\n<meta name="tandem-${name}" content="${attribute(value)}">`)
    .join('');
}

const attribute = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
