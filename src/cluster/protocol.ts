/** A worker's place in the group. */
export interface Place {
  /** From 1 on; a worker that replaces another has its number. */
  readonly worker: number;
}

/** What a process can report: its metrics, what its pools do, and what they did in the last minutes. */
export type ReportName = 'metrics' | 'pools' | 'activity';

/** What a worker asks the supervisor. */
export interface SupervisorAnswers {
  readonly place: () => Place;
  /** I listen. */
  readonly listening: (url: string) => void;
  /** I cannot start, and why: text for a person. */
  readonly failed: (why: string) => void;
  /** The reports of all workers that answer. */
  readonly reports: (what: ReportName) => Promise<readonly unknown[]>;
}

/** What the supervisor asks a worker. */
export interface WorkerAnswers {
  /** The whole server stops: answer what is in flight and end. */
  readonly stop: () => void;
  readonly report: (what: ReportName) => unknown;
}
