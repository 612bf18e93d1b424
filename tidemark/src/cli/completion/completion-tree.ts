import type { Argument, Command, Option } from 'commander';

/** What follows an option or stands as an argument. */
export type Value =
  | { readonly kind: 'folder' | 'file' | 'text' }
  | { readonly kind: 'choices'; readonly choices: readonly string[] };

export interface CompletedOption {
  /** `--manifest-dir`, with its short form if it has one. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null for a flag. */
  readonly value: Value | null;
}

/** One command of the tree, with everything that can be typed after it. */
export interface CompletedCommand {
  /** `/evidence/verify`; empty for the program itself. */
  readonly path: string;
  /** Its name and aliases; empty for the program itself. */
  readonly names: readonly string[];
  readonly description: string;
  /** Its own and those of every command above it. */
  readonly options: readonly CompletedOption[];
  readonly argument: Value | null;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
}

/** The whole tree, flat, the program first. Hidden commands and options are left out. */
export function completionTree(program: Command): CompletedCommand[] {
  return [...walk({ command: program, path: '', inherited: [] })];
}

function* walk(at: {
  command: Command;
  path: string;
  inherited: readonly CompletedOption[];
}): Generator<CompletedCommand> {
  const { command, path, inherited } = at;
  const help = command.createHelp();
  const own = help.visibleOptions(command).map(completedOption);
  const subcommands = help.visibleCommands(command).filter((sub) => command.commands.includes(sub));
  const options = [
    ...own,
    ...inherited.filter(({ names }) => !own.some((option) => option.names.join() === names.join())),
  ];
  yield {
    path,
    names: command.parent === null ? [] : [command.name(), ...command.aliases()],
    description: command.description(),
    options,
    argument: argumentValue(command.registeredArguments[0]),
    commands: subcommands.flatMap((sub) =>
      [sub.name(), ...sub.aliases()].map((name) => ({ name, description: sub.description() })),
    ),
  };
  for (const sub of subcommands)
    yield* walk({ command: sub, path: `${path}/${sub.name()}`, inherited: options });
}

function completedOption(option: Option): CompletedOption {
  const names = [option.long, option.short].filter((name) => name !== undefined);
  const takes = option.required || option.optional;
  return {
    names,
    description: option.description,
    value: takes ? followingValue({ placeholder: option.flags, choices: option.argChoices }) : null,
  };
}

function argumentValue(argument: Argument | undefined): Value | null {
  if (argument === undefined) return null;
  return followingValue({ placeholder: `<${argument.name()}>`, choices: argument.argChoices });
}

/** The placeholder says what is meant: `<dir>`, `<file>`, or any text. */
function followingValue({
  placeholder,
  choices,
}: {
  placeholder: string;
  choices: readonly string[] | undefined;
}): Value {
  if (choices !== undefined) return { kind: 'choices', choices };
  if (/[<[]dir[>\]]/.test(placeholder)) return { kind: 'folder' };
  return /[<[]file[>\]]/.test(placeholder) ? { kind: 'file' } : { kind: 'text' };
}
