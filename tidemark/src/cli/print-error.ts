import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import { typedCommands } from './command-line.ts';
import { EXIT, type ExitCode, exitOfDisposition } from './exit-codes.ts';
import { nextLines } from './render/next-line.ts';
import type { Page } from './render/page.ts';
import { plainValues } from './render/plain-values.ts';
import { wrap } from './render/wrap.ts';

/** An error as it is told, in text or as JSON. */
export interface ToldError {
  readonly exit: ExitCode;
  readonly code: string;
  readonly disposition: string;
  readonly message: string;
  readonly next: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly stack: string | null;
}

/** Any error that reaches the end of a command. One that nobody foresaw is a fault of ours and says so. */
export function toldError(error: unknown, projectWords: readonly string[] = []): ToldError {
  const stack = error instanceof Error ? stackOf(error) : null;
  if (error instanceof TidemarkError) {
    const { code, disposition, message, next, facts } = error;
    return {
      exit: exitOf(error),
      code,
      disposition,
      message,
      next: typedCommands(next, projectWords),
      facts,
      stack,
    };
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return {
      exit: EXIT.interrupted,
      code: ERROR_CODES.run_interrupted,
      disposition: 'transient',
      message: 'Interrupted. Nothing half-done is visible.',
      next: 'Run the same command again.',
      facts: {},
      stack,
    };
  }
  return {
    exit: EXIT.invariant,
    code: ERROR_CODES.invariant,
    disposition: 'invariant',
    message: `An error that Tidemark does not know: ${error instanceof Error ? error.message : String(error)}`,
    next: 'Run the same command again with --debug and report what it prints.',
    facts: {},
    stack,
  };
}

function exitOf({ code, disposition }: TidemarkError): ExitCode {
  if (code === ERROR_CODES.usage || code === ERROR_CODES.not_found) return EXIT.usage;
  if (code === ERROR_CODES.evidence_altered || code === ERROR_CODES.reconciliation_failed)
    return EXIT.unproven;
  return exitOfDisposition(disposition);
}

/** `error TM#### message`, then what to do as the last line; the stack trace before it when it was asked for. */
export function errorLines(told: ToldError, { page, debug }: { page: Page; debug: boolean }): string[] {
  const { paint, width } = page;
  const { code, message, next } = plainValues({ code: told.code, message: told.message, next: told.next });
  return [
    ...wrap(`error ${code} ${message}`, { width, first: '', hanging: '  ' }).map(paint.bad),
    ...(debug && told.stack !== null ? told.stack.split('\n').map(paint.dim) : []),
    ...nextLines(next, page),
  ];
}

export function errorDocument(
  { exit, code, disposition, message, next, facts, stack }: ToldError,
  debug: boolean,
): object {
  return { exit_code: exit, error: { code, disposition, message, next, facts, ...(debug && { stack }) } };
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
