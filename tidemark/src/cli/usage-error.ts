import type { Command, CommanderError } from 'commander';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { commandLine } from './command-line.ts';

/** What commander found wrong with the command line, in our form; the next step is the help of that very command. */
export function usageError(error: CommanderError, command: Command): ConfigurationError {
  const found = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .trim();
  const message = found.length === 0 ? 'something is missing' : found;
  return new ConfigurationError({
    code: ERROR_CODES.usage,
    message: `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.)?]$/.test(message) ? '' : '.'}`,
    next: commandLine(...pathOf(command), '--help'),
    facts: { rule: error.code },
  });
}

/** The words that lead to a command, without the program's own name. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

/** A command was expected and none was given; its help is on stderr already. */
export function missingCommand(): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.usage,
    message: 'A command is missing.',
    next: commandLine('--help'),
  });
}
