import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.ts';
import { observedOf } from '../drift/observed-of.ts';
import { type Diagram, diagramOf } from '../erd/diagram.ts';
import { drawOnce } from '../erd/draw-once.ts';
import { asMermaid } from '../erd/mermaid.ts';
import { SourceArgs } from './types/arguments.ts';
import { Erd } from './types/erd.ts';

@Resolver(() => Erd)
export class ErdResolver {
  @Query(() => Erd, {
    nullable: true,
    description: 'A diagram of the tables that the source has now, from its information_schema.',
  })
  async erd(@Args(() => SourceArgs) { source }: SourceArgs, @Ctx() { sources }: Context): Promise<Diagram> {
    return diagramOf(await observedOf(sources[source]));
  }

  @FieldResolver(() => String)
  mermaid(@Root() diagram: Diagram): string {
    return asMermaid(diagram);
  }

  @FieldResolver(() => String)
  svg(@Root() diagram: Diagram): Promise<string> {
    return drawOnce(diagram);
  }
}
