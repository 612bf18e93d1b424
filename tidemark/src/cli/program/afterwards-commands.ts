import { type Command, Option } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty, wholeNumber } from './options.ts';

/** What stands, and the evidence of it. */
export function addAfterwardsCommands(program: Command, carry: Carry): void {
  program.commandsGroup('Afterwards');
  program
    .command('status')
    .description('where everything stands, and what needs attention')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) => (await import('../commands/status.ts')).statusCommand(session));
    });
  program
    .command('partitions')
    .description('what of each manifest is missing, partial, stale, complete, verified')
    .option('--manifest <id>', 'of this manifest', nonEmpty)
    .option('--from <date>', 'from this day or moment', nonEmpty)
    .option('--to <date>', 'before this day or moment', nonEmpty)
    .addOption(
      new Option('--state <state>', 'a list of those').choices([
        'missing',
        'partial',
        'stale',
        'complete',
        'verified',
      ]),
    )
    .option('--limit <count>', 'at most so many of each manifest, the newest', wholeNumber)
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/partitions.ts')).partitionsCommand(session, options),
      );
    });
  program
    .command('show')
    .description('the story of a run, batch, source, record, snapshot, path or hash')
    .argument('<anything>', 'its id, the beginning of it, or a path', nonEmpty)
    .action(async (query: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/show.ts')).showCommand(session, { query }),
      );
    });
  program
    .command('rejects')
    .description('every rejected record, each with its reasons')
    .option('--run <run>', 'that this run produced or committed', nonEmpty)
    .option('--manifest <id>', 'of this manifest', nonEmpty)
    .option('--batch-id <id>', 'of this batch', nonEmpty)
    .option('--source <id>', 'of this source', nonEmpty)
    .option('--rule <rule>', 'that broke this rule', nonEmpty)
    .option('--limit <count>', 'at most so many', wholeNumber)
    .option('--payload', 'the rejected bytes too')
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/rejects.ts')).rejectsCommand(session, options),
      );
    });

  program
    .command('reconcile')
    .description('prove again what was committed, from what is stored now')
    .option('--run <run>', 'what this run committed (default: what every batch is now)', nonEmpty)
    .option('--hash', 'take the checksum of every raw object again')
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/reconcile.ts')).reconcileCommand(session, options),
      );
    });
}
