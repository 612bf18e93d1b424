import type { PatternNode } from './pattern-syntax.ts';

/** Instructions of the largest automaton; time is at most this many steps per code point of the text. */
const INSTRUCTIONS_MAX = 10_000;

type Instruction =
  | { readonly kind: 'point'; readonly matches: (point: number) => boolean }
  | { readonly kind: 'assert'; readonly where: Extract<PatternNode, { kind: 'assert' }>['where'] }
  | { readonly kind: 'fork'; targets: readonly number[] }
  | { readonly kind: 'match' };

/**
 * Compiles a pattern into an automaton that follows all its paths at once (Thompson 1968), so that its time is linear
 * in the text whatever the pattern. Slower than the engine of the language by one or two orders of magnitude, which
 * is why only patterns and texts that could take that engine for ever come here. Null where it would be too large.
 */
export function compileAutomaton(pattern: PatternNode): ((text: string) => boolean) | null {
  const program: Instruction[] = [];
  if (!emit(pattern, program)) return null;
  program.push({ kind: 'match' });
  return (text) => run(program, text);
}

/** Appends the instructions of a node; false where there would be too many. */
function emit(node: PatternNode, program: Instruction[]): boolean {
  if (program.length > INSTRUCTIONS_MAX) return false;
  switch (node.kind) {
    case 'point':
      program.push({ kind: 'point', matches: compilePoint(node.source) });
      return true;
    case 'assert':
      program.push(node);
      return true;
    case 'sequence':
      return node.items.every((item) => emit(item, program));
    case 'choice':
      return emitChoice(node.options, program);
    case 'repeat':
      return emitRepeat(node, program);
  }
}

function emitChoice(options: readonly PatternNode[], program: Instruction[]): boolean {
  const choose = fork(program);
  const starts: number[] = [];
  const ends: Fork[] = [];
  for (const option of options) {
    starts.push(program.length);
    if (!emit(option, program)) return false;
    ends.push(fork(program));
  }
  choose.targets = starts;
  for (const end of ends) end.targets = [program.length];
  return true;
}

function emitRepeat(node: Extract<PatternNode, { kind: 'repeat' }>, program: Instruction[]): boolean {
  for (let count = 0; count < node.min; count += 1) {
    const { length } = program;
    if (!emit(node.item, program)) return false;
    // An item of nothing, such as `(?:){999999999}`, adds nothing however often.
    if (program.length === length) break;
  }
  if (node.max === Infinity) {
    const again = program.length;
    const loop = fork(program);
    if (!emit(node.item, program)) return false;
    fork(program).targets = [again];
    loop.targets = [again + 1, program.length];
    return true;
  }
  const exits: { readonly exit: Fork; readonly go: number }[] = [];
  for (let count = node.min; count < node.max; count += 1) {
    exits.push({ exit: fork(program), go: program.length });
    if (!emit(node.item, program)) return false;
  }
  for (const { exit, go } of exits) exit.targets = [go, program.length];
  return true;
}

type Fork = Extract<Instruction, { kind: 'fork' }>;

function fork(program: Instruction[]): Fork {
  const instruction: Fork = { kind: 'fork', targets: [] };
  program.push(instruction);
  return instruction;
}

/** One code point against a class, an escape or a literal, as the engine of the language reads it. */
function compilePoint(source: string): (point: number) => boolean {
  if (source !== '.' && !source.startsWith('\\') && !source.startsWith('[')) {
    const literal = source.codePointAt(0);
    return (point) => point === literal;
  }
  const engine = new RegExp(`^${source}$`, 'u');
  const ofAscii = Array.from({ length: 128 }, (_, point) => engine.test(String.fromCharCode(point)));
  return (point) => ofAscii[point] ?? engine.test(String.fromCodePoint(point));
}

/** Where a path stands between two code points; -1 beyond either end of the text. */
interface Gap {
  readonly before: number;
  readonly after: number;
}

function run(program: readonly Instruction[], text: string): boolean {
  // Position at which an instruction was last reached, so that none is followed twice from one gap.
  const reachedAt = new Int32Array(program.length).fill(-1);
  let waiting: number[] = [];
  let before = -1;
  for (let at = 0; ; ) {
    const after = text.codePointAt(at) ?? -1;
    const points: number[] = [];
    // A match may begin anywhere: the start of the program is reached anew in every gap.
    const stack = [...waiting, 0];
    for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
      if (reachedAt[pc] === at) continue;
      reachedAt[pc] = at;
      const instruction = program[pc] as Instruction;
      if (instruction.kind === 'match') return true;
      if (instruction.kind === 'point') points.push(pc);
      else if (instruction.kind === 'fork') stack.push(...instruction.targets);
      else if (holds(instruction.where, { before, after })) stack.push(pc + 1);
    }
    if (after === -1) return false;
    waiting = points
      .filter((pc) => (program[pc] as Extract<Instruction, { kind: 'point' }>).matches(after))
      .map((pc) => pc + 1);
    before = after;
    at += after > 0xffff ? 2 : 1;
  }
}

function holds(where: Extract<PatternNode, { kind: 'assert' }>['where'], { before, after }: Gap): boolean {
  switch (where) {
    case 'start':
      return before === -1;
    case 'end':
      return after === -1;
    case 'boundary':
      return isWord(before) !== isWord(after);
    case 'no_boundary':
      return isWord(before) === isWord(after);
  }
}

function isWord(point: number): boolean {
  return point !== -1 && point < 128 && /\w/.test(String.fromCharCode(point));
}
