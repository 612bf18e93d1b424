import { DEFAULT_LIMITS } from '../model/limits.ts';
import type { Finding } from './finding.ts';
import { showSource, showValue } from './show-value.ts';

/** An error as the parser told it. */
export interface ParserError {
  /** From jsonc-parser's `printParseErrorCode`. */
  readonly name: string;
  readonly pointer: string;
  readonly offset: number;
  readonly length: number;
  /** The comma before a closing bracket, which the parser calls a missing name or value. */
  readonly trailingComma: boolean;
  /** Where the object or list that is still open began, in words for people. */
  readonly opened?: string;
}

const EXPECTED: Readonly<Record<string, readonly [message: string, expected: string]>> = {
  InvalidSymbol: ['this is not JSON', 'a quoted string, a number, true, false, null, an object or a list'],
  InvalidNumberFormat: ['this number is not JSON', 'a JSON number, such as 12 or 0.5'],
  UnexpectedEndOfNumber: ['this number is not finished', 'a digit after the point or the exponent'],
  PropertyNameExpected: ['a field name is missing', 'a field name in double quotes'],
  ValueExpected: ['a value is missing', 'a JSON value'],
  ColonExpected: ['a colon is missing after the field name', '`:`'],
  CommaExpected: ['a comma is missing before this', '`,`'],
  CloseBraceExpected: ['an object is not closed', '`}`'],
  CloseBracketExpected: ['a list is not closed', '`]`'],
  EndOfFileExpected: ['something follows the end of the document', 'the end of the file'],
  InvalidCommentToken: ['JSON has no comments', 'JSON without comments; remarks go into `notes`'],
  UnexpectedEndOfString: ['this string is not closed on its line', '`"` at the end of the string'],
  InvalidUnicode: ['an escape in this string is not finished', '`\\u` and four hexadecimal digits'],
  InvalidEscapeCharacter: [
    'this string holds an escape that JSON does not know',
    '\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u',
  ],
  InvalidCharacter: ['this string holds a bare control character', 'the character escaped, such as \\t'],
};

export function syntaxFinding(text: string, error: ParserError): Finding {
  const found = text.slice(error.offset, error.offset + error.length);
  if (text.trim() === '') return finding(error, ['the file is empty', 'a JSON object'], 'nothing');
  if (error.trailingComma) {
    return finding(
      error,
      ['a comma stands before the closing bracket', 'no comma after the last entry'],
      showSource(found),
    );
  }
  const [message, expected] = EXPECTED[error.name] ?? ['this is not JSON', 'JSON'];
  const shown = error.offset >= text.length ? 'the end of the file' : showSource(found);
  return finding(
    error,
    [error.opened === undefined ? message : `${message}: ${error.opened}`, expected],
    shown,
  );
}

function finding(error: ParserError, says: readonly [string, string], found: string): Finding {
  const [message, expected] = says;
  return { rule: 'json_syntax', pointer: error.pointer, offset: error.offset, message, expected, found };
}

export interface NamedPlace {
  readonly pointer: string;
  readonly offset: number;
}

export function tooDeep(at: NamedPlace): Finding {
  const expected = `at most ${DEFAULT_LIMITS.recordDepthMax} levels`;
  const message = 'objects and lists are nested too deeply; nothing behind this was read';
  return { rule: 'json_too_deep', ...at, message, expected, found: 'one level more' };
}

export function duplicateField(name: string, at: NamedPlace): Finding {
  const message = `the field ${showValue(name)} is given twice in one object`;
  return {
    rule: 'duplicate_field',
    ...at,
    message,
    expected: 'every field once',
    found: `${showValue(name)} again`,
  };
}

export function loneSurrogate(text: string, at: NamedPlace): Finding {
  const message = 'the text holds half of a surrogate pair, which is no character';
  return { rule: 'invalid_unicode', ...at, message, expected: 'whole characters', found: showValue(text) };
}

export function tooManyErrors({ pointer, offset }: NamedPlace): Finding {
  const expected = 'a JSON object';
  const message = 'there are more syntax errors than are listed; reading stopped here';
  return { rule: 'json_syntax', pointer, offset, message, expected, found: 'text that is hardly JSON' };
}
