import type { CodedError } from './coded-error.ts';

/** Why the server itself refuses a request, or fails at it: no source is at fault. */
export const requestErrors = {
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
} as const satisfies Record<string, CodedError>;
