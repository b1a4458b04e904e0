import type { SourceName } from '../source-name.ts';
import { type Explanation, explain } from './explanation.ts';

interface Entry extends Explanation {
  /**
   * What comes of sending the same again: `later`, after a pause, it may succeed, and this time nothing was changed;
   * `never`, it fails again, until what the remedy says is done; `look` first, since the change may have been made.
   */
  readonly retry: 'later' | 'never' | 'look';
  /** HTTP's status where the whole request fails of it; where it is one field that fails, the answer is a 200. */
  readonly status?: number;
}

/**
 * Every error that Tandem knows: what went wrong and what to do next. API, CLI and docs/errors.md read it
 * here. `{source}` stands for the cloud concerned.
 */
export const catalogue = {
  SOURCE_UNAVAILABLE: {
    retry: 'later',
    cause: 'The database of {source} does not answer or refuses the login.',
    remedy:
      'Ask the other source, or try again. Operators: the log names the reason; check {source}_DB_HOST, _PORT, _USER, _PASSWORD and _SSL_CA, and that the firewall lets this machine in.',
  },
  SOURCE_ACCESS_DENIED: {
    retry: 'never',
    cause: 'The account that Tandem uses on {source} lacks a privilege that this needs.',
    remedy:
      'Operators: grant the account what the message names; step 6 of docs/azure.md and docs/gcp.md lists what it needs.',
  },
  POOL_TIMEOUT: {
    retry: 'later',
    cause: 'No connection to {source} became free in time.',
    remedy:
      'Try again in a moment. Operators: statements hold all connections; the log names the slow ones, and POOL_ACQUIRE_TIMEOUT_MS says how long a caller waits.',
  },
  OVERLOADED: {
    retry: 'later',
    status: 503,
    cause: 'Too many callers wait for a connection to {source} already.',
    remedy:
      'Try again after the time in the Retry-After header, or ask less often. Operators: POOL_QUEUE_MAX says how many may wait.',
  },
  OUTCOME_UNKNOWN: {
    retry: 'look',
    cause: 'What {source} answered to the change was lost: it may have been made, or not.',
    remedy:
      'Read the rows before trying again, by the keys in `keys`, or by what the input holds where no keys are there; repeating blindly could make the change twice.',
  },
  PAYLOAD_UNAVAILABLE: {
    retry: 'never',
    cause: 'The change was made on {source}, but its payload could not be answered.',
    remedy: 'Do not repeat the change: read the rows, by the keys in `keys`.',
  },
  AUDIT_UNAVAILABLE: {
    retry: 'later',
    status: 503,
    cause: 'The audit trail could not record this, so it was not done.',
    remedy:
      'Try again later. Operators: the log names the reason; run `tandem audit install`, and see docs/audit.md.',
  },
  SCHEMA_OUTDATED: {
    retry: 'never',
    cause: 'The tables on {source} are not those that this version of Tandem reads.',
    remedy: 'Run `tandem migrate up --source {source:lower}`.',
  },
  NOT_FOUND: {
    retry: 'never',
    cause: 'The row that the input refers to does not exist on {source}.',
    remedy: 'Check the key: each source has rows of its own.',
  },
  DUPLICATE: {
    retry: 'never',
    cause: 'A row with this unique value exists already on {source}.',
    remedy: 'Use another value, or change the row that has it.',
  },
  WRITE_REFUSED: {
    retry: 'never',
    cause: 'The change contradicts rows of {source}, or a rule of its tables.',
    remedy:
      'Use other values: a unique value may be taken, other rows may refer to this one, or the values may not go together. A role that does not see all rows learns no more of it.',
  },
  CONFLICT: {
    retry: 'never',
    cause: 'The row on {source} has been changed since it was read.',
    remedy: 'Read the row again, and decide on what it holds now.',
  },
  ALREADY_RUNNING: {
    retry: 'later',
    cause: 'A comparison or a repair of these two databases is running already.',
    remedy: 'Wait for its end, or cancel it: `{ parity { id state } }` shows it.',
  },
  REFERENCED: {
    retry: 'never',
    cause: 'Other rows on {source} refer to this one.',
    remedy: 'Delete or change the rows that the message names first.',
  },
  UNREADABLE_VALUE: {
    retry: 'never',
    cause: 'A row on {source} holds a value that its field cannot have.',
    remedy:
      'Ask for the row without the field that the path names. Operators: correct the row that the message names; the table holds what the schema does not, such as an added item of an enum, a date of zeros, or a number other than 0 and 1 where a Boolean is declared.',
  },
  VALUE_TOO_LONG: {
    retry: 'never',
    cause: 'A value is longer than its column on {source}.',
    remedy:
      'Shorten it. Operators: the column is narrower than the migrations make it; bring the tables up to date.',
  },
  CHECK_FAILED: {
    retry: 'never',
    cause: 'The values contradict a rule of the table on {source}.',
    remedy: 'Correct the values that the message names.',
  },
  READ_ONLY: {
    retry: 'later',
    cause: '{source} takes no changes at the moment.',
    remedy:
      'Try again later. Operators: the server is read-only, as a replica is, or one whose storage is nearly full.',
  },
  TIMEOUT: {
    retry: 'later',
    cause: '{source} did not finish in time.',
    remedy: 'Try again, or ask for less at once.',
  },
  CLIENT_CLOSED_REQUEST: {
    retry: 'later',
    cause: 'The client closed its connection before {source} had answered.',
    remedy: 'Send the request again, and wait for the answer.',
  },
  BAD_USER_INPUT: {
    retry: 'never',
    status: 400,
    cause: 'An argument has a value that cannot be used.',
    remedy: 'Correct the argument that the message names; `fields`, where it is there, lists every fault.',
  },
  BAD_REQUEST: {
    retry: 'never',
    status: 400,
    cause: 'The request is not one that this server understands.',
    remedy: 'Correct what the message names; docs/http.md has requests that work.',
  },
  UNAUTHENTICATED: {
    retry: 'never',
    status: 401,
    cause: 'The request brings no token, and this server answers none without.',
    remedy:
      'Send Authorization: Bearer with a valid token of an identity provider that this server knows, or an API key. Operators: docs/access.md.',
  },
  FORBIDDEN: {
    retry: 'never',
    status: 403,
    cause: 'The caller may not do this.',
    remedy: 'Ask for a role that may. Operators: docs/access.md.',
  },
  IDENTITY_PROVIDER_UNAVAILABLE: {
    retry: 'later',
    status: 503,
    cause:
      'The token cannot be verified at the moment: the keys of its issuer, or the list of API keys, cannot be loaded.',
    remedy:
      'Try again in a moment. Operators: the log names the reason; check AUTH_ISSUERS or API_KEYS, and that this machine reaches the provider.',
  },
  HOST_NOT_ALLOWED: {
    retry: 'never',
    status: 421,
    cause: 'The request names a host that is none of this server’s.',
    remedy:
      'Send it to the server’s own name. Operators: list the names and addresses that clients use in ALLOWED_HOSTS.',
  },
  ORIGIN_NOT_ALLOWED: {
    retry: 'never',
    status: 403,
    cause: 'The request comes from a page of another site.',
    remedy:
      'Serve the page from a host of this server. Operators: ALLOWED_HOSTS lists the hosts whose pages may send requests, too.',
  },
  PATH_NOT_FOUND: {
    retry: 'never',
    status: 404,
    cause: 'Nothing is served at this path.',
    remedy: 'Send operations to /graphql.',
  },
  METHOD_NOT_ALLOWED: {
    retry: 'never',
    status: 405,
    cause: 'This path does not take this method.',
    remedy: 'Use a method that the Allow header names.',
  },
  PAYLOAD_TOO_LARGE: {
    retry: 'never',
    status: 413,
    cause: 'The request’s body is larger than 1 MiB.',
    remedy: 'Send less at once.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    retry: 'never',
    status: 415,
    cause: 'The request’s body is of a type that is not read here.',
    remedy: 'Send JSON, with `content-type: application/json`.',
  },
  GRAPHQL_PARSE_FAILED: {
    retry: 'never',
    status: 400,
    cause: 'The document is not written in GraphQL.',
    remedy: 'Correct it at the place that `locations` names.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    retry: 'never',
    status: 400,
    cause: 'The document asks for something that the schema does not have.',
    remedy: 'Correct what the message names; docs/api.md has all fields, arguments and types.',
  },
  OPERATION_TOO_COMPLEX: {
    retry: 'never',
    status: 400,
    cause: 'The operation asks for more at once than this server answers.',
    remedy:
      'Ask for less in several requests: fewer rows, levels, aliases or fields. Operators: docs/limits.md lists the limits and how to set them.',
  },
  RATE_LIMITED: {
    retry: 'later',
    status: 429,
    cause: 'This caller has sent too many requests.',
    remedy: 'Try again after the time in the Retry-After header.',
  },
  TOO_MANY_CONNECTIONS: {
    retry: 'later',
    status: 503,
    cause: 'This server has as many connections as it takes, and each has a request in hand.',
    remedy:
      'Try again in a moment, and keep connections open for further requests. Operators: MAX_CONNECTIONS says how many there may be.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    retry: 'never',
    status: 400,
    cause: 'The document has no operation of this name, or several and no name was given.',
    remedy: 'Name one of the document’s operations in `operationName`.',
  },
  PERSISTED_DOCUMENT_REQUIRED: {
    retry: 'never',
    status: 403,
    cause: 'This server runs no other documents than those of its manifest.',
    remedy:
      'Send a document of the manifest, or its id. Operators: `tandem persist` makes a manifest, and PERSISTED_DOCUMENTS names it.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    retry: 'never',
    status: 404,
    cause: 'The manifest has no document with this id.',
    remedy:
      'Send the document itself, where the server takes any. Operators: PERSISTED_DOCUMENTS must name the manifest that goes with the client.',
  },
  SHUTTING_DOWN: {
    retry: 'later',
    status: 503,
    cause: 'This server is being stopped and takes no new requests.',
    remedy: 'Send the request again, over a new connection: nothing of it was run here.',
  },
  INTERNAL_SERVER_ERROR: {
    retry: 'never',
    status: 500,
    cause: 'Something unexpected went wrong inside Tandem.',
    remedy:
      'Search the log for the requestId that the x-request-id header names, and report what stands there.',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;

/** What a client gets beside the message, in every answer with an error. */
export interface CodedExtensions {
  readonly code: ErrorCode;
  readonly source?: SourceName;
  readonly remedy: string;
  /** Whether the same may be sent again, after a pause: nothing was changed, and it may then succeed. */
  readonly retryable: boolean;
}

export function extensionsOf(code: ErrorCode, source?: SourceName): CodedExtensions {
  const { remedy } = explain(catalogue[code], source);
  const of = source === undefined ? {} : { source };
  return { code, ...of, remedy, retryable: catalogue[code].retry === 'later' };
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(catalogue, code);
}
