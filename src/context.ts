import type { ActiveIdentity } from './access/identity.ts';
import type { Limits } from './config/groups/limits.ts';
import type { Log } from './log/log.ts';
import { Budget } from './reads/budget.ts';
import { type Reader, readersOf } from './reads/reader.ts';
import { perSource, type SourceName } from './source-name.ts';
import type { Caller } from './sources/pool/caller.ts';
import type { Sources } from './sources/registry.ts';
import { createWriter, type Writer } from './writes/writer.ts';

/** What one request carries. */
export interface Context {
  /** Stands in every line that the log has about the request. */
  readonly requestId: string;
  /** The caller, and the role in which it acts. */
  readonly identity: ActiveIdentity;
  /** Who waits for the answer. */
  readonly caller: Caller;
  /** When it came, on the clock of `performance.now()`. */
  readonly started: number;
  readonly log: Log;
  readonly sources: Sources;
  readonly readers: Readers;
  readonly writers: Readonly<Record<SourceName, Writer>>;
  /** What the operation may still take. */
  readonly budget: Budget;
  /** What the operation's mutations have written, by response name. */
  readonly written: Map<string, Written>;
}

export interface Written {
  readonly source: SourceName;
  readonly keys: readonly number[];
}

/** An HTTP response: one that is destroyed is of no interest any more. */
type Response = Pick<Caller, 'destroyed'>;

/** What the context of a request is made of. */
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

type Readers = Readonly<Record<SourceName, Reader>>;
type MakeReader = ReturnType<typeof readersOf>;

/** The readers of one request, each made when it is first asked for: most requests ask one source. */
class RequestReaders implements Readers {
  readonly #make: Readonly<Record<SourceName, MakeReader>>;
  readonly #caller: Caller;
  readonly #budget: Budget;
  #azure: Reader | undefined;
  #gcp: Reader | undefined;

  constructor(make: Readonly<Record<SourceName, MakeReader>>, caller: Caller, budget: Budget) {
    this.#make = make;
    this.#caller = caller;
    this.#budget = budget;
  }

  get AZURE(): Reader {
    this.#azure ??= this.#make.AZURE(this.#caller, this.#budget);
    return this.#azure;
  }

  get GCP(): Reader {
    this.#gcp ??= this.#make.GCP(this.#caller, this.#budget);
    return this.#gcp;
  }
}

/** Makes the context of each request; what does not depend on the request is made once. */
export function contextFactory(
  sources: Sources,
  log: Log,
  { cost, operationTimeoutMs }: Pick<Limits, 'cost' | 'operationTimeoutMs'>,
): ContextFactory {
  const readers = perSource((name) => readersOf(sources[name]));
  const writers = perSource((name) => createWriter(sources[name]));
  return ({ requestId, response, address, identity }) => {
    const started = performance.now();
    const caller = new Requester(response, address, started + operationTimeoutMs);
    const budget = new Budget(cost);
    return {
      requestId,
      identity,
      caller,
      started,
      log,
      sources,
      readers: new RequestReaders(readers, caller, budget),
      writers,
      budget,
      written: new Map(),
    };
  };
}
