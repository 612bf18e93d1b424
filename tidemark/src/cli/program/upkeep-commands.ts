import type { Command } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty } from './options.ts';

export function addUpkeepCommands(program: Command, carry: Carry): void {
  program.commandsGroup('Upkeep');
  program
    .command('maintain')
    .description('compact, merge, expire and tidy up tables without changing a row: plan, then execute')
    .argument('[table]', 'this table alone, such as ticket')
    .option('--execute <plan>', 'execute a plan, by its id or the beginning of it', nonEmpty)
    .action(async (table: string | undefined, options: { execute?: string }, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/maintain.ts')).maintainCommand(session, {
          ...options,
          ...(table !== undefined && { table }),
        }),
      );
    });
}
