import { type Command, Option } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty, wholeNumber, withTarget } from './options.ts';

/** `state`: what is known of progress, and the one way to set it by hand. */
export function addStateCommands(program: Command, carry: Carry): void {
  const state = program.command('state').description('checkpoint, cursor, watermark and verified-through');
  const commands = async () => await import('../commands/state.ts');
  state
    .command('show')
    .description('where each source stands, and how far its objects of progress are apart')
    .argument('[target]', 'a source, table, manifest or batch')
    .option('--limit <count>', 'at most so many sources', wholeNumber)
    .action(async (target: string | undefined, options, command: Command) => {
      await carry(command, async (session) =>
        (await commands()).stateShowCommand(session, withTarget(options, target)),
      );
    });
  state
    .command('history')
    .description('every move of progress, newest first')
    .argument('[target]', 'a source or a table')
    .option('--limit <count>', 'at most so many', wholeNumber)
    .action(async (target: string | undefined, options, command: Command) => {
      await carry(command, async (session) =>
        (await commands()).stateHistoryCommand(session, withTarget(options, target)),
      );
    });
  state
    .command('export')
    .description('all progress as JSON, in a fixed order')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) => (await commands()).stateExportCommand(session));
    });
  state
    .command('set')
    .description('set a cursor or a watermark by hand: plan, then execute')
    .option('--table <table>', 'of this table', nonEmpty)
    .option('--source <id>', 'of this source', nonEmpty)
    .option('--field <property>', 'cursor field or event time (default: the one there is)', nonEmpty)
    .addOption(new Option('--cursor <value>', 'where the next incremental read begins').argParser(nonEmpty))
    .addOption(
      new Option('--watermark <value>', 'up to where everything is complete')
        .argParser(nonEmpty)
        .conflicts('cursor'),
    )
    .option('--location <place>', 'where the source is by now, if its manifest names another place', nonEmpty)
    .option('--reason <text>', 'why, for the evidence', nonEmpty)
    .option('--execute <plan>', 'execute a plan, by its id or the beginning of it', nonEmpty)
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/state-set.ts')).stateSetCommand(session, options),
      );
    });
}
