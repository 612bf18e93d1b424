import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ExactNumber } from '../model/exact-number.ts';
import { lineTooLong, parseRecord } from './parse-record.ts';

const LIMITS = { recordDepthMax: 4 };

function parse(line: string | number[]) {
  return parseRecord(typeof line === 'string' ? Buffer.from(line) : Buffer.from(line), LIMITS);
}

function recordOf(line: string) {
  const parsed = parse(line);
  assert.ok(parsed.kind === 'record', `${line} is a record: ${JSON.stringify(parsed)}`);
  return parsed;
}

function violationOf(line: string | number[]) {
  const parsed = parse(line);
  assert.ok(parsed.kind === 'rejected', `${line} is not a record`);
  return parsed.violation;
}

const RECORDS: readonly (readonly [string, unknown])[] = [
  ['{}', {}],
  [' \t\r{ \t} \r', {}],
  ['{"a":null}', { a: null }],
  ['{"a":true,"b":false}', { a: true, b: false }],
  ['{"":0}', { '': 0 }],
  ['{"a":[],"b":{}}', { a: [], b: {} }],
  ['{"a":[1,[2,[3]]]}', { a: [1, [2, [3]]] }],
  ['{"a":[{"x":1},{"x":1}]}', { a: [{ x: 1 }, { x: 1 }] }],
  ['{"a":{"a":{"a":1}}}', { a: { a: { a: 1 } } }],
  ['{"a":"colons: , and {[ \\" in a string"}', { a: 'colons: , and {[ " in a string' }],
  ['{"a\\"b":1,"a":2}', { 'a"b': 1, a: 2 }],
  ['{"a\\\\":1,"b":2}', { 'a\\': 1, b: 2 }],
  ['{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t"}', { a: '"\\/\b\f\n\r\t' }],
  ['{"a":"\\u0041\\u00e9\\u4e2D\\u0000"}', { a: 'Aé中\0' }],
  ['{"a":"\\ud83d\\ude00"}', { a: '😀' }],
  ['{"a":"\\uD83D\\uDE00"}', { a: '😀' }],
  ['{"a":"\\\\ud800"}', { a: '\\ud800' }],
  ['{"a":"\\ud7ff\\ue000"}', { a: '\ud7ff\ue000' }],
  ['{"a":"\\uffff\\ufffe"}', { a: '\uffff\ufffe' }],
  ['{"a":"\\ufeff"}', { a: '\ufeff' }],
  ['{"é":"中😀","😀":1}', { é: '中😀', '😀': 1 }],
  ['{"a":"\u007f\u0080\u2028\u2029"}', { a: '\u007f\u0080\u2028\u2029' }],
  ['{"a":0,"b":-0,"c":-1}', { a: 0, b: -0, c: -1 }],
  ['{"a":1.5,"b":-0.25,"c":1.0}', { a: 1.5, b: -0.25, c: 1 }],
  ['{"a":0.1,"b":0.30000000000000004}', { a: 0.1, b: 0.30000000000000004 }],
  ['{"a":1e2,"b":1E+2,"c":1e-2,"d":-1.5E3}', { a: 100, b: 100, c: 0.01, d: -1500 }],
  ['{"a":1e22,"b":1e-300}', { a: 1e22, b: 1e-300 }],
  ['{"a":9007199254740991}', { a: 9007199254740991 }],
  ['{"a":9007199254740992}', { a: 9007199254740992 }],
  ['{"a":9007199254740993}', { a: new ExactNumber('9007199254740993') }],
  ['{"a":-9223372036854775808}', { a: new ExactNumber('-9223372036854775808') }],
  [
    '{"a":[0.1000000000000000055511151231257827]}',
    { a: [new ExactNumber('0.1000000000000000055511151231257827')] },
  ],
  ['{"a":1e400}', { a: new ExactNumber('1e+400') }],
  ['{"a":1e-400}', { a: new ExactNumber('1e-400') }],
  ['{"a":123456789012345.678}', { a: new ExactNumber('123456789012345.678') }],
  ['{"a":1.0000000000000000000}', { a: 1 }],
  ['{"1":1,"0":2,"x":3}', { 0: 2, 1: 1, x: 3 }],
  ['{"constructor":1,"toString":2,"hasOwnProperty":3}', { constructor: 1, toString: 2, hasOwnProperty: 3 }],
  ['{"a":1 , "b" : 2\t}', { a: 1, b: 2 }],
];

const MALFORMED: readonly (readonly [string, string])[] = [
  ['x', 'x at byte 0'],
  ['{', 'the end of the line'],
  ['}', '} at byte 0'],
  ['{"a"', 'the end of the line'],
  ['{"a":', 'the end of the line'],
  ['{"a":1', 'the end of the line'],
  ['{"a":1,', 'the end of the line'],
  ['{"a":1,}', '} at byte 7'],
  ['{,"a":1}', ', at byte 1'],
  ['{"a":1,,"b":2}', ', at byte 7'],
  ['{"a":1 "b":2}', '" at byte 7'],
  ['{"a":1;"b":2}', '; at byte 6'],
  ['{"a" 1}', '1 at byte 5'],
  ['{"a"::1}', ': at byte 5'],
  ['{"a":}', '} at byte 5'],
  ['{a:1}', 'a at byte 1'],
  ["{'a':1}", "' at byte 1"],
  ['{1:1}', '1 at byte 1'],
  ['{null:1}', 'null at byte 1'],
  ['{"a":1}}', '} at byte 7'],
  ['{"a":1}{"b":2}', '{ at byte 7'],
  ['{"a":1},', ', at byte 7'],
  ['{} x', 'x at byte 3'],
  ['{"a":1]', '] at byte 6'],
  ['{"a":[1}', '} at byte 7'],
  ['{"a":[1,]}', '] at byte 8'],
  ['{"a":[,1]}', ', at byte 6'],
  ['{"a":[1 2]}', '2 at byte 8'],
  ['{"a":[1', 'the end of the line'],
  ['{"a":["x"', 'the end of the line'],
  ['{"a":NaN}', 'NaN at byte 5'],
  ['{"a":Infinity}', 'Infinity at byte 5'],
  ['{"a":-Infinity}', '-Infinity at byte 5'],
  ['{"a":undefined}', 'undefined at byte 5'],
  ['{"a":True}', 'True at byte 5'],
  ['{"a":nul}', 'nul at byte 5'],
  ['{"a":nulll}', 'l at byte 9'],
  ['{"a":truefalse}', 'false at byte 9'],
  ['{"a":01}', '1 at byte 6'],
  ['{"a":-01}', '1 at byte 7'],
  ['{"a":1.}', '. at byte 6'],
  ['{"a":.5}', '.5 at byte 5'],
  ['{"a":1.e2}', '.e2 at byte 6'],
  ['{"a":+1}', '+1 at byte 5'],
  ['{"a":-}', '- at byte 5'],
  ['{"a":--1}', '--1 at byte 5'],
  ['{"a":1e}', 'e at byte 6'],
  ['{"a":1e+}', 'e+ at byte 6'],
  ['{"a":1-2}', '-2 at byte 6'],
  ['{"a":0x10}', 'x10 at byte 6'],
  ['{"a":1_000}', '_000 at byte 6'],
  ['{"a":1a}', 'a at byte 6'],
  ['{"a":１}', '１ at byte 5'],
  ['{"a":"x}', 'the end of the line'],
  ['{"a":"x\\"}', 'the end of the line'],
  ['{"a":"x\\', 'the end of the line'],
  ['{"a":"\\u12', '12 at byte 8'],
  ['{"a":"\\u12G4"}', '12G4 at byte 8'],
  ['{"a":"\\U0041"}', 'U0041 at byte 7'],
  ['{"a":"\\x41"}', 'x41 at byte 7'],
  ['{"a":"\\\'"}', "' at byte 7"],
  ['{"a":"\\0"}', '0 at byte 7'],
  ['{"a":"x\ty"}', 'U+0009 at byte 7'],
  ['{"a":"x\u0000"}', 'U+0000 at byte 7'],
  ['{"a\u001f":1}', 'U+001F at byte 3'],
  ['{"a":1}\u0000', 'U+0000 at byte 7'],
  ['{\u00a0"a":1}', 'U+00A0 at byte 1'],
  ['\u2028{}', 'U+2028 at byte 0'],
  ['\ufeff{"a":1}', 'U+FEFF at byte 0'],
  ['{\f"a":1}', 'U+000C at byte 1'],
  ['{"é":"é",}', '} at byte 11'],
  ['{"a":1} // note', '/ at byte 8'],
  ['{"a":/* */1}', '/ at byte 5'],
  ['{"a":{"b":[{"c":\u2026', '\u2026 at byte 16'],
  ['"a', 'the end of the line'],
  ['[1,2', 'the end of the line'],
  ['ticket_id,status', 'ticket_id at byte 0'],
  ['<html>', '< at byte 0'],
];

const REJECTED: readonly (readonly [string, string, string])[] = [
  ['{"a":1,"a":1}', 'duplicate_key', '/a'],
  ['{"a":1,"b":2,"a":3}', 'duplicate_key', '/a'],
  ['{"a":1,"\\u0061":2}', 'duplicate_key', '/a'],
  ['{"":1,"":2}', 'duplicate_key', '/'],
  ['{"x/y":1,"x\\/y":2}', 'duplicate_key', '/x~1y'],
  ['{"a":{"b":1,"b":2}}', 'duplicate_key', '/a/b'],
  ['{"a":[{},{"b":1,"b":2}]}', 'duplicate_key', '/a/1/b'],
  ['{"__proto__":1,"__proto__":2}', 'duplicate_key', '/__proto__'],
  ['{"1":1,"1":2}', 'duplicate_key', '/1'],
  ['{"a":1,"a":', 'duplicate_key', '/a'],
  ['{"a":"\\ud800"}', 'invalid_unicode', '/a'],
  ['{"a":"\\uDFFF"}', 'invalid_unicode', '/a'],
  ['{"a":"\\ude00\\ud83d"}', 'invalid_unicode', '/a'],
  ['{"a":"\\ud83dx"}', 'invalid_unicode', '/a'],
  ['{"a":["x","\\ud83d\\ud83d\\ude00"]}', 'invalid_unicode', '/a/1'],
  ['{"a":{"\\udabc":1}}', 'invalid_unicode', '/a'],
  ['{"a":[[[[1]]]]}', 'too_deep', '/a/0/0/0'],
  ['{"a":{"a":{"a":{"a":{}}}}}', 'too_deep', '/a/a/a/a'],
  ['[1]', 'not_an_object', ''],
  ['[]', 'not_an_object', ''],
  ['null', 'not_an_object', ''],
  ['true', 'not_an_object', ''],
  ['0', 'not_an_object', ''],
  ['1e999', 'not_an_object', ''],
  ['""', 'not_an_object', ''],
  ['"{}"', 'not_an_object', ''],
  ['[{"a":1}]', 'not_an_object', ''],
];

const INVALID_UTF8: readonly (readonly [string, number[], number])[] = [
  ['a lone continuation byte', [0x80], 0],
  ['an overlong slash', [0xc0, 0xaf], 0],
  ['an overlong slash in three bytes', [0xe0, 0x80, 0xaf], 0],
  ['an overlong NUL', [0xc0, 0x80], 0],
  ['a surrogate encoded as a character', [0xed, 0xa0, 0x80], 0],
  ['a surrogate pair encoded as two characters', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], 0],
  ['a code point beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
  ['a byte that UTF-8 never uses', [0xff], 0],
  ['a Latin-1 letter', [0x63, 0x61, 0x66, 0xe9], 3],
  ['a character cut short', [0x61, 0xe4, 0xb8], 1],
  ['the first bytes of a replacement character', [0x61, 0xef, 0xbf], 1],
  ['bad bytes behind a true replacement character', [0xef, 0xbf, 0xbd, 0xc3, 0x28], 3],
];

describe('a line that is one JSON object', () => {
  for (const [line, expected] of RECORDS) {
    it(`is read exactly: ${JSON.stringify(line)}`, () => {
      assert.deepStrictEqual(recordOf(line).value, expected);
    });
  }

  it('keeps __proto__ as a key like any other, on either way of reading', () => {
    for (const line of ['{"__proto__":{"a":1},"b":2}', '{"__proto__":{"a":1},"b":2e0}']) {
      const { value, plain } = recordOf(line);
      for (const record of [value, plain] as object[]) {
        assert.deepStrictEqual(Object.keys(record), ['__proto__', 'b'], line);
        assert.equal(Object.getPrototypeOf(record), Object.prototype, line);
      }
    }
  });

  it('keeps an escaped key, whatever keys the records before it had', () => {
    for (const poison of ['{"b":{},"\\\\":1}', '{"b":{},"a\\\\":1}']) recordOf(poison);
    assert.deepStrictEqual(recordOf('{"b":{},"\\n":1}').value, { b: {}, '\n': 1 });
    assert.deepStrictEqual(recordOf('{"b":{},"a\\u0041":1}').value, { b: {}, aA: 1 });
  });

  it('is given to the judge with the nearest double in place of a number that no double holds', () => {
    assert.deepStrictEqual(recordOf('{"a":[9007199254740993],"b":1}').plain, { a: [9007199254740992], b: 1 });
  });

  it('may nest as deep as the limit', () => {
    assert.deepStrictEqual(recordOf('{"a":[[[1]]]}').value, { a: [[[1]]] });
  });
});

describe('a line that is not JSON', () => {
  for (const [line, received] of MALFORMED) {
    it(`says where it stops being JSON: ${JSON.stringify(line)}`, () => {
      const violation = violationOf(line);
      assert.equal(violation.rule, 'malformed_json');
      assert.equal(violation.received, received);
    });
  }

  it('says in which value and what was expected there', () => {
    assert.deepEqual(violationOf('{"a":[{"b":1},{"b":tru}]}'), {
      rule: 'malformed_json',
      pointer: '/a/1/b',
      expected: 'a JSON value',
      received: 'tru at byte 19',
    });
  });
});

describe('a line that JSON allows and a record may not be', () => {
  for (const [line, rule, pointer] of REJECTED) {
    it(`is rejected as ${rule}: ${JSON.stringify(line)}`, () => {
      const violation = violationOf(line);
      assert.deepEqual([violation.rule, violation.pointer], [rule, pointer]);
    });
  }

  it('names the second of two equal keys by its byte', () => {
    assert.equal(violationOf('{"é":1,"é":2}').received, 'again at byte 8');
  });

  it('says what a value that is not an object is', () => {
    const received = ['[]', 'null', 'true', '"x"', '1', '1e999'].map((line) => violationOf(line).received);
    assert.deepEqual(received, ['array', 'null', 'boolean', 'string', 'number', 'number']);
  });

  it('is too deep at any depth, without an end to the stack', () => {
    for (const opening of ['[', '{"a":', '[{"a":']) {
      assert.equal(violationOf(opening.repeat(1_000_000)).rule, 'too_deep');
    }
    assert.equal(violationOf(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).rule, 'too_deep');
  });
});

describe('a line that is not UTF-8', () => {
  for (const [name, bytes, offset] of INVALID_UTF8) {
    it(`says at which byte: ${name}`, () => {
      const opening = Buffer.from('{"a":"é');
      const violation = violationOf([...opening, ...bytes, 0x22, 0x7d]);
      assert.equal(violation.rule, 'invalid_utf8');
      const at = opening.length + offset;
      const byte = bytes[offset]?.toString(16).padStart(2, '0');
      assert.equal(violation.received, `0x${byte} at byte ${at}`);
    });
  }

  it('says so at the very end of the line', () => {
    assert.equal(violationOf([0x7b, 0x7d, 0xf0, 0x9f, 0x98]).received, '0xf0 at byte 2');
  });

  it('is judged before anything else is wrong with it', () => {
    assert.equal(violationOf([0x7b, 0x7b, 0xff]).rule, 'invalid_utf8');
  });
});

it('a line that was too long to hold says how long it was', () => {
  assert.deepEqual(lineTooLong(17, { lineBytesMax: 16 }), {
    rule: 'line_too_long',
    pointer: '',
    expected: 'at most 16 bytes',
    received: '17 bytes',
  });
});
