import { plainText } from './show-value.ts';
import type { Problem } from './source-manifest.ts';

/** For people: one block per problem, whose first line editors and terminals make a link of. No colour, no last newline. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n\n');
}

function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const lines = [
    `${place}  ${problem.rule}`,
    `  ${problem.message}`,
    `  expected  ${problem.expected}`,
    `  found     ${problem.found}`,
  ];
  if (problem.pointer !== '') lines.splice(2, 0, `  at        ${shortened(problem.pointer)}`);
  if (problem.suggestion !== undefined) lines.push(`  did you mean \`${problem.suggestion}\`?`);
  return lines.map(plainText).join('\n');
}

/** A pointer repeats names of the file, which may be of any length. */
const POINTER_CHARS_MAX = 160;

function shortened(pointer: string): string {
  return pointer.length <= POINTER_CHARS_MAX ? pointer : `${pointer.slice(0, POINTER_CHARS_MAX)}…`;
}
