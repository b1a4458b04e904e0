import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import { featuresOf } from '../access/permission.ts';
import type { Context } from '../context.ts';

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
}

@Resolver()
export class ViewerResolver {
  @Query(() => Viewer, { nullable: true, description: 'The caller of this request.' })
  viewer(@Ctx() { identity, rules }: Context): Viewer {
    const { subject, role, roles } = identity;
    return { subject, role, roles, features: featuresOf(rules, role) };
  }
}
