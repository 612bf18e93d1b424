import { type Command, Option } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty } from './options.ts';

export function addCatalogCommands(program: Command, carry: Carry): void {
  const catalog = program.command('catalog').description('the catalog itself');
  catalog
    .command('repair')
    .description('put its accounts and pointers back to what is sealed')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/catalog-repair.ts')).catalogRepairCommand(session),
      );
    });
  catalog
    .command('set-back')
    .description('make a table what it was before another engine wrote to it')
    .argument('<table>', 'such as ticket')
    .requiredOption('--before <snapshot>', 'the first snapshot that goes out; it stays readable', nonEmpty)
    .action(async (table: string, options: { before: string }, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/catalog-set-back.ts')).catalogSetBackCommand(session, {
          table,
          ...options,
        }),
      );
    });
  const rebuilding = async () => await import('../commands/catalog-rebuild.ts');
  catalog
    .command('backup')
    .description('copy it into a new file, while runs go on; the copy is checked')
    .argument('<file>', 'a file that does not exist', nonEmpty)
    .action(async (to: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/catalog-backup.ts')).catalogBackupCommand(session, { to }),
      );
    });
  catalog
    .command('restore')
    .description('put a backup in its place, with all that was sealed since: plan, then execute')
    .argument('<file>', 'a backup', nonEmpty)
    .option('--execute', 'do it; what was there is kept')
    .action(async (from: string, options: { execute?: boolean }, command: Command) => {
      await carry(command, async (session) =>
        (await rebuilding()).catalogRestoreCommand(session, { from, ...options }),
      );
    });
  catalog
    .command('relocate')
    .description('make tables of a home that was moved name their own files: plan, then execute')
    .requiredOption('--from <folder>', 'where it was', nonEmpty)
    .option('--execute', 'do it; data files and raw bytes are not touched')
    .action(async (options: { from: string; execute?: boolean }, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/catalog-relocate.ts')).catalogRelocateCommand(session, options),
      );
    });
  catalog
    .command('rebuild')
    .description('make it anew from sealed entries and tables: plan, then execute')
    .addOption(new Option('--execute', 'do it; what was there is kept').conflicts('into'))
    .option('--into <file>', 'make it in a new file, beside the present one', nonEmpty)
    .action(async (options: { execute?: boolean; into?: string }, command: Command) => {
      await carry(command, async (session) => (await rebuilding()).catalogRebuildCommand(session, options));
    });
}
