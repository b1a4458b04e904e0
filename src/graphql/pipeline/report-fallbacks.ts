import { done, type Step } from './compose.ts';

/** Tells in `extensions.fallbacks` which fields another source has answered than they were asked of. */
export function reportFallbacks(): Step {
  return {
    willSendResponse({ contextValue: { readers }, response: { body } }) {
      if (readers.fallbacks === null || body.kind !== 'single') return done;
      body.singleResult.extensions = { ...body.singleResult.extensions, fallbacks: readers.fallbacks };
      return done;
    },
  };
}
