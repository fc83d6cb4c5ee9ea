import { hash, verify } from '@node-rs/argon2';

/** Null where the hash of passwords works on this machine; otherwise why not. */
export async function hashingFault(): Promise<string | null> {
  try {
    const made = await hash('probe', { memoryCost: 1024, timeCost: 1, parallelism: 1 });
    return (await verify(made, 'probe')) ? null : 'it does not know its own hash';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
