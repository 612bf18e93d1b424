/** The part of seek-bzip 2.0.0 that is used: its decoder, block by block. */
declare module 'seek-bzip' {
  interface ByteInput {
    readByte(): number;
    read(into: Buffer, offset: number, length: number): number;
    eof(): boolean;
  }
  interface ByteOutput {
    writeByte(byte: number): void;
  }
  export default class Bunzip {
    /** Reads the head of the first stream. */
    constructor(input: ByteInput, output: ByteOutput);
    readonly reader: { read(bits: number): number };
    /** Of the blocks of this stream so far. */
    readonly streamCRC: number;
    /** Reads the next block; false where the stream ends, in front of its sum. */
    _init_block(): boolean;
    /** Writes the block that was read, and checks its sum. */
    _read_bunzip(): number;
    /** Reads the head of the next stream. */
    _start_bunzip(input: ByteInput, output: ByteOutput): void;
  }
}
