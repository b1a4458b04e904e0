import { done, type Step } from './compose.ts';

/** The data of answers that hold much. */
const large = new WeakSet<object>();

/** Remembers of which operations the answers are large, by what they have taken from their budget. */
export function markLargeAnswers(): Step {
  return {
    willSendResponse({ contextValue: { budget }, response: { body } }) {
      const data = budget.isLarge && body.kind === 'single' ? body.singleResult.data : null;
      if (data != null) large.add(data);
      return done;
    },
  };
}

export function isLargeAnswer(data: unknown): boolean {
  return typeof data === 'object' && data !== null && large.has(data);
}
