import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { SHELLS } from './completion/shells.ts';
import { exitCodesHelp } from './exit-codes.ts';
import type { Outcome } from './outcome.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { usageError } from './usage-error.ts';

/** Runs one command: opens the session, waits for the outcome, prints it. */
export type Carry = (command: Command, work: (session: Session) => Promise<Outcome>) => Promise<void>;

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

  program.commandsGroup('Begin');
  program
    .command('init')
    .description('make a project with a manifest, a contract and sample data')
    .argument('[dir]', 'folder of the project', '.')
    .action(async (dir: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/init.ts')).initCommand(session, { dir }),
      );
    });

  program
    .command('doctor')
    .description('look at everything that a run needs; nothing is changed')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) => (await import('./commands/doctor.ts')).doctorCommand(session));
    });

  program.commandsGroup('Before a run');
  selecting(program.command('check'))
    .description('read and judge manifests; no source is opened')
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/check.ts')).checkCommand(session, options),
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
        (await import('./commands/plan.ts')).planCommand(session, options),
      );
    });
  const contract = program.command('contract').description('data contracts');
  contract
    .command('test')
    .description('check that every contract is valid and every fixture has the outcome it claims')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/contract-test.ts')).contractTestCommand(session),
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
        (await import('./commands/run.ts')).runCommand(session, options),
      );
    });

  program.commandsGroup('Afterwards');
  program
    .command('status')
    .description('where everything stands, and what needs attention')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) => (await import('./commands/status.ts')).statusCommand(session));
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
        (await import('./commands/partitions.ts')).partitionsCommand(session, options),
      );
    });
  program
    .command('show')
    .description('the story of a run, batch, source, record, snapshot, path or hash')
    .argument('<anything>', 'its id, the beginning of it, or a path', nonEmpty)
    .action(async (query: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/show.ts')).showCommand(session, { query }),
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
        (await import('./commands/rejects.ts')).rejectsCommand(session, options),
      );
    });

  program
    .command('reconcile')
    .description('prove again what was committed, from what is stored now')
    .option('--run <run>', 'what this run committed (default: what every batch is now)', nonEmpty)
    .option('--hash', 'take the checksum of every raw object again')
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/reconcile.ts')).reconcileCommand(session, options),
      );
    });
  addStateCommands(program, carry);
  const evidence = program.command('evidence').description('sealed evidence of every run');
  evidence
    .command('verify')
    .description('check every hash, link and file of the evidence')
    .option('--expect-head <head>', 'a head noted earlier, to find a tail that was cut off', nonEmpty)
    .action(async (options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/evidence-verify.ts')).evidenceVerifyCommand(session, options),
      );
    });
  evidence
    .command('show')
    .description('the report of one run, and its files')
    .argument('<run>', 'run id, or the beginning of it')
    .action(async (run: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/evidence-show.ts')).evidenceShowCommand(session, { run }),
      );
    });
  evidence
    .command('rebuild')
    .description('make missing or altered evidence files of a run again')
    .argument('<run>', 'run id')
    .action(async (run: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/evidence-rebuild.ts')).evidenceRebuildCommand(session, { run }),
      );
    });

  addVerifyCommands(program, carry);
  addIncidentCommands(program, carry);

  program.commandsGroup('Recovery');
  program
    .command('diagnose')
    .description(
      'what is wrong, in the order to look for it: manifest, run, checkpoint and cursor, coverage, class',
    )
    .argument('[target]', 'a run, batch, manifest, source or incident (default: what is most urgent)')
    .action(async (target: string | undefined, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/diagnose.ts')).diagnoseCommand(session, withTarget({}, target)),
      );
    });
  ofBatch(program.command('recover'))
    .description('say which verb mends a batch, and why; for one batch, plan it')
    .action(async (target: string | undefined, options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/recover.ts')).recoverCommand(session, withTarget(options, target)),
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
        (await import('./commands/recovery-verb.ts')).recoveryCommand(session, {
          verb,
          ...withTarget(options, target),
        }),
      );
    });
  }

  program.commandsGroup('Upkeep');
  program
    .command('maintain')
    .description('compact, merge, expire and tidy up tables without changing a row: plan, then execute')
    .argument('[table]', 'this table alone, such as ticket')
    .option('--execute <plan>', 'execute a plan, by its id or the beginning of it', nonEmpty)
    .action(async (table: string | undefined, options: { execute?: string }, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/maintain.ts')).maintainCommand(session, {
          ...options,
          ...(table !== undefined && { table }),
        }),
      );
    });

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

/** `state`: what is known of progress, and the one way to set it by hand. */
function addStateCommands(program: Command, carry: Carry): void {
  const state = program.command('state').description('checkpoint, cursor, watermark and verified-through');
  const commands = async () => await import('./commands/state.ts');
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
        (await import('./commands/state-set.ts')).stateSetCommand(session, options),
      );
    });
}

const RECOVERY_VERBS = [
  ['retry', 'finish what a run left unfinished; sources are read for that alone'],
  ['rerun', 'read a batch’s sources again and replace what has changed'],
  ['replay', 'make a batch again from its raw bytes; no source is contacted'],
  ['backfill', 'take in a historical interval; the cursor does not move'],
] as const;

function addVerifyCommands(program: Command, carry: Carry): void {
  ofBatch(program.command('verify'))
    .description('check everything stored, to the cell; open and resolve incidents')
    .option('--table <table>', 'this table alone', nonEmpty)
    .option('--quick', 'without refining raw bytes again')
    .action(async (target: string | undefined, options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/verify.ts')).verifyCommand(session, withTarget(options, target)),
      );
    });
  const catalog = program.command('catalog').description('the catalog itself');
  catalog
    .command('repair')
    .description('put its accounts and pointers back to what is sealed')
    .action(async (_options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/catalog-repair.ts')).catalogRepairCommand(session),
      );
    });
  catalog
    .command('set-back')
    .description('make a table what it was before another engine wrote to it')
    .argument('<table>', 'such as ticket')
    .requiredOption('--before <snapshot>', 'the first snapshot that goes out; it stays readable', nonEmpty)
    .action(async (table: string, options: { before: string }, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/catalog-set-back.ts')).catalogSetBackCommand(session, {
          table,
          ...options,
        }),
      );
    });
  const rebuilding = async () => await import('./commands/catalog-rebuild.ts');
  catalog
    .command('backup')
    .description('copy it into a new file, while runs go on; the copy is checked')
    .argument('<file>', 'a file that does not exist', nonEmpty)
    .action(async (to: string, _options, command: Command) => {
      await carry(command, async (session) =>
        (await import('./commands/catalog-backup.ts')).catalogBackupCommand(session, { to }),
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
        (await import('./commands/catalog-relocate.ts')).catalogRelocateCommand(session, options),
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

/** `incidents`: what was found wrong. There is no verb that closes one, and the help says why. */
function addIncidentCommands(program: Command, carry: Carry): void {
  const incidents = program
    .command('incidents')
    .description('what was found wrong, and what mends it')
    .addHelpText('after', `\n${NO_CLOSING}`);
  const commands = async () => await import('./commands/incidents.ts');
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

/** The options of every command that works on one batch. */
function ofBatch(command: Command): Command {
  return command
    .argument('[target]', 'a run, batch, manifest or source')
    .option('--manifest <id>', 'of this manifest', nonEmpty)
    .option('--batch-id <id>', 'this batch', nonEmpty);
}

function withTarget<Options extends object>(options: Options, target: string | undefined) {
  return { ...options, ...(target !== undefined && { target }) };
}

/** The options of every command that works on manifests. */
function selecting(command: Command): Command {
  return command
    .option('--manifest-dir <dir>', 'a folder of manifests (repeatable)', repeated)
    .option('--manifest-path <file>', 'a manifest (repeatable)', repeated)
    .option('--batch-id <id>', 'batch id instead of the declared one', nonEmpty);
}

function repeated(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), nonEmpty(value)];
}

function nonEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value))
    throw new InvalidArgumentError('A whole number of at least 1 is expected.');
  return Number(value);
}

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
