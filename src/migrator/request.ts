import type { Comparison } from '../drift/finding.ts';
import type { Blockers } from './blockers.ts';
import type { Loss } from './data-loss.ts';
import type { MigrationFindings } from './lint/migrations.ts';
import type { RuleId } from './lint/rules.ts';
import type { Holder } from './lock.ts';
import type { Direction } from './migration-file.ts';
import type { MigrationRange } from './migration-states.ts';
import type { Target } from './open-target.ts';
import type { MigrationStep } from './result.ts';

/** The options of a run, the same for all its sources. */
export interface Request extends MigrationRange {
  /** Seconds to wait for another runner. */
  readonly lockTimeout: number;
  /** Seconds for statements to wait for locks that other sessions hold. */
  readonly tableLockTimeout?: number | undefined;
  /** Report what would run, and change nothing. */
  readonly dryRun?: boolean;
  /** Go on though rows go. */
  readonly allowDestructive?: boolean;
  /** Rules of the lint whose errors do not stop `up`. */
  readonly allowLint?: readonly RuleId[];
  /** Go on where the two clouds differ though both had the same migrations. */
  readonly allowDrift?: boolean;
  /** Names of databases that may be migrated for the first time though they hold tables of others. */
  readonly into?: readonly string[];
  /** Whether the runner checks grants, lint and drift first, and compares the tables with the entities afterwards. */
  readonly checked?: boolean;
}

/** Gets each event, for display. */
export interface Progress {
  /** Before anything is changed: what the lint says, by the tables and their sizes, and which locks are to come. */
  readonly judged?: (source: Target['source'], migrations: readonly MigrationFindings[]) => void;
  /** How the two clouds differ though both had the same migrations, before anything is changed. */
  readonly drifted?: (comparison: Comparison) => void;
  /** The data that will be gone for good, since that is allowed. */
  readonly loses?: (source: Target['source'], losses: readonly Loss[]) => void;
  readonly waiting?: (source: Target['source'], holder: Holder) => void;
  readonly began?: (source: Target['source'], name: string, direction: Direction) => void;
  readonly statement?: (source: Target['source'], name: string, done: number, of: number) => void;
  /** Migrations that run though one with a later name is applied. */
  readonly late?: (source: Target['source'], names: readonly string[]) => void;
  /** A statement waits for locks of other sessions, and the runner will try it again. */
  readonly blocked?: (source: Target['source'], name: string, blockers: Blockers) => void;
  readonly ended?: (source: Target['source'], step: MigrationStep) => void;
}
