import type { Names, Session } from '@selvedge/core/records';
import type { SiteConfig } from './site-config.js';

type Words = Session['words'];

/**
 * What the words of a plant are called in the languages of its console: those of its packs, and over them what its own
 * configuration says of answers, channels and kinds of interventions.
 *
 * @param packs names by word, as the packs give them
 */
export function wordsOfPlant(
  { stations, interventions }: Pick<SiteConfig, 'stations' | 'interventions'>,
  packs: Readonly<Record<string, Names>> = {},
): Words {
  const words = new Map<string, Names>(Object.entries(packs));
  for (const [word, names] of named({ stations, interventions }))
    words.set(word, { ...words.get(word), ...names });
  return Object.fromEntries(words);
}

function* named({
  stations,
  interventions,
}: Pick<SiteConfig, 'stations' | 'interventions'>): Generator<readonly [string, Names]> {
  for (const { observation, choices } of stations) {
    const channels = 'channels' in observation ? observation.channels : [];
    for (const { name, names } of channels) if (names !== undefined) yield [name, names];
    for (const { label, names } of choices) if (names !== undefined) yield [label, names];
  }
  for (const { type, names } of interventions) if (names !== undefined) yield [type, names];
}
