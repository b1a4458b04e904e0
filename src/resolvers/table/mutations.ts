import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, type ClassType, Ctx, Info, Mutation, Resolver } from 'type-graphql';
import { keyFromApi, tableKeyOf } from '../../column-types/table-key.ts';
import type { Context } from '../../context.ts';
import type { TableNames } from '../../entities/table.ts';
import type { Input } from '../../writes/input-fields.ts';
import { withIdentity, withRow, withRows } from '../mutation-payload.ts';
import { type RowRequest, rowArgsOf, SourceArgs } from '../types/arguments.ts';
import { isEmpty } from '../types/define.ts';
import { deletedPayloadOf, payloadOf } from '../types/payload.ts';
import { describeCreate, describeDelete } from './descriptions.ts';
import { inputsOf } from './inputs.ts';
import { mutationNamesOf } from './names.ts';
import { wordingOf } from './wording.ts';

/** The mutations of a table: create or add one row or many, update, delete; none of those whose input would be empty. */
export function tableMutationsOf(entity: ClassType<object>, table: TableNames): readonly ClassType[] {
  const { one, many } = table;
  const { row, aRow, rows } = wordingOf(entity);
  const names = mutationNamesOf(table);
  const describe = describeCreate(entity, table);
  const Inputs = inputsOf(entity, table);
  const CreatePayload = payloadOf(names.create, one, entity);
  const CreateManyPayload = payloadOf(names.createMany, many, [entity]);
  const UpdatePayload = payloadOf(names.update, one, entity);
  const DeletePayload = deletedPayloadOf(names.delete, entity);
  const EntityRowArgs = rowArgsOf(entity);
  const tableKey = tableKeyOf(entity);

  @Resolver()
  class TableCreates {
    @Mutation(() => CreatePayload, { name: names.create, nullable: true, description: describe.one })
    create(
      @Args(() => SourceArgs) { source }: SourceArgs,
      @Arg('input', () => Inputs.create, { description: `The ${row}.` }) input: Input,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      const answering = withRow(context, { source, entity, info }, one);
      return context.writers[source].create(entity, input, answering);
    }

    @Mutation(() => CreateManyPayload, { name: names.createMany, nullable: true, description: describe.many })
    createMany(
      @Args(() => SourceArgs) { source }: SourceArgs,
      @Arg('inputs', () => [Inputs.create], { description: `The ${rows}, at most 1000.` })
      inputs: readonly Input[],
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      const answering = withRows(context, { source, entity, info }, many);
      return context.writers[source].createMany(entity, inputs, answering);
    }
  }

  @Resolver()
  class TableUpdate {
    @Mutation(() => UpdatePayload, {
      name: names.update,
      nullable: true,
      description: `Changes the given fields of ${aRow}, and no others.`,
    })
    update(
      @Args(() => EntityRowArgs) { source, key }: RowRequest,
      @Arg('input', () => Inputs.update, { description: 'The fields to be changed, at least one.' })
      input: Input,
      @Arg('expected', () => Inputs.update, {
        nullable: true,
        description: `What the ${row} must still hold; else nothing is changed and the error is CONFLICT.`,
      })
      expected: Input | null,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      const answering = withRow(context, { source, entity, info }, one);
      return context.writers[source].update(
        entity,
        keyFromApi(tableKey, key),
        { input, expected },
        answering,
      );
    }
  }

  @Resolver()
  class TableDelete {
    @Mutation(() => DeletePayload, {
      name: names.delete,
      nullable: true,
      description: describeDelete(entity, table),
    })
    delete(
      @Args(() => EntityRowArgs) { source, key }: RowRequest,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      const answering = withIdentity(context, { source, entity, info });
      return context.writers[source].delete(entity, keyFromApi(tableKey, key), answering);
    }
  }
  return [
    ...(isEmpty(Inputs.create) ? [] : [TableCreates]),
    ...(isEmpty(Inputs.update) ? [] : [TableUpdate]),
    TableDelete,
  ];
}
