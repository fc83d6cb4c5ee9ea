import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Command } from '../../src/contract/command.js';
import type { Context, Link, LinkState } from '../../src/contract/connector.js';
import type { Item, Sample } from '../../src/contract/item.js';
import { type Tag, tagSchema } from '../../src/contract/tag.js';
import { opcUaConfig } from '../../src/opc-ua/config.js';
import { opcUa } from '../../src/opc-ua/connector.js';

export const NAMESPACE = 'urn:test:equipment';
export const KEY = new Uint8Array(32).fill(7);

/** A tag whose name is its string id at the test server. */
export function tagOf(tag: Partial<z.input<typeof tagSchema>> & Pick<Tag, 'tag' | 'type'>): Tag {
  return tagSchema.parse({ address: `nsu=${NAMESPACE};s=${tag.tag}`, sampleMs: 50, ...tag });
}

export function commandFor(target: string, value: Command['value'], more: Partial<Command> = {}): Command {
  return {
    id: `c-${target}`,
    target,
    value,
    decision: 'd',
    release: 'r',
    gate: 'g',
    notAfterMs: Date.now() + 10_000,
    ...more,
  };
}

export interface Followed {
  readonly link: Link;
  readonly states: LinkState[];
  readonly items: Item[];
  readonly logs: string[];
  readonly samplesOf: (tag: string) => Sample[];
  /** The state in which `wanted` was seen first after `from` states. */
  readonly state: (wanted: LinkState['state'], from?: number) => Promise<LinkState>;
}

/** Opens a link and follows its states and batches until it is closed. */
export async function follow(
  config: z.input<typeof opcUaConfig>,
  folder: string,
  tags: readonly Tag[] | null,
  secrets: Readonly<Record<string, string>> = {},
): Promise<Followed> {
  await mkdir(folder, { recursive: true });
  const logs: string[] = [];
  const context: Context = {
    signal: new AbortController().signal,
    nowMs: Date.now,
    steadyMs: () => performance.now(),
    random: () => 0.5,
    secret: async (name) => {
      const value = secrets[name];
      if (value === undefined) throw new Error(`there is no secret ${name}`);
      return value;
    },
    folder,
    log: (event) => logs.push(event),
  };
  const link = await opcUa.open(opcUaConfig.parse(config), context);
  const states: LinkState[] = [];
  const items: Item[] = [];
  void (async () => {
    for await (const one of link.states()) states.push(one);
  })();
  if (tags)
    void (async () => {
      for await (const batch of link.batches(tags)) {
        items.push(...batch.items);
        await batch.ack();
      }
    })();
  return {
    link,
    states,
    items,
    logs,
    samplesOf: (tag) => items.filter((one): one is Sample => one.kind === 'sample' && one.tag === tag),
    state: (wanted, from = 0) =>
      until(`state ${wanted}`, () => states.slice(from).find(({ state }) => state === wanted), states),
  };
}

/** The first value that `look` finds in time. */
export async function until<T>(
  what: string,
  look: () => T | undefined | null | false,
  seen?: unknown,
  withinMs = 20_000,
): Promise<T> {
  for (let from = performance.now(); performance.now() - from < withinMs; ) {
    const found = look();
    if (found !== undefined && found !== null && found !== false) return found;
    await pause(10);
  }
  throw new Error(`waited in vain for ${what}; seen: ${JSON.stringify(seen)}`);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A folder for one test file. */
export async function folderOf(name: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `selvedge-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
