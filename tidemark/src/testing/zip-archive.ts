import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** 0 stored, 8 deflated (the default); others are only claimed. */
  readonly method?: number;
  /** General purpose bits; 1: encrypted. */
  readonly flags?: number;
  readonly crc?: number;
  /** Of Unix, such as 0o120777 for a link. */
  readonly mode?: number;
  /** What the directory says of its size, in place of the truth. */
  readonly claimedBytes?: number;
}

const UTF8_NAMES = 0x800;

/** The bytes of a zip archive, well-formed or as wrong as a member says; `zip64` puts every size and offset there. */
export function zipArchive(members: readonly ZipMember[], { zip64 = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { local, central } = headersOf(member, { offset, zip64 });
    parts.push(...local);
    directory.push(central);
    offset += Buffer.concat(local).length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  for (const at of [8, 10]) end.writeUInt16LE(zip64 ? 0xffff : members.length, at);
  end.writeUInt32LE(zip64 ? 0xffffffff : central.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  const wide = zip64 ? [endOf64({ members: members.length, directoryBytes: central.length, offset })] : [];
  return Buffer.concat([...parts, central, ...wide, end]);
}

function headersOf(member: ZipMember, { offset, zip64 }: { offset: number; zip64: boolean }) {
  const { name, content, method = 8, flags = 0, mode } = member;
  const bytes = Buffer.from(content);
  const data = method === 8 ? deflateRawSync(bytes) : bytes;
  const sizes = {
    crc: member.crc ?? crc32(bytes),
    data: data.length,
    bytes: member.claimedBytes ?? bytes.length,
  };
  const file = Buffer.from(name);
  const common = (header: Buffer, at: number, wide: boolean) => {
    header.writeUInt16LE(45, at);
    header.writeUInt16LE(flags | UTF8_NAMES, at + 2);
    header.writeUInt16LE(method, at + 4);
    header.writeUInt32LE(sizes.crc, at + 10);
    header.writeUInt32LE(wide ? 0xffffffff : sizes.data, at + 14);
    header.writeUInt32LE(wide ? 0xffffffff : sizes.bytes, at + 18);
    header.writeUInt16LE(file.length, at + 22);
  };
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  common(local, 4, false);
  const extra = zip64 ? extraOf64([sizes.bytes, sizes.data, offset]) : Buffer.alloc(0);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(mode === undefined ? 20 : (3 << 8) | 20, 4);
  common(central, 6, zip64);
  central.writeUInt16LE(extra.length, 30);
  central.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 38);
  central.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
  return { local: [local, file, data], central: Buffer.concat([central, file, extra]) };
}

function extraOf64(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function endOf64({
  members,
  directoryBytes,
  offset,
}: {
  members: number;
  directoryBytes: number;
  offset: number;
}): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const at of [24, 32]) record.writeBigUInt64LE(BigInt(members), at);
  record.writeBigUInt64LE(BigInt(directoryBytes), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(offset + directoryBytes), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
