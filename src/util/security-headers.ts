/**
 * Stands on every answer, refusals included. Rows about people's health stay in no cache, neither a proxy's nor a
 * browser's on disk; no page of another origin shows them in a frame or loads them as a script or a picture; and no
 * address, which may hold a query, is passed on to other sites. Files that may be kept, those of the console, say so themselves.
 * https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
 */
export const answerHeaders = {
  'cache-control': 'private, no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;
