import type { DescribedReason } from './described-reason.ts';

/** From the name to TLS: no server of MySQL was reached, or none that proves who it is. */
export const connectingReasons = {
  DNS_NOT_FOUND: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The name in {source}_DB_HOST has no address.',
    remedy: 'Correct {source}_DB_HOST: a bare host name, without a scheme and without a port.',
    AZURE:
      'It ends in .mysql.database.azure.com; with private access, this machine must use the DNS of the virtual network.',
    GCP: 'It is the instance’s address, or a DNS name of it that you make resolve.',
    signs: ['ENOTFOUND', 'EAI_NONAME', 'EAI_NODATA'],
  },
  DNS_UNAVAILABLE: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'No name server returned an address for {source}_DB_HOST.',
    remedy: 'See that this machine has a network and that the name servers in /etc/resolv.conf answer.',
    signs: ['EAI_AGAIN', 'EAI_FAIL', 'EAI_SYSTEM', 'EAI_MEMORY', 'ESERVFAIL'],
  },
  CONNECTION_REFUSED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The machine at {source}_DB_HOST answers, but nothing listens on {source}_DB_PORT.',
    remedy: 'Start the MySQL server, and correct {source}_DB_PORT: MySQL’s own is 3306.',
    AZURE: 'See whether the server was stopped: az mysql flexible-server show.',
    GCP: 'See whether the instance was stopped: gcloud sql instances describe.',
    signs: ['ECONNREFUSED'],
  },
  CONNECT_TIMEOUT: {
    code: 'SOURCE_UNAVAILABLE',
    cause:
      'Nothing at {source}_DB_HOST and {source}_DB_PORT answered in time, as where a firewall drops packets.',
    remedy:
      'Let the one address from which Tandem’s connections leave through the firewall, or connect through a private network.',
    AZURE:
      'Make a firewall rule with that address as start and end, or use private access (docs/azure.md, step 3); a rule can take five minutes.',
    GCP: 'Add that address, as a /32, to the authorized networks, or use private IP from within its VPC (docs/gcp.md, step 3).',
    signs: ['ETIMEDOUT', 'PROTOCOL_SEQUENCE_TIMEOUT'],
  },
  HOST_UNREACHABLE: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'This machine has no route to {source}_DB_HOST.',
    remedy:
      'See that its network is up; a private address is reached only from within its network, one peered with it, or a VPN.',
    signs: ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'],
  },
  OPEN_FILES_LIMIT: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'This process, or this machine, has as many files and connections open as it may.',
    remedy:
      'Raise `ulimit -n` (systemd: LimitNOFILE) for Tandem, or lower MAX_CONNECTIONS and WEB_CONCURRENCY; the database is not the cause.',
    signs: ['EMFILE', 'ENFILE'],
  },
  CONNECTION_LOST: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The connection to {source} ended in the middle.',
    remedy:
      'See whether the server restarted or failed over, and whether something between ends connections that are idle.',
    // 1158 to 1161: the server's own trouble with the network.
    signs: [
      1158,
      1159,
      1160,
      1161,
      'ECONNRESET',
      'ECONNABORTED',
      'EPIPE',
      'PROTOCOL_CONNECTION_LOST',
      'ERR_STREAM_DESTROYED',
      'ERR_STREAM_WRITE_AFTER_END',
    ],
  },
  NOT_MYSQL: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'What answers at {source}_DB_HOST and {source}_DB_PORT does not speak MySQL’s protocol.',
    remedy: 'Correct {source}_DB_HOST and {source}_DB_PORT: another program listens there, or a proxy.',
    signs: ['HANDSHAKE_UNKNOWN_ERROR', 'PROTOCOL_ERROR', 'PROTOCOL_PACKETS_OUT_OF_ORDER'],
  },
  TLS_NOT_OFFERED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server at {source}_DB_HOST offers no TLS, and Tandem sends nothing without it.',
    remedy:
      'Give the server a certificate (ssl_cert, ssl_key), or connect to the server itself where this is a proxy.',
    AZURE: 'Every server of the service offers TLS: this is another host.',
    GCP: 'Every instance of the service offers TLS: this is another host.',
    signs: ['HANDSHAKE_NO_SSL_SUPPORT'],
  },
  TLS_REQUIRED_BY_SERVER: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server takes connections with TLS only (require_secure_transport), and this one had none.',
    remedy:
      'Leave that as it is. Connect with TLS, and set the file of the authority that signed the server’s certificate as {source}_DB_SSL_CA; Tandem itself always uses TLS.',
    signs: [3159],
  },
  TLS_CERT_EXPIRED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate of {source}, or of its authority, has expired.',
    remedy: 'Renew it on the server, and see that this machine’s clock is right.',
    AZURE: 'The service renews its own: fetch the authorities’ certificates again (docs/azure.md, step 5).',
    GCP: 'Rotate the server’s certificate, and fetch the authority’s again (docs/gcp.md, step 5).',
    signs: ['CERT_HAS_EXPIRED', 'CERT_CHAIN_EXPIRED'],
  },
  TLS_CERT_NOT_YET_VALID: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate of {source} is valid only from a later time on.',
    remedy: 'Set this machine’s clock, or wait until then.',
    signs: ['CERT_NOT_YET_VALID'],
  },
  TLS_CA_UNKNOWN: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate of {source} was not signed by an authority that Tandem trusts.',
    remedy: 'Set the file of the authority that signed it as {source}_DB_SSL_CA.',
    AZURE: 'It holds DigiCert Global Root G2 and Microsoft RSA Root 2017 (docs/azure.md, step 5).',
    GCP: 'Each instance has an authority of its own: gcloud sql ssl server-ca-certs list (docs/gcp.md, step 5).',
    signs: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_SIGNATURE_FAILURE',
      'CERT_UNTRUSTED',
    ],
  },
  TLS_HOST_MISMATCH: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate was issued for another host than {source}_DB_HOST.',
    remedy: 'Set {source}_DB_HOST to the name in the certificate; an IP address is seldom in it.',
    AZURE: 'It is the server’s full name, which ends in .mysql.database.azure.com.',
    GCP: 'An instance with an authority of its own has no host name in its certificate: set GCP_DB_SSL_MODE=VERIFY_CA there; with the shared authority, connect to the instance’s DNS name (docs/gcp.md, step 5).',
    signs: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'],
  },
  TLS_FAILED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'Tandem and {source} could not agree on TLS.',
    remedy:
      'See that the server offers TLS 1.2 or newer (tls_version), and that no proxy in between speaks another protocol.',
    signs: ['HANDSHAKE_SSL_ERROR', 'EPROTO', 'ERR_TLS_HANDSHAKE_TIMEOUT', 'CERT_REVOKED', 'INVALID_PURPOSE'],
  },
} as const satisfies Record<string, DescribedReason>;
