import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Addresses that a stranger's URL must not lead to: networks of one's own, the machine itself, its cloud's metadata. */
const NOT_PUBLIC_IPV4 = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]);

/** Of IPv6 the reverse holds: only what is handed out is public, and of that not the stretches for special purposes. */
const GLOBAL_IPV6 = blockList([['2000::', 3]]);
const SPECIAL_IPV6 = blockList([
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

/** Prefixes of IPv6 addresses that are IPv4 addresses in their last 32 bits: mapped ones, and those of a NAT64. */
const IPV4_INSIDE = blockList([
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
]);

/** Whether an address is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC_IPV4.check(address);
  if (!isIPv6(address) || address.includes('%')) return false;
  const inside = ipv4Inside(address);
  if (inside !== null) return isPublicAddress(inside);
  return GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6');
}

/** Entries of `http.allow_private`: a host, `host:port`, an address, or a network such as `10.1.0.0/16`. */
export function isAllowed(
  { host, port, address }: { host: string; port: string; address: string },
  allowed: readonly string[],
): boolean {
  const plain = ipv4Inside(address) ?? address;
  return allowed.some((entry) => {
    if (entry === host || entry === `${host}:${port}`) return true;
    const [network = '', prefix] = entry.split('/');
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    if (family === 'ipv6' && !isIPv6(network)) return false;
    if (isIPv4(plain) !== (family === 'ipv4')) return false;
    const list = new BlockList();
    list.addSubnet(network, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
    return list.check(plain, family);
  });
}

function ipv4Inside(address: string): string | null {
  if (!isIPv6(address) || !IPV4_INSIDE.check(address, 'ipv6')) return null;
  // The URL parser writes every address in one form: the last two groups are the last 32 bits.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':').slice(-2);
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks)
    list.addSubnet(network, prefix, isIPv4(network) ? 'ipv4' : 'ipv6');
  return list;
}
