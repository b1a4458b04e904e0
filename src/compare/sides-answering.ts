import { neitherAnswers } from '../errors/neither-answers.ts';
import type { TandemError } from '../errors/tandem-error.ts';
import { isUnanswered } from '../errors/unanswered.ts';
import { type SourceName, sourceNames } from '../source-name.ts';

/** Which of the two sources answer, in the course of one comparison. One that did not is asked nothing more. */
export class SidesAnswering {
  readonly #failed = new Map<SourceName, TandemError>();

  /** In the order of all lists of sources. */
  get unavailable(): readonly SourceName[] {
    return sourceNames.filter((source) => this.#failed.has(source));
  }

  /**
   * Asks a source.
   * @returns null where it does not answer
   * @throws what it answers; TandemError that names both where the other one has failed, too
   */
  async ask<T>(source: SourceName, work: () => Promise<T>): Promise<T | null> {
    if (this.#failed.has(source)) return null;
    try {
      return await work();
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      this.#failed.set(source, error);
      if (this.#failed.size === sourceNames.length)
        throw neitherAnswers(sourceNames.map((name) => this.#failed.get(name)));
      return null;
    }
  }

  /** Asks both at once. */
  async both<T>(work: (source: SourceName) => Promise<T>): Promise<Record<SourceName, T | null>> {
    const [AZURE, GCP] = await Promise.all([
      this.ask('AZURE', () => work('AZURE')),
      this.ask('GCP', () => work('GCP')),
    ]);
    return { AZURE, GCP };
  }

  /** Does without both for what needs both. @throws the failure of the one that did not answer */
  need(): void {
    for (const error of this.#failed.values()) throw error;
  }
}
