/** A worker's place in the group. */
export interface Place {
  /** From 1 on; a worker that replaces another has its number. */
  readonly worker: number;
}

/** Reports of a process: its metrics, the state of its pools, and their last minutes. */
export type ReportName = 'metrics' | 'pools' | 'activity';

/** Requests of a worker to the supervisor. */
export interface SupervisorAnswers {
  readonly place: () => Place;
  /** I listen. */
  readonly listening: (url: string) => void;
  /** I cannot start, and why: text for a person. */
  readonly failed: (why: string) => void;
  /** The reports of all workers that answer. */
  readonly reports: (what: ReportName) => Promise<readonly unknown[]>;
}

/** Requests of the supervisor to a worker. */
export interface WorkerAnswers {
  /** The whole server stops: answer what is in flight and end. */
  readonly stop: () => void;
  readonly report: (what: ReportName) => unknown;
}
