import { describe, expect, it } from 'vitest';
import { afterFailure, type Breaker, closedBreaker, whileProbing } from '../../src/sources/pool/breaker.ts';

const fail = (breaker: Breaker, times: number) =>
  Array.from({ length: times }).reduce<Breaker>(afterFailure, breaker);

describe('the breaker', () => {
  it('opens after three failures in a row, and not before', () => {
    expect(fail(closedBreaker, 2).state).toBe('CLOSED');
    expect(fail(closedBreaker, 3)).toEqual({ state: 'OPEN', failures: 3 });
  });

  it('is half open while it is probed, and open again when that fails', () => {
    const probed = whileProbing(fail(closedBreaker, 3));
    expect(probed.state).toBe('HALF_OPEN');
    expect(afterFailure(probed)).toEqual({ state: 'OPEN', failures: 4 });
  });

  it('needs no probe while it is closed', () => {
    expect(whileProbing(closedBreaker)).toBe(closedBreaker);
  });
});
