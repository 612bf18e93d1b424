import { printParseErrorCode, visit } from 'jsonc-parser';
import { pointerTo } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { type Finding, PROBLEMS_MAX } from './finding.ts';
import type { FieldNode, JsonNode } from './json-node.ts';
import { duplicateField, loneSurrogate, syntaxFinding, tooDeep, tooManyErrors } from './syntax-finding.ts';

/** After so many syntax errors the file is no JSON at all, and reading it stops. */
const SYNTAX_FINDINGS_MAX = 100;

/**
 * After these the parser guesses what belongs to what: fields may have moved into another object, and judging them
 * would report mistakes nobody made.
 */
const STRUCTURE_LOST = new Set([
  'PropertyNameExpected',
  'ColonExpected',
  'CloseBraceExpected',
  'CloseBracketExpected',
  'EndOfFileExpected',
]);

export interface ParsedJson {
  /** Null where there is nothing that is worth judging. */
  readonly root: JsonNode | null;
  /** What is wrong with the text as JSON, and fields given twice. */
  readonly findings: readonly Finding[];
}

interface OpenNode {
  readonly node:
    | { readonly kind: 'object'; readonly offset: number; readonly fields: Map<string, FieldNode> }
    | { readonly kind: 'list'; readonly offset: number; readonly items: JsonNode[] };
  readonly pointer: string;
  /** The field whose value comes next; null outside of one, and for a field whose name could not be read. */
  field: string | null;
}

/**
 * Reads JSON and goes on after errors. An error that only follows from the one before it is left out. Never throws for
 * what is in the text.
 */
export function parseJsonTree(text: string): ParsedJson {
  const reader = new TreeReader(text);
  try {
    visit(
      text,
      {
        onObjectBegin: (offset) => reader.open({ kind: 'object', offset, fields: new Map() }),
        onArrayBegin: (offset) => reader.open({ kind: 'list', offset, items: [] }),
        onObjectEnd: () => reader.close(),
        onArrayEnd: () => reader.close(),
        onObjectProperty: (name, offset) => reader.name(name, offset),
        onLiteralValue: (value, offset) => reader.scalar(value, offset),
        onSeparator: (character) => reader.separate(character),
        onError: (code, offset, length) => reader.fail(printParseErrorCode(code), { offset, length }),
      },
      { disallowComments: true, allowTrailingComma: false },
    );
  } catch (thrown) {
    if (thrown !== GIVE_UP) throw thrown;
    return { root: null, findings: reader.findings };
  }
  return { root: reader.structureLost ? null : reader.root, findings: reader.findings };
}

/** Thrown through the parser to leave it; its recursion would end in a stack overflow long before a file does. */
const GIVE_UP = Symbol('give up');

class TreeReader {
  readonly findings: Finding[] = [];
  root: JsonNode | null = null;
  structureLost = false;
  readonly #text: string;
  readonly #open: OpenNode[] = [];
  #lastClosed: OpenNode | undefined;
  /** Something was read since the last error, so that the next error is one of its own. */
  #readSinceError = true;
  /** An unclosed string swallows the comma behind it. */
  #commaSwallowed = false;
  #afterComma = false;
  /** Where the last token stands that could not be read whole: its value is not used. */
  #spoiltOffset = -1;
  #syntaxFindings = 0;

  constructor(text: string) {
    this.#text = text;
  }

  open(node: OpenNode['node']): void {
    this.#read();
    const pointer = this.#childPointer();
    if (this.#open.length === DEFAULT_LIMITS.recordDepthMax) {
      this.findings.push(tooDeep({ pointer, offset: node.offset }));
      throw GIVE_UP;
    }
    this.#attach(node);
    this.#open.push({ node, pointer, field: null });
  }

  close(): void {
    this.#read();
    this.#lastClosed = this.#open.pop();
  }

  name(name: string, nameOffset: number): void {
    this.#read();
    const parent = this.#open.at(-1);
    if (parent?.node.kind !== 'object') return;
    if (nameOffset === this.#spoiltOffset) {
      parent.field = null;
      return;
    }
    const pointer = pointerTo(parent.pointer, name);
    const place = { pointer, offset: nameOffset };
    if (parent.node.fields.has(name)) this.#tell(duplicateField(name, place));
    if (!name.isWellFormed()) this.#tell(loneSurrogate(name, place));
    parent.node.fields.set(name, { nameOffset, value: null });
    parent.field = name;
  }

  scalar(value: string | number | boolean | null, offset: number): void {
    this.#read();
    if (typeof value === 'string' && !value.isWellFormed()) {
      this.#tell(loneSurrogate(value, { pointer: this.#childPointer(), offset }));
    }
    if (offset === this.#spoiltOffset) this.#leaveField();
    else this.#attach({ kind: 'scalar', offset, value });
  }

  separate(character: string): void {
    this.#readSinceError = true;
    this.#commaSwallowed = false;
    this.#afterComma = character === ',';
    if (this.#afterComma) this.#leaveField();
  }

  fail(name: string, at: { readonly offset: number; readonly length: number }): void {
    const missing = name === 'PropertyNameExpected' || name === 'ValueExpected';
    const trailingComma = missing && this.#afterComma && /[}\]]/.test(this.#text.charAt(at.offset));
    const error = { name, pointer: this.#errorPointer(), trailingComma, ...at };
    if (STRUCTURE_LOST.has(name) && !trailingComma) this.structureLost = true;
    if (!name.endsWith('Expected')) this.#spoiltOffset = at.offset;
    if (this.#isConsequence(name, at.offset)) return;
    if (this.#syntaxFindings++ === SYNTAX_FINDINGS_MAX) {
      this.findings.push(tooManyErrors(error));
      throw GIVE_UP;
    }
    const opened = name.startsWith('Close') ? this.#whereOpened() : {};
    this.findings.push(syntaxFinding(this.#text, { ...error, ...opened }));
    if (name !== 'InvalidCommentToken') this.#readSinceError = false;
    if (name === 'UnexpectedEndOfString') this.#commaSwallowed = true;
  }

  #read(): void {
    this.#readSinceError = true;
    this.#afterComma = false;
  }

  #tell(finding: Finding): void {
    this.findings.push(finding);
    if (this.findings.length > PROBLEMS_MAX) throw GIVE_UP;
  }

  /** The parser tells one mistake several times: where it is, and again at whatever it expects next. */
  #isConsequence(name: string, offset: number): boolean {
    if (!name.endsWith('Expected')) return false;
    const atEnd = offset >= this.#text.length;
    if (atEnd && this.#open.length > 0 && !name.startsWith('Close')) return true;
    if (name === 'CommaExpected' && this.#commaSwallowed) {
      this.#commaSwallowed = false;
      return true;
    }
    return !this.#readSinceError || (name.startsWith('Close') && this.findings.at(-1)?.offset === offset);
  }

  #attach(node: JsonNode): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) this.root ??= node;
    else if (parent.node.kind === 'list') parent.node.items.push(node);
    else if (parent.field !== null) {
      const field = parent.node.fields.get(parent.field)!;
      parent.node.fields.set(parent.field, { ...field, value: node });
      parent.field = null;
    }
  }

  #leaveField(): void {
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.field = null;
  }

  #childPointer(): string {
    const parent = this.#open.at(-1);
    if (parent === undefined) return '';
    if (parent.node.kind === 'list') return pointerTo(parent.pointer, parent.node.items.length);
    return parent.field === null ? parent.pointer : pointerTo(parent.pointer, parent.field);
  }

  #errorPointer(): string {
    const parent = this.#open.at(-1);
    return parent?.node.kind === 'object' ? this.#childPointer() : (parent?.pointer ?? '');
  }

  /** The parser ends an object before it says that its bracket is missing. */
  #whereOpened(): { readonly pointer: string; readonly opened: string } {
    const { pointer = '', node } = this.#lastClosed ?? {};
    const line = this.#text.slice(0, node?.offset ?? 0).split(/\r\n|\n|\r/).length;
    return { pointer, opened: `it was opened in line ${line}` };
  }
}
