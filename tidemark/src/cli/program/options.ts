import { type Command, InvalidArgumentError } from 'commander';

/** The options of every command that works on one batch. */
export function ofBatch(command: Command): Command {
  return command
    .argument('[target]', 'a run, batch, manifest or source')
    .option('--manifest <id>', 'of this manifest', nonEmpty)
    .option('--batch-id <id>', 'this batch', nonEmpty);
}

export function withTarget<Options extends object>(options: Options, target: string | undefined) {
  return { ...options, ...(target !== undefined && { target }) };
}

/** The options of every command that works on manifests. */
export function selecting(command: Command): Command {
  return command
    .option('--manifest-dir <dir>', 'a folder of manifests (repeatable)', repeated)
    .option('--manifest-path <file>', 'a manifest (repeatable)', repeated)
    .option('--batch-id <id>', 'batch id instead of the declared one', nonEmpty);
}

function repeated(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), nonEmpty(value)];
}

export function nonEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

export function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value))
    throw new InvalidArgumentError('A whole number of at least 1 is expected.');
  return Number(value);
}
