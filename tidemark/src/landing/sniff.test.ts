import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sniffMediaType } from './sniff.ts';

async function typeOf(head: string | Uint8Array, name = 'file'): Promise<string> {
  const { mediaType } = await sniffMediaType({
    head: typeof head === 'string' ? Buffer.from(head) : head,
    name,
  });
  return mediaType;
}

async function assertTypes(
  expected: string,
  files: readonly (readonly [head: string | Uint8Array, name?: string])[],
) {
  for (const [head, name] of files)
    assert.equal(await typeOf(head, name), expected, `${name ?? ''} ${String(head).slice(0, 60)}`);
}

const wave = Buffer.concat([
  Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1'),
  Buffer.alloc(40),
]);
const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const mp4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(64)]);

describe('sniffing the type of a file from its first bytes', () => {
  it('knows binary files by their marks, whatever they are called', async () => {
    await assertTypes('audio/wav', [
      [wave, 'call.wav'],
      [wave, 'manual.pdf'],
    ]);
    await assertTypes('image/png', [[png, 'a.png']]);
    await assertTypes('video/mp4', [[mp4, 'a.mp4']]);
    await assertTypes('application/pdf', [
      [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3', 'latin1'), 'call.wav'],
      ['%PDF-1.4\nan all-ASCII document'],
      ['\uFEFF\n%PDF-1.4\n'],
    ]);
  });

  it('knows a page by its document type or first element after byte order mark, blanks and comments', async () => {
    await assertTypes('text/html', [
      ['<!DOCTYPE html><html></html>'],
      ['\uFEFF\r\n <!-- made by x --> <!doctype HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">'],
      ['<html lang="en">', 'guide.md'],
      ['<body class=x>'],
      ['<!-- a\n> b --><!-- c --><HTML>'],
      [Buffer.from('<html><title>caf\xe9</title>', 'latin1')],
      [Buffer.from('\uFEFF<!doctype html><p>', 'utf16le')],
    ]);
    await assertTypes('application/xhtml+xml', [['<?xml version="1.0"?><html xmlns="x">']]);
    await assertTypes('application/xml', [['<?xml version="1.0"?><!DOCTYPE feed><feed>']]);
    await assertTypes('image/svg+xml', [['<svg xmlns="x">'], ['<?xml version="1.0"?><!-- c --><svg >']]);
  });

  it('takes a piece of a page for HTML unless its name says plain text or Markdown', async () => {
    const piece = '<div align="center"><h1>Install</h1></div>';
    await assertTypes('text/html', [[piece, 'install.html'], [piece]]);
    await assertTypes('text/markdown', [
      [piece, 'README.md'],
      ['<!-- lint off -->\n# Title', 'a.markdown?v=2'],
    ]);
    await assertTypes('text/plain', [
      [piece, 'a.txt'],
      ['<divide> and conquer'],
      ['<https://example.org>'],
      ['<'],
    ]);
  });

  it('knows JSON lines by a first object, and tells them from a JSON document', async () => {
    await assertTypes('application/x-ndjson', [
      ['{"a":1}\n{"a":2}\n'],
      ['\uFEFF\n\n  {"a":1}\r\n'],
      ['{"a":1}\n{"broken', 'x.json'],
      [Buffer.from('{"a":"caf\xe9"}\n{"a":2}', 'latin1')],
      [`{"a":"${'x'.repeat(70_000)}`.slice(0, 65_536)],
      ['not json\n{"a":1}\n', 'tickets.jsonl'],
      ['{"a":1,}\n{"a":1}\n', 'tickets.ndjson'],
    ]);
    await assertTypes('application/json', [
      ['{"a":1}', 'one.json'],
      ['{\n  "a": 1,\n  "b": ['],
      ['[{"a":1},{"a":2}'],
      ['[]'],
      ['{}\n', 'a.json'],
      ['[1,\n2]', 'x.jsonl'],
    ]);
    await assertTypes('text/plain', [
      ['[link](https://example.org)'],
      ['{name} is a template'],
      ['"a string"'],
      ['17'],
      ['not json\n{"a":1}\n', 'notes.txt'],
    ]);
  });

  it('does not take prose for a binary file whose mark it happens to begin with', async () => {
    await assertTypes('text/plain', [
      ['BMW service manual'],
      ['MZ is how programs begin'],
      ['OTTO'],
      ['ID3 tags explained'],
      ['GIF89a files, a history'],
      ['FLV and other formats'],
    ]);
  });

  it('accepts text whose last character the head cuts, and nothing that is not UTF-8', async () => {
    const cut = Buffer.from('Anleitung für Geräte – überall €').subarray(0, -1);
    await assertTypes('text/plain', [[cut], [Buffer.from('\uFEFFGerät {"a":1}', 'utf16le')]]);
    await assertTypes('application/octet-stream', [
      [Buffer.from('Anleitung f\xfcr', 'latin1')],
      ['a\0b'],
      [Buffer.from('\uFEFFa\0b', 'utf16le')],
      [Buffer.from([1, 2, 3, 4])],
    ]);
  });

  it('names the kind of plain text by its ending alone', async () => {
    await assertTypes('text/csv', [['a,b\n1,2\n', 'a.csv']]);
    await assertTypes('application/yaml', [['openapi: 3.1.0\n', 'api.yml']]);
    await assertTypes('text/plain', [
      ['a,b\n1,2\n', 'a.unknown'],
      [' \n', 'a.jsonl'],
    ]);
  });

  it('says of an empty file that it is empty', async () => {
    await assertTypes('application/x-empty', [
      ['', 'a.pdf'],
      ['', 'a.jsonl'],
    ]);
  });

  it('answers for any bytes and any name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.string(), async (head, name) => {
        assert.match(await typeOf(head, name), /^[a-z]+\/[a-z0-9.+-]+$/);
      }),
      { numRuns: 300 },
    );
  });
});
