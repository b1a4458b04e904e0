/** A run that ends before it has compared all. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';

  constructor(readonly state: 'CANCELLED' | 'ABORTED') {
    super(
      state === 'CANCELLED'
        ? 'The run was cancelled. Next: `tandem parity --resume` goes on with it.'
        : 'The run was ended before it had compared all. Next: `tandem parity --resume` goes on with it.',
    );
  }
}
