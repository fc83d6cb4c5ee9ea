import { passkeySchema, sessionSchema, webAuthnOptionsSchema } from '@selvedge/core/records';
import type { Client, Fault } from './client.js';
import { DO } from './paths.js';

/** `device`: the browser or its owner gave no passkey; a fault is what the server said. */
export type PasskeyResult = 'done' | 'device' | Fault;

/** True where the browser has passkeys and the address may have them: a name (no number), by https or this machine. */
export const canPasskey = (): boolean =>
  isSecureContext &&
  !/^[\d.:[\]]+$/.test(location.hostname) &&
  'PublicKeyCredential' in globalThis &&
  'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** Makes a passkey on this device for who is signed in. */
export async function addPasskey(client: Client, name: string): Promise<PasskeyResult> {
  const options = await client.send(DO.passkeyOptions, {}, webAuthnOptionsSchema);
  if (!options.ok) return options.fault;
  const credential = await fromDevice(() =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(
        options.value as unknown as PublicKeyCredentialCreationOptionsJSON,
      ),
    }),
  );
  if (credential === null) return 'device';
  const added = await client.send(DO.passkeys, { name, credential }, passkeySchema);
  return added.ok ? 'done' : added.fault;
}

/** Signs in by a passkey of this device. */
export async function signInByPasskey(client: Client): Promise<PasskeyResult> {
  const options = await client.send(DO.passkeyRequest, {}, webAuthnOptionsSchema);
  if (!options.ok) return options.fault;
  const credential = await fromDevice(() =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(
        options.value as unknown as PublicKeyCredentialRequestOptionsJSON,
      ),
    }),
  );
  if (credential === null) return 'device';
  const signedIn = await client.send(DO.passkeySignIn, { credential }, sessionSchema);
  return signedIn.ok ? 'done' : signedIn.fault;
}

/** What the device gives, as JSON (WebAuthn level 3, section 5.1); null where it gives nothing or the person said no. */
async function fromDevice(ask: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = await ask();
    return credential instanceof PublicKeyCredential ? credential.toJSON() : null;
  } catch {
    return null;
  }
}
