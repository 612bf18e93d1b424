import type { Command } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty, ofBatch, withTarget } from './options.ts';

/** What mends a batch: one verb for each reason. */
export function addRecoveryCommands(program: Command, carry: Carry): void {
  program.commandsGroup('Recovery');
  program
    .command('diagnose')
    .description(
      'what is wrong, in the order to look for it: manifest, run, checkpoint and cursor, coverage, class',
    )
    .argument('[target]', 'a run, batch, manifest, source or incident (default: what is most urgent)')
    .action(async (target: string | undefined, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/diagnose.ts')).diagnoseCommand(session, withTarget({}, target)),
      );
    });
  ofBatch(program.command('recover'))
    .description('say which verb mends a batch, and why; for one batch, plan it')
    .action(async (target: string | undefined, options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/recover.ts')).recoverCommand(session, withTarget(options, target)),
      );
    });
  for (const [verb, description] of RECOVERY_VERBS) {
    const command = ofBatch(program.command(verb))
      .description(description)
      .option('--plan', 'plan, and change nothing (the default)')
      .option('--execute <plan>', 'execute a plan, by its id or the beginning of it', nonEmpty)
      .option('--reason <text>', 'why, for the evidence', nonEmpty);
    if (verb === 'replay')
      command.option('--rewrite', 'write data files again even where they compare equal');
    if (verb === 'replay' || verb === 'rerun')
      command.option('--accept-loss', 'let a replacement be much smaller than what it replaces');
    if (verb === 'backfill') {
      command
        .option('--from <value>', 'where the interval begins, included', nonEmpty)
        .option('--to <value>', 'where it ends, not included', nonEmpty)
        .option('--field <property>', 'what it is of (default: cursor field, else event time)', nonEmpty)
        .option(
          '--partitions <which>',
          'instead: missing, one such as 2026-03-02, or 2026-03-02..2026-03-05',
          nonEmpty,
        );
    }
    command.action(async (target: string | undefined, options, called: Command) => {
      await carry(called, async (session) =>
        (await import('../commands/recovery-verb.ts')).recoveryCommand(session, {
          verb,
          ...withTarget(options, target),
        }),
      );
    });
  }
}

const RECOVERY_VERBS = [
  ['retry', 'finish what a run left unfinished; sources are read for that alone'],
  ['rerun', 'read a batch’s sources again and replace what has changed'],
  ['replay', 'make a batch again from its raw bytes; no source is contacted'],
  ['backfill', 'take in a historical interval; the cursor does not move'],
] as const;
