import type { Code } from './types/Code';
import type { CommandError } from './types/CommandError';

/** What every failed command becomes. `code` decides what the screen does; `message` is English, for the record. */
export class Failure extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;

  constructor(error: CommandError) {
    super(error.message);
    this.code = error.code;
    this.retryable = error.retryable;
    this.details = error.details;
  }

  /** A number out of `details`, or nothing. */
  number(name: string): number | undefined {
    const value = this.details[name];
    return typeof value === 'number' ? value : undefined;
  }

  /** A word out of `details`, or nothing. */
  word(name: string): string | undefined {
    const value = this.details[name];
    return typeof value === 'string' ? value : undefined;
  }
}

function isCommandError(thrown: unknown): thrown is CommandError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    typeof (thrown as CommandError).code === 'string' &&
    typeof (thrown as CommandError).message === 'string'
  );
}

/** Whatever was thrown, as the one shape the screens know. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (isCommandError(thrown)) {
    return new Failure({ ...thrown, details: thrown.details ?? {}, retryable: thrown.retryable ?? false });
  }
  const message =
    typeof thrown === 'string' ? thrown : thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure({ code: 'internal', message, retryable: false, details: {} });
}
