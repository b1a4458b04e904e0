/**
 * Every error that Tandem knows: what went wrong and what to do next. API, CLI and docs/errors.md read it
 * here. `{source}` stands for the cloud concerned.
 */
export const catalogue = {
  SOURCE_UNAVAILABLE: {
    cause: 'The database of {source} does not answer or refuses the login.',
    remedy:
      'Ask the other source, or try again. Operators: the log names the reason; check {source}_DB_HOST, _PORT, _USER, _PASSWORD and _SSL_CA, and that the firewall lets this machine in.',
  },
  POOL_TIMEOUT: {
    cause: 'No connection to {source} became free in time.',
    remedy:
      'Try again in a moment. Operators: statements hold all connections; the log names the slow ones, and POOL_ACQUIRE_TIMEOUT_MS says how long a caller waits.',
  },
  OVERLOADED: {
    cause: 'Too many callers wait for a connection to {source} already.',
    remedy:
      'Try again after the time in the Retry-After header, or ask less often. Operators: POOL_QUEUE_MAX says how many may wait.',
  },
  OUTCOME_UNKNOWN: {
    cause: 'The connection to {source} was lost while it committed: the change may have been made, or not.',
    remedy: 'Read the row before trying again; repeating blindly could make the change twice.',
  },
  SCHEMA_OUTDATED: {
    cause: 'The tables on {source} are not those that this version of Tandem reads.',
    remedy: 'Run `npx mikro-orm migration:up --contextName {source:lower}`.',
  },
  NOT_FOUND: {
    cause: 'The row that the input refers to does not exist on {source}.',
    remedy: 'Check the key: each source has rows of its own.',
  },
  DUPLICATE: {
    cause: 'A row with this unique value exists already on {source}.',
    remedy: 'Use another value, or change the row that has it.',
  },
  CONFLICT: {
    cause: 'The row on {source} has been changed since it was read.',
    remedy: 'Read the row again, and decide on what it holds now.',
  },
  REFERENCED: {
    cause: 'Other rows on {source} refer to this one.',
    remedy: 'Delete or change the rows that the message names first.',
  },
  VALUE_TOO_LONG: {
    cause: 'A value is longer than its column on {source}.',
    remedy: 'Shorten it to the limit that the message names.',
  },
  CHECK_FAILED: {
    cause: 'The values contradict a rule of the table on {source}.',
    remedy: 'Correct the values that the message names.',
  },
  READ_ONLY: {
    cause: '{source} takes no changes at the moment.',
    remedy:
      'Try again later. Operators: the server is read-only, as a replica is, or one whose storage is nearly full.',
  },
  TIMEOUT: {
    cause: '{source} did not finish in time.',
    remedy: 'Try again, or ask for less at once.',
  },
  BAD_USER_INPUT: {
    cause: 'An argument has a value that cannot be used.',
    remedy: 'Correct the argument that the message names; `fields`, where it is there, lists every fault.',
  },
  BAD_REQUEST: {
    cause: 'The request is not one that this server understands.',
    remedy: 'Correct what the message names; docs/http.md has requests that work.',
  },
  PATH_NOT_FOUND: {
    cause: 'Nothing is served at this path.',
    remedy: 'Send operations to /graphql.',
  },
  METHOD_NOT_ALLOWED: {
    cause: 'This path does not take this method.',
    remedy: 'Use a method that the Allow header names.',
  },
  PAYLOAD_TOO_LARGE: {
    cause: 'The request’s body is larger than 1 MiB.',
    remedy: 'Send less at once.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    cause: 'The request’s body is of a type that is not read here.',
    remedy: 'Send JSON, with `content-type: application/json`.',
  },
  PERSISTED_DOCUMENT_REQUIRED: {
    cause: 'This server runs no other documents than those of its manifest.',
    remedy:
      'Send a document of the manifest, or its id. Operators: `tandem persist` makes a manifest, and PERSISTED_DOCUMENTS names it.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    cause: 'The manifest has no document with this id.',
    remedy:
      'Send the document itself, where the server takes any. Operators: PERSISTED_DOCUMENTS must name the manifest that goes with the client.',
  },
  INTERNAL_SERVER_ERROR: {
    cause: 'Something unexpected went wrong inside Tandem.',
    remedy:
      'Search the log for the requestId that the x-request-id header names, and report what stands there.',
  },
} as const satisfies Record<string, { cause: string; remedy: string }>;

export type ErrorCode = keyof typeof catalogue;
