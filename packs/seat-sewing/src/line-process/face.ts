import type { Value } from '@selvedge/connect';

/** Says whether a value was taken; a text is the reason why not. */
export type OnWrite = (tag: string, value: Value) => true | string;

/** How a machine shows itself to whoever is connected: tags out, writes in. */
export interface Face {
  /** Sets several tags at once, the last one last. */
  set(values: Readonly<Record<string, Value>>): void;
  close(): Promise<void>;
}
