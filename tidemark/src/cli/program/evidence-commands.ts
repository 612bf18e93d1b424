import type { Command } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty } from './options.ts';

export function addEvidenceCommands(program: Command, carry: Carry): void {
  const evidence = program.command('evidence').description('sealed evidence of every run');
  evidence
    .command('verify')
    .description('check every hash, link and file of the evidence')
    .option('--expect-head <head>', 'a head noted earlier, to find a tail that was cut off', nonEmpty)
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/evidence-verify.ts')).evidenceVerifyCommand(session, options),
      );
    });
  evidence
    .command('show')
    .description('the report of one run, and its files')
    .argument('<run>', 'run id, or the beginning of it')
    .action(async (run: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/evidence-show.ts')).evidenceShowCommand(session, { run }),
      );
    });
  evidence
    .command('rebuild')
    .description('make missing or altered evidence files of a run again')
    .argument('<run>', 'run id')
    .action(async (run: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/evidence-rebuild.ts')).evidenceRebuildCommand(session, { run }),
      );
    });
}
