import { TandemError } from './tandem-error.ts';
import { isUnanswered } from './unanswered.ts';

/**
 * The error of what needs an answer of either source, where both have failed: a field has one error. Where neither has answered, it is
 * of no source and has the causes of both; else it is the first one that a source has answered with.
 */
export function neitherAnswers(failures: readonly unknown[]): unknown {
  const unanswered = failures.filter(isUnanswered);
  const [first, second] = unanswered;
  if (unanswered.length < failures.length) return failures.find((failure) => !isUnanswered(failure));
  if (first === undefined || second === undefined) return first;
  return new TandemError(first.code, {
    message: `${first.message} ${second.message}`,
    remedy:
      'Try again. Operators: the log names the reasons; check AZURE_DB_HOST, GCP_DB_HOST and the settings beside them, and the network of this machine, which both have in common.',
    cause: first,
  });
}
