import { type ActiveIdentity, administratorRole } from './access/identity.ts';
import type { AccessRules, TablePermission } from './access/permission.ts';
import { ReadRecord } from './audit/read-record.ts';
import { createWriteTrail } from './audit/write-trail.ts';
import type { AuditConfig } from './config/groups/audit.ts';
import type { Limits } from './config/groups/limits.ts';
import { tableOf } from './entities/table.ts';
import type { Log } from './log/log.ts';
import type { ParityRunner } from './parity/background-runs.ts';
import { Budget } from './reads/operation-budget.ts';
import { type Reader, readersOf } from './reads/reader.ts';
import { createGuards, hidesAnyRows, type RowGuard } from './reads/row-guard.ts';
import { perSource, type SourceName } from './source-name.ts';
import type { Caller } from './sources/pool/caller.ts';
import type { Sources } from './sources/sources.ts';
import { memoizeWeak } from './util/memoize-weak.ts';
import { createWriteGuards } from './writes/write-guard.ts';
import { createWriter, type Writer } from './writes/writer.ts';

/** The state that one request carries. */
export interface Context {
  /** Stands in every line that the log has about the request. */
  readonly requestId: string;
  /** The caller, and the role in which it acts. */
  readonly identity: ActiveIdentity;
  /** The permissions of all roles. */
  readonly rules: AccessRules;
  /** The connection or program that waits for the answer. */
  readonly caller: Caller;
  /** When it came, on the clock of `performance.now()`. */
  readonly started: number;
  readonly log: Log;
  readonly sources: Sources;
  readonly readers: Readers;
  readonly writers: Readonly<Record<SourceName, Writer>>;
  readonly parity: ParityRunner;
  /** The budget that the operation has left. */
  readonly budget: Budget;
  /** The rows that the operation's mutations have written, by response name. */
  readonly written: Map<string, Written>;
}

export interface Written {
  readonly source: SourceName;
  /** As the API has them. */
  readonly keys: readonly unknown[];
}

/** An HTTP response: one that is destroyed is of no interest any more. */
type Response = Pick<Caller, 'destroyed'>;

/** The parts of a request's context. */
interface Request {
  readonly requestId: string;
  readonly response: Response;
  readonly address: string;
  readonly identity: ActiveIdentity;
}

export type ContextFactory = (request: Request) => Context;

class Requester implements Caller {
  readonly address: string;
  readonly deadline: number;
  readonly #response: Response;

  constructor(response: Response, address: string, deadline: number) {
    this.#response = response;
    this.address = address;
    this.deadline = deadline;
  }

  get destroyed(): boolean {
    return this.#response.destroyed;
  }
}

/** A field that another source has answered than it was asked of. */
export interface Fallback {
  /** As the path of an error: https://spec.graphql.org/October2021/#sec-Errors.Error-result-format */
  readonly path: readonly (string | number)[];
  readonly from: SourceName;
  readonly to: SourceName;
}

export interface Readers extends Readonly<Record<SourceName, Reader>> {
  /** The same, whose questions end before those of others. */
  until(deadline: number): Readers;
  /** Fields of this request that another source has answered; null: none. */
  fallbacks: Fallback[] | null;
}

type GuardOfSource = (source: SourceName) => RowGuard;
type MakeReader = ReturnType<typeof readersOf>;

/** The readers of one request, each made when it is first asked for: most requests ask one source. */
class RequestReaders implements Readers {
  readonly #make: Readonly<Record<SourceName, MakeReader>>;
  readonly #caller: Caller;
  readonly #budget: Budget;
  /** The rows that the caller may read of a source; null: all of them. */
  readonly #guardOf: GuardOfSource | null;
  #azure: Reader | undefined;
  #gcp: Reader | undefined;
  fallbacks: Fallback[] | null = null;

  constructor(
    make: Readonly<Record<SourceName, MakeReader>>,
    caller: Caller,
    budget: Budget,
    guardOf: GuardOfSource | null,
  ) {
    this.#make = make;
    this.#caller = caller;
    this.#budget = budget;
    this.#guardOf = guardOf;
  }

  get AZURE(): Reader {
    this.#azure ??= this.#make.AZURE(this.#caller, this.#budget, this.#guardOf?.('AZURE') ?? null);
    return this.#azure;
  }

  get GCP(): Reader {
    this.#gcp ??= this.#make.GCP(this.#caller, this.#budget, this.#guardOf?.('GCP') ?? null);
    return this.#gcp;
  }

  until(deadline: number): Readers {
    const { address = '' } = this.#caller;
    const caller = new Requester(this.#caller, address, deadline);
    return new RequestReaders(this.#make, caller, this.#budget, this.#guardOf);
  }
}

/** Makes the context of each request; what does not depend on the request is made once. */
export function contextFactory(
  sources: Sources,
  log: Log,
  { cost, operationTimeoutMs }: Pick<Limits, 'cost' | 'operationTimeoutMs'>,
  rules: AccessRules,
  parity: ParityRunner,
  audit?: AuditConfig,
): ContextFactory {
  const withKeys = new Set(
    [...sources.AZURE.orm.getMetadata().getAll().values()]
      .filter((meta) => tableOf(meta.class as never)?.auditKeys === true)
      .map(({ tableName }) => tableName),
  );
  const readers = perSource((name) => readersOf(sources[name]));
  const trails = perSource((name) =>
    audit?.database === undefined ? null : createWriteTrail(audit.database, name),
  );
  const writers = perSource((name) => createWriter(sources[name], { trail: trails[name] }));
  const guards = perSource((source) => {
    const { orm } = sources[source];
    const em = orm.em.fork();
    const of = (operation: keyof TablePermission, becoming = false) =>
      createGuards(em, orm.getMetadata(), { source, rules, operation, becoming });
    const read = of('read');
    const write = createWriteGuards(source, rules, {
      read,
      update: of('update'),
      delete: of('delete'),
      becoming: { create: of('create', true), update: of('update', true) },
    });
    return {
      read,
      writer: memoizeWeak((identity: ActiveIdentity) =>
        createWriter(sources[source], { guard: write(identity), trail: trails[source] }),
      ),
    };
  });
  // Soft delete and filters of entities hold for an administrator, too.
  const hidesRows = hidesAnyRows(sources.AZURE.orm.getMetadata());
  return ({ requestId, response, address, identity }) => {
    const started = performance.now();
    const caller = new Requester(response, address, started + operationTimeoutMs);
    const isGuarded = hidesRows || identity.role !== administratorRole;
    const reads = audit?.reads === undefined ? null : new ReadRecord(withKeys);
    const { cost: ofRole = cost, pageRows } = rules.roles[identity.role] ?? {};
    const budget = new Budget(Math.min(cost, ofRole), { reads, pageRows });
    const guardOf = isGuarded ? (source: SourceName) => guards[source].read(identity) : null;
    return {
      requestId,
      identity,
      rules,
      caller,
      started,
      log,
      sources,
      parity,
      readers: new RequestReaders(readers, caller, budget, guardOf),
      writers: isGuarded
        ? { AZURE: guards.AZURE.writer(identity), GCP: guards.GCP.writer(identity) }
        : writers,
      budget,
      written: new Map(),
    };
  };
}
