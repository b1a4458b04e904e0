import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.ts';
import type { SchemaSnapshot } from '../drift/snapshot.ts';
import { type Diagram, diagramOf } from '../erd/diagram.ts';
import { asMermaid } from '../erd/mermaid.ts';
import { drawOnce } from '../erd/svg-cache.ts';
import { neitherAnswers } from '../errors/neither-answers.ts';
import { sourceNames } from '../source-name.ts';
import { inTime } from '../sources/operation-deadline.ts';
import { observedSchema } from './observed-schema.ts';
import { Erd, ErdArgs } from './types/erd.ts';

@Resolver(() => Erd)
export class ErdResolver {
  @Query(() => Erd, {
    nullable: true,
    description: 'A diagram of the tables that the source has now, from its information_schema.',
  })
  async erd(@Args(() => ErdArgs) { source, compare }: ErdArgs, @Ctx() context: Context): Promise<Diagram> {
    const others = compare ? sourceNames.filter((name) => name !== source) : [];
    const asked = await Promise.allSettled([source, ...others].map((name) => observedSchema(context, name)));
    const failures = asked.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    if (failures.length > 0) throw neitherAnswers(failures);
    const [first, second] = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    return diagramOf(first as SchemaSnapshot, second);
  }

  @FieldResolver(() => String)
  mermaid(@Root() diagram: Diagram): string {
    return asMermaid(diagram);
  }

  @FieldResolver(() => String)
  svg(@Root() diagram: Diagram, @Ctx() { caller }: Context): Promise<string> {
    return inTime(caller, drawOnce(diagram));
  }
}
