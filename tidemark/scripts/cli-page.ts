// Generates docs/CLI.md from the tree of commands, the one that --help prints; with --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { EXITS } from '../src/cli/exit-codes.ts';
import { buildProgram } from '../src/cli/program.ts';

const page = fileURLToPath(new URL('../../docs/CLI.md', import.meta.url));

/** Parses nothing and prints nothing: the tree alone is read. */
export function commandTree(): Command {
  const silent = { text: () => undefined, stderr: process.stderr } as never;
  return buildProgram({ version: '0', carry: async () => undefined, output: silent });
}

export function renderPage(program: Command): string {
  return [
    '# Command line',
    'Generated from `tidemark/src/cli/program/` by `npm run docs:cli`; do not edit.',
    'Options of every command:',
    optionTable(program),
    ...program.commands.flatMap((command) => renderCommand(command)),
    '## Exit codes',
    'Where several apply, the most severe counts; here they are mildest first.',
    table(
      ['code', 'when'],
      EXITS.map(([, code, meaning]) => [String(code), meaning]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderCommand(command: Command): string[] {
  if (command.commands.length > 0) return command.commands.flatMap((sub) => renderCommand(sub));
  const path = command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name();
  const alias = command.alias() === undefined ? '' : ` Also \`${command.alias()}\`.`;
  const parts = [`## ${path}`, `\`tidemark ${path} ${command.usage()}\``, `${sentence(command)}${alias}`];
  const rows = command.registeredArguments.map((argument) => [
    `\`${argument.name()}\``,
    argument.description + choices(argument.argChoices),
  ]);
  if (rows.length > 0) parts.push(table(['argument', 'meaning'], rows));
  if (command.options.length > 0) parts.push(optionTable(command));
  return parts;
}

function optionTable(command: Command): string {
  return table(
    ['option', 'meaning'],
    command.options.map(({ flags, description, argChoices }) => [
      `\`${flags}\``,
      description + choices(argChoices),
    ]),
  );
}

function sentence(command: Command): string {
  const text = command.description();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function choices(values: readonly string[] | undefined): string {
  return values === undefined ? '' : ` (${values.join(', ')})`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = renderPage(commandTree());
  if (!process.argv.includes('--check')) writeFileSync(page, wanted);
  else if (readFileSync(page, 'utf8') !== wanted) {
    process.stderr.write('docs/CLI.md is not what the commands say. Next: npm run docs:cli\n');
    process.exitCode = 1;
  }
}
