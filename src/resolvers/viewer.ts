import { createHash } from 'node:crypto';
import { type GraphQLResolveInfo, type GraphQLSchema, printSchema } from 'graphql';
import { Ctx, Field, Info, ObjectType, Query, Resolver } from 'type-graphql';
import { featuresOf } from '../access/permission.ts';
import type { Context } from '../context.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';

@ObjectType({ simpleResolvers: true, description: 'The caller, as its token or API key proves.' })
class Viewer {
  @Field(() => String, {
    nullable: true,
    description: 'The claim `sub` of the token, or the name of the API key; null where neither was needed.',
  })
  readonly subject!: string | null;

  @Field(() => String, { description: 'The role in which it acts.' })
  readonly role!: string;

  @Field(() => [String], { description: 'All roles that it has.' })
  readonly roles!: readonly string[];

  @Field(() => [String], {
    description: 'The features of the role, beside tables: `drift`, `erd` and so on.',
  })
  readonly features!: readonly string[];

  @Field(() => String, {
    description:
      'A digest of the schema as the role has it. A client that keeps types learns them anew when it changes, as after a release.',
  })
  readonly schemaDigest!: string;
}

const digestOf = memoizeWeak((schema: GraphQLSchema) =>
  createHash('sha256').update(printSchema(schema)).digest('hex').slice(0, 16),
);

@Resolver()
export class ViewerResolver {
  @Query(() => Viewer, { nullable: true, description: 'The caller of this request.' })
  viewer(@Ctx() { identity, rules }: Context, @Info() { schema }: GraphQLResolveInfo): Viewer {
    const { subject, role, roles } = identity;
    return {
      subject,
      role,
      roles,
      features: featuresOf(rules, role),
      // Where it is asked for: to print a schema takes milliseconds, once a role.
      get schemaDigest() {
        return digestOf(schema);
      },
    };
  }
}
