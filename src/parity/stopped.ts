import { type Explanation, explanationLine } from '../errors/explanation.ts';

const explanations = {
  CANCELLED: {
    cause: 'The run was cancelled.',
    remedy: '`tandem parity --resume` goes on with it.',
  },
  ABORTED: {
    cause: 'The run was ended before it had compared all.',
    remedy: '`tandem parity --resume` goes on with it.',
  },
} as const satisfies Record<string, Explanation>;

/** A run that ends before it has compared all. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';

  constructor(readonly state: keyof typeof explanations) {
    super(explanationLine(explanations[state]));
  }
}
