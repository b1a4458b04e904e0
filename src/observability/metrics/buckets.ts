/**
 * Upper bounds, in seconds, of what one request or statement takes: from a row by its key in the same zone to
 * the deadlines of acquiring (3 s) and of a statement (5 s), which each have a bound of their own.
 */
export const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 5, 10];
