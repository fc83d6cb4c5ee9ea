import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A device that keeps one passkey: ES256, attestation none, discoverable. */
export interface Authenticator {
  readonly id: string;
  counter: number;
  /** Flags of the authenticator data: user present 1, user verified 4. */
  flags: number;
  create(options: { challenge: string; user: { id: string } }, origin: string): object;
  get(options: { challenge: string }, origin: string): object;
}

const PRESENT_AND_VERIFIED = 0b101;
const WITH_KEY = 0b100_0000;

export function createAuthenticator(rpId = 'localhost'): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credential = randomBytes(32);
  let handle: string | null = null;
  const device: Authenticator = {
    id: credential.toString('base64url'),
    counter: 1,
    flags: PRESENT_AND_VERIFIED,
    create({ challenge, user }, origin) {
      handle = user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credential.length);
      const key = Buffer.concat([Buffer.alloc(16), length, credential, coseKey(publicKey)]);
      const data = Buffer.concat([head(device.flags | WITH_KEY), key]);
      // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
      const attestation = Buffer.concat([
        Buffer.from([0xa3, 0x63]),
        Buffer.from('fmt'),
        Buffer.from([0x64]),
        Buffer.from('none'),
        Buffer.from([0x67]),
        Buffer.from('attStmt'),
        Buffer.from([0xa0, 0x68]),
        Buffer.from('authData'),
        bytes(data),
      ]);
      return envelope({
        clientDataJSON: clientData('webauthn.create', challenge, origin).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      });
    },
    get({ challenge }, origin) {
      device.counter += 1;
      const data = head(device.flags);
      const client = clientData('webauthn.get', challenge, origin);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return envelope({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
        userHandle: handle,
      });
    },
  };
  const envelope = (response: object): object => ({
    id: device.id,
    rawId: device.id,
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });
  /** WebAuthn level 3, section 6.1: hash of the relying party, flags, counter. */
  const head = (flags: number): Buffer => {
    const rest = Buffer.alloc(5);
    rest.writeUInt8(flags);
    rest.writeUInt32BE(device.counter, 1);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), rest]);
  };
  return device;
}

const clientData = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

/** CBOR byte string of up to 65535 bytes, in its shortest form. */
function bytes(data: Buffer): Buffer {
  const { length } = data;
  const head = length < 256 ? [0x58, length] : [0x59, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), data]);
}

/** COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y} */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    bytes(Buffer.from(x, 'base64url')),
    Buffer.from([0x22]),
    bytes(Buffer.from(y, 'base64url')),
  ]);
}
