import type { Observation } from '@selvedge/models';

export type SplitName = 'fit' | 'calibrate' | 'stream' | 'train' | 'val' | 'test';

/** One labelled unit of a data set: the index only, its observation is read when it is needed. */
export interface DatasetItem {
  readonly id: string;
  /** `good` or the name of a bad class. */
  readonly label: string;
  readonly group: string | null;
  /** Epoch ms, or null where the set has no time. */
  readonly atMs: number | null;
  readonly split: SplitName | null;
  /** `file:line` or a path, for messages. */
  readonly source: string;
  /** Why the item cannot be used, or null. A damaged item is never guessed: a person decides. */
  readonly fault: string | null;
  /** SHA-256 (first 32 hex digits) of the observation's content. */
  readonly contentHash: string;
  /** What a careless model could use in place of the content, by name (pictures: width, height, bytes). */
  readonly surface: Readonly<Record<string, number>> | null;
}

export interface Dataset {
  readonly name: string;
  readonly layout: 'folder' | 'table' | 'cycles';
  readonly observation: 'series' | 'image' | 'map' | 'row' | 'score';
  /** Names of the features of a row, in order; null for other kinds. */
  readonly featureNames: readonly string[] | null;
  readonly items: readonly DatasetItem[];
  /** SHA-256 hex over ids, labels, groups, times, splits and contents in order. */
  readonly hash: string;
  /** What was ignored on reading (columns, other files), in plain words. */
  readonly notes: readonly string[];
  /** Reads one observation. Throws an Error with the reason where the item is damaged. */
  read(index: number): Promise<Observation>;
  /** Releases temporary files. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Column name, regular expression on the path, or a two-column CSV file path,group. */
  readonly group?: string | undefined;
  readonly scoreDirection: 'higher-worse' | 'lower-worse';
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((done: number, what: string) => void) | undefined;
}

export const isBad = (item: Pick<DatasetItem, 'label'>): boolean => item.label !== 'good';

/** The names under which good units are filed; every other name is a bad class. */
export const isGoodName = (name: string): boolean => /^(good|ok|pass)$/i.test(name);
