// Hive Gateway on GraphQL Mesh: two MySQL sources joined into one API without a line of resolvers. The
// supergraph was composed once from the two databases, as one does before deploying.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { getMySQLExecutor } from '@graphql-mesh/transport-mysql';
import { openPools, port, type Source } from './support/pools.ts';

// Mesh's own driver can neither log in to MySQL 9 nor check a host name; mysql2's pool takes its place.
const pools = openPools();

const gateway = createGatewayRuntime({
  supergraph: readFileSync(new URL('support/supergraph.graphql', import.meta.url), 'utf8'),
  transports: {
    mysql: {
      getSubgraphExecutor: ({ subgraph, subgraphName }) =>
        getMySQLExecutor({ subgraph, pool: pools[subgraphName as Source] as never }),
    },
  },
  logging: false,
  landingPage: false,
  graphiql: false,
});
createServer(gateway).listen(port, '127.0.0.1');
