import { decodeDeclaration } from './decode-declaration.ts';
import { locate } from './json-node.ts';
import { parseDeclaration } from './parse-declaration.ts';
import { readBounded } from './read-bounded.ts';
import type { Problem } from './source-manifest.ts';
import { textPositions } from './text-position.ts';

/**
 * A problem that only a later stage can see (a window that its contract cannot be cut by), with its place in the file.
 * A file that cannot be read again has it at its beginning.
 */
export async function placeProblem(
  problem: Omit<Problem, 'line' | 'column'>,
  { bytesMax }: { bytesMax: number },
): Promise<Problem> {
  const reading = await readBounded(problem.file, bytesMax);
  const { text } = decodeDeclaration(reading.kind === 'bytes' ? reading.bytes : new Uint8Array());
  const { root } = parseDeclaration({ path: problem.file, text });
  const offset = root === null ? 0 : (locate(root, problem.pointer)?.value ?? 0);
  return { ...problem, ...textPositions(text)(offset) };
}
