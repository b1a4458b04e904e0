import { byGraphqlJs } from '../../helpers/by-graphql-js.ts';

await byGraphqlJs('node');
