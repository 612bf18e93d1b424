import { type Command, Option } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty, selecting } from './options.ts';

/** From an empty folder to what was taken in. */
export function addRunCommands(program: Command, carry: Carry): void {
  program.commandsGroup('Begin');
  program
    .command('init')
    .description('make a project with a manifest, a contract and sample data')
    .argument('[dir]', 'folder of the project', '.')
    .action(async (dir: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/init.ts')).initCommand(session, { dir }),
      );
    });

  program
    .command('doctor')
    .description('look at everything that a run needs; nothing is changed')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) => (await import('../commands/doctor.ts')).doctorCommand(session));
    });

  program.commandsGroup('Before a run');
  selecting(program.command('check'))
    .description('read and judge manifests; no source is opened')
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/check.ts')).checkCommand(session, options),
      );
    });
  selecting(program.command('plan'))
    .alias('seed-loader')
    .description('say what a run would do with every source; nothing is touched')
    .option('--report-json <file>', 'write the report as JSON')
    .option('--hash', 'read sources whose checksum is not known, to tell new from committed')
    .option('--trust-mtime', 'as run would with it')
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/plan.ts')).planCommand(session, options),
      );
    });
  const manifest = program.command('manifest').description('manifests');
  manifest
    .command('upgrade')
    .description('print a manifest in its second form, as YAML; the file is not touched')
    .argument('<file>', 'a manifest', nonEmpty)
    .action(async (file: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/manifest-upgrade.ts')).manifestUpgradeCommand(session, { file }),
      );
    });
  const contract = program.command('contract').description('data contracts');
  contract
    .command('test')
    .description('check that every contract is valid and every fixture has the outcome it claims')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/contract-test.ts')).contractTestCommand(session),
      );
    });

  program.commandsGroup('Run');
  selecting(program.command('run'))
    .description('take in what the manifests declare, commit it, prove it')
    .option('--report-json <file>', 'write the whole report as JSON')
    .option('--smoke-report <file>', 'write a Markdown report that changes only when results do')
    .option('--trust-mtime', 'do not read what was committed and has the size, time and inode that it had')
    .addOption(new Option('--fail-on <what>', 'exit 1 for more than refusals').choices(['rejects']))
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/run.ts')).runCommand(session, options),
      );
    });
}
