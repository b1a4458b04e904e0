import type { CodedError } from './coded-error.ts';

/** Errors of a source at an operation. `{source}` stands for the cloud concerned. */
export const sourceErrors = {
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
  COLLATIONS_DIFFER: {
    retry: 'never',
    cause: 'Two texts that this compares have different collations on {source}.',
    remedy:
      'Ask without the filter, order or relation that compares them. Operators: give both columns one collation.',
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
} as const satisfies Record<string, CodedError>;
