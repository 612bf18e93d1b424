import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { EXIT, type ExitCode, worstExit } from './exit-codes.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Outcome } from './outcome.ts';
import { Output } from './output.ts';
import { errorDocument, errorLines, toldError } from './print-error.ts';
import { buildProgram } from './program.ts';
import { pageFor } from './render/page.ts';
import { openSession, type Session } from './session.ts';
import { missingCommand, pathOf } from './usage-error.ts';

/**
 * The command line. `argv` is without the program's own words. Sets `process.exitCode` (see exit-codes.ts) and never
 * throws; whatever is still to be written is written before the process ends by itself.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const output = new Output(process);
  const exit = await runCommandLine({ argv, output });
  const lost = await output.lost();
  process.exitCode =
    lost === null ? exit : worstExit([exit, printError({ error: unwritten(lost), argv, output, words: [] })]);
}

/** What was done is done; only the telling of it is cut. */
function unwritten(cause: Error): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.output_unwritable,
    message: `The output could not be written whole: ${cause.message}.`,
    next: 'tidemark status',
    cause,
  });
}

/** The same, to streams of the caller's. */
export async function runCommandLine({
  argv,
  output,
}: {
  argv: readonly string[];
  output: Output;
}): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  let words: readonly string[] = [];
  const json = asked(argv, '--json');
  let help = '';
  const carry = async (command: Command, work: (session: Session) => Promise<Outcome>) => {
    const session = openSession({ options: command.optsWithGlobals<GlobalOptions>(), output });
    words = session.page.projectWords;
    const outcome = await work(session);
    printOutcome({ session, outcome, command: pathOf(command).join(' ') });
    exit = outcome.exit;
  };
  try {
    const printed = {
      stderr: output.stderr,
      // With --json, help and version are one document as everything else is.
      text: (text: string) => {
        if (json) help += text;
        else output.text(text);
      },
    };
    await buildProgram({ version: ownVersion(), carry, output: printed }).parseAsync([...argv], {
      from: 'user',
    });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError({ error, argv, output, words });
    if (error.exitCode === 0) {
      const text = help.trimEnd();
      if (json)
        output.document({
          exit_code: EXIT.done,
          ...(error.code === 'commander.version' ? { version: text } : { help: text }),
        });
      return EXIT.done;
    }
    if (json) output.document(errorDocument(toldError(missingCommand()), asked(argv, '--debug')));
    return EXIT.usage;
  }
}

function printOutcome({
  session,
  outcome,
  command,
}: {
  session: Session;
  outcome: Outcome;
  command: string;
}): void {
  const { output, options, page } = session;
  if (outcome.document === null) return;
  if (options.json) output.document({ command, exit_code: outcome.exit, ...outcome.document });
  else if (options.quiet) output.lines(outcome.quietLines?.(page) ?? []);
  else output.lines(outcome.lines(page));
}

function printError({
  error,
  argv,
  output,
  words: projectWords,
}: {
  error: unknown;
  argv: readonly string[];
  output: Output;
  words: readonly string[];
}): ExitCode {
  const told = toldError(error, projectWords);
  const debug = asked(argv, '--debug');
  if (asked(argv, '--json')) output.document(errorDocument(told, debug));
  const page = pageFor({ stream: output.stderr, noColor: asked(argv, '--no-color'), projectWords });
  output.notice(errorLines(told, { page, debug }));
  return told.exit;
}

/** Options of a command line that may have been refused as a whole. */
function asked(argv: readonly string[], option: string): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes(option);
}

/** The same number of folders up from the source and from what is built of it. */
function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
