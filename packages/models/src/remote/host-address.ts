import { isIP } from 'node:net';

/** Where a request would go, in the one spelling that is compared. */
export interface Target {
  readonly secure: boolean;
  /** Lower case, Punycode, without brackets or a trailing dot; an address in its shortest form. */
  readonly host: string;
  readonly port: number;
  /** Whether `host` is an address and not a name. */
  readonly literal: boolean;
}

/**
 * The target of an address. Decimal, octal and hexadecimal forms of IPv4 come out dotted, IPv4 in IPv6 as IPv4.
 * @throws Error for what is no http address, or one that carries a user (`http://allowed@other/` goes to `other`).
 */
export function targetOf(url: URL): Target {
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') throw new Error(`${url.protocol} is neither http: nor https:`);
  if (url.username !== '' || url.password !== '')
    throw new Error('an address with a user in it is not asked');
  const host = plainHost(url.hostname);
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host, port, literal: isIP(host) !== 0 };
}

/** Whether one of `allowed` (`host`: every port; `host:port`: that one) is the target. */
export function isAllowed({ host, port }: Target, allowed: readonly string[]): boolean {
  return allowed.some((entry) => {
    const [, name = entry, at] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(entry.trim()) ?? [];
    if (at !== undefined && Number(at) !== port) return false;
    if (/[@/\\?#\s]/.test(name) || name === '') return false;
    try {
      return plainHost(new URL(`http://${isIP(name) === 6 ? `[${name}]` : name}/`).hostname) === host;
    } catch {
      return false;
    }
  });
}

function plainHost(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  return isIP(bare) === 0 ? bare.toLowerCase() : plainAddress(bare);
}

/** An address in one spelling: IPv6 shortened, without its zone, IPv4 in IPv6 (`::ffff:a.b.c.d`) as IPv4. */
export function plainAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const short = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * What lies behind an address in its plain spelling: this machine, the link it hangs on (RFC 3927, RFC 4291 2.5.6: where
 * clouds keep their metadata), nobody in particular (unspecified, multicast, reserved), or somebody else.
 */
export function placeOf(address: string): 'here' | 'link' | 'nobody' | 'elsewhere' {
  if (isIP(address) === 4) {
    const [a = 0, b = 0] = address.split('.').map(Number);
    if (a === 127) return 'here';
    if (a === 0 || a >= 224) return 'nobody';
    return a === 169 && b === 254 ? 'link' : 'elsewhere';
  }
  if (address === '::1') return 'here';
  if (address === '::' || address.startsWith('ff')) return 'nobody';
  return /^fe[89ab]/.test(address) ? 'link' : 'elsewhere';
}
