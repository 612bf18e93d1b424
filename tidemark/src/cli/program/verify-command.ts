import type { Command } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty, ofBatch, withTarget } from './options.ts';

export function addVerifyCommand(program: Command, carry: Carry): void {
  ofBatch(program.command('verify'))
    .description('check everything stored, to the cell; open and resolve incidents')
    .option('--table <table>', 'this table alone', nonEmpty)
    .option('--quick', 'without refining raw bytes again')
    .action(async (target: string | undefined, options, command: Command) => {
      await carry(command, async (session) =>
        (await import('../commands/verify.ts')).verifyCommand(session, withTarget(options, target)),
      );
    });
}
