import { type Command, Option } from 'commander';
import type { Carry } from './carry.ts';
import { nonEmpty, wholeNumber } from './options.ts';

/** `incidents`: what was found wrong. There is no verb that closes one, and the help says why. */
export function addIncidentCommands(program: Command, carry: Carry): void {
  const incidents = program
    .command('incidents')
    .description('what was found wrong, and what mends it')
    .addHelpText('after', `\n${NO_CLOSING}`);
  const commands = async () => await import('../commands/incidents.ts');
  incidents
    .command('list', { isDefault: true })
    .description('what is not resolved, the gravest first (the default)')
    .addOption(
      new Option('--class <class>', 'of this class').choices([
        'duplicate',
        'gap',
        'mismatch',
        'no-traceability',
      ]),
    )
    .addOption(
      new Option('--state <state>', 'in this state (default: all but resolved)').choices([
        'open',
        'acknowledged',
        'mending',
        'resolved',
        'all',
      ]),
    )
    .addOption(new Option('--severity <severity>', 'so grave').choices(['critical', 'major', 'minor']))
    .option('--manifest <id>', 'of this manifest', nonEmpty)
    .option('--batch-id <id>', 'of this batch', nonEmpty)
    .option('--source <id>', 'of this source', nonEmpty)
    .option('--limit <count>', 'at most so many', wholeNumber)
    .action(async (options, command: Command) => {
      await carry(command, async (session) => (await commands()).incidentsListCommand(session, options));
    });
  incidents
    .command('show')
    .description('one incident: figures, evidence, the query that shows it, what mends it, its life')
    .argument('<key>', 'its key, or the beginning of it', nonEmpty)
    .action(async (key: string, _options, command: Command) => {
      await carry(command, async (session) => (await commands()).incidentsShowCommand(session, { key }));
    });
  incidents
    .command('ack')
    .description('record that it was taken note of, and why it may stay for now')
    .argument('<key>', 'its key, or the beginning of it', nonEmpty)
    .option('--reason <text>', 'why, for whoever looks next', nonEmpty)
    .addHelpText('after', `\n${NO_CLOSING}`)
    .action(async (key: string, options: { reason?: string }, command: Command) => {
      await carry(command, async (session) =>
        (await commands()).incidentsAckCommand(session, { key, ...options }),
      );
    });
}

const NO_CLOSING = `No verb closes an incident: it is resolved by a verification that would have found it and no
longer does (tidemark verify). What somebody only says is mended would be found broken later.`;
