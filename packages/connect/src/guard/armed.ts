import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Command } from '../contract/command.js';

/** The words of an armed command that cross a process border: its seal says who armed it, and that nothing was changed. */
export interface Sealed {
  readonly command: Command;
  /** The link's epoch that it was armed under; under another one it is void. */
  readonly epoch: string;
  readonly seal: string;
}

const armed = new WeakSet<object>();
declare const brand: unique symbol;

/**
 * A command that the guard has let through. Nobody else can make one: its constructor is private to this file (a type
 * error elsewhere), and `isArmed` knows every one that was made (a run-time check against casts).
 */
export interface Armed extends Sealed {
  readonly [brand]: true;
}

/** Whether the guard of this process made it (or its host unsealed it). Every connector asks before it sends. */
export function isArmed(one: unknown): one is Armed {
  return typeof one === 'object' && one !== null && armed.has(one);
}

/** For the guard alone: a test of the layers holds who imports it. */
export function arm(command: Command, epoch: string, key: Uint8Array): Armed {
  return keep({ command, epoch, seal: sealOf(command, epoch, key) });
}

/**
 * For the host of a connector in its own process alone: what came over the border, if its seal is right.
 * @throws RangeError where it is not: somebody but the guard made or changed it.
 */
export function unseal(sealed: Sealed, key: Uint8Array): Armed {
  const expected = Buffer.from(sealOf(sealed.command, sealed.epoch, key), 'hex');
  const given = Buffer.from(String(sealed.seal), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new RangeError('the seal of a command is wrong: it was not armed by this guard');
  return keep(sealed);
}

function keep(sealed: Sealed): Armed {
  const one = Object.freeze({ ...sealed, command: Object.freeze({ ...sealed.command }) });
  armed.add(one);
  return one as Armed;
}

function sealOf(command: Command, epoch: string, key: Uint8Array): string {
  const words = Object.entries(command)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, typeof value, value instanceof Uint8Array ? [...value] : wordOf(value)]);
  return createHmac('sha256', key)
    .update(JSON.stringify([epoch, words]))
    .digest('hex');
}

/** A zero with a sign is not one without. */
const wordOf = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value));
