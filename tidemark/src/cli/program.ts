import { Argument, Command } from 'commander';
import { SHELLS } from './completion/shells.ts';
import { exitCodesHelp } from './exit-codes.ts';
import type { Output } from './output.ts';
import { addAfterwardsCommands } from './program/afterwards-commands.ts';
import type { Carry } from './program/carry.ts';
import { addCatalogCommands } from './program/catalog-commands.ts';
import { addEvidenceCommands } from './program/evidence-commands.ts';
import { addIncidentCommands } from './program/incident-commands.ts';
import { nonEmpty } from './program/options.ts';
import { addRecoveryCommands } from './program/recovery-commands.ts';
import { addRunCommands } from './program/run-commands.ts';
import { addStateCommands } from './program/state-commands.ts';
import { addUpkeepCommands } from './program/upkeep-commands.ts';
import { addVerifyCommand } from './program/verify-command.ts';
import { usageError } from './usage-error.ts';

/**
 * The tree of commands. It names them and no more: each command's module is loaded when it is called, so that `--help`
 * and shell completion do not wait for the engine.
 */
export function buildProgram({
  version,
  carry,
  output,
}: {
  version: string;
  carry: Carry;
  output: Pick<Output, 'text' | 'stderr'>;
}): Command {
  const program = new Command('tidemark')
    .description(
      'Takes sources that manifests declare into Apache Iceberg, so that it can be repeated, recovered and proved.',
    )
    .version(version, '-V, --version', 'print the version')
    .option('--project <dir>', 'a folder of the project (default: the working folder)', nonEmpty)
    .option('--home <dir>', 'where Tidemark keeps everything (default: .tidemark in the project)', nonEmpty)
    .option('--json', 'print one JSON document on stdout')
    .option('--no-color', 'no colours, whatever the terminal (NO_COLOR does the same)')
    .option('--quiet', 'print only what needs attention')
    .option('--debug', 'print stack traces')
    .addHelpText('after', ({ command }) =>
      command.parent === null ? `\n${START}\n\n${exitCodesHelp()}` : '',
    )
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'print the help of a command');

  addRunCommands(program, carry);
  addAfterwardsCommands(program, carry);
  addStateCommands(program, carry);
  addEvidenceCommands(program, carry);
  addVerifyCommand(program, carry);
  addCatalogCommands(program, carry);
  addIncidentCommands(program, carry);
  addRecoveryCommands(program, carry);
  addUpkeepCommands(program, carry);

  program.commandsGroup('Other');
  program
    .command('completion')
    .description('print a completion script')
    .addArgument(new Argument('<shell>', 'shell that it is for').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number], _options, command: Command) => {
      await carry(command, async () =>
        (await import('./commands/completion.ts')).completionCommand({ program, shell }),
      );
    });
  prepare(program, output);
  return program;
}

const START = `Start here:
  npx tidemark init demo && cd demo && npx tidemark run`;

/** Commander's own way is to print and exit: here every wrong use is an error like any other, told in one place. */
function prepare(command: Command, output: Pick<Output, 'text' | 'stderr'>): void {
  command.configureOutput({
    writeOut: (text) => output.text(text),
    writeErr: (text) => output.stderr.write(text),
    outputError: () => undefined,
  });
  command.exitOverride((error) => {
    // Help that was not asked for, because a command is missing, has been printed on stderr and says enough.
    if (error.exitCode === 0 || error.code === 'commander.help') throw error;
    throw usageError(error, command);
  });
  for (const sub of command.commands) prepare(sub, output);
}
