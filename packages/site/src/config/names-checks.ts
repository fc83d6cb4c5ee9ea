import { languageSchema } from '@selvedge/core/records';
import type { Draft } from './draft.js';
import { type Finding, pathText } from './fault.js';

/** One name in one language, and the word that it is given to. */
interface Named {
  readonly word: string;
  readonly language: string;
  readonly name: string;
  readonly at: Draft;
}

/**
 * A word has one name in a language wherever it stands, and no two answers of a station read alike: a person would press
 * one for the other.
 */
export function namesChecks(root: Draft): Finding[] {
  const stations = root.at('stations').items();
  const answers = stations.map((station) => namesOf(station.at('choices'), 'label'));
  const channels = stations.flatMap((station) => namesOf(station.at('observation', 'channels'), 'name'));
  const acts = namesOf(root.at('interventions'), 'type');
  return [
    ...differing([...answers.flat(), ...channels, ...acts]),
    ...answers.flatMap((own, i) => alike(own, stations[i]?.at('choices'))),
  ];
}

function namesOf(list: Draft, key: string): Named[] {
  return list.items().flatMap((item) =>
    languageSchema.options.flatMap((language) => {
      const at = item.at('names', language);
      const [word, name] = [item.at(key).text(), at.text()];
      return word === null || name === null ? [] : [{ word, language, name, at }];
    }),
  );
}

function differing(all: readonly Named[]): Finding[] {
  const first = new Map<string, Named>();
  return all.flatMap((one) => {
    const key = JSON.stringify([one.language, one.word]);
    const other = first.get(key);
    if (other === undefined) first.set(key, one);
    return other === undefined || other.name === one.name
      ? []
      : [
          {
            path: one.at.path,
            code: 'conflict' as const,
            what: `calls "${one.word}" "${one.name}", and ${pathText(other.at.path)} calls it "${other.name}"`,
            cure: 'Give one word one name',
          },
        ];
  });
}

function alike(own: readonly Named[], choices: Draft | undefined): Finding[] {
  const labels = choices?.items().flatMap((item) => item.at('label').text() ?? []) ?? [];
  return own.flatMap((one, i) => {
    const same = own.slice(0, i).find(({ language, name }) => language === one.language && name === one.name);
    // Where an answer has no name in a language, its label is what people read there.
    const bare = labels.find(
      (label) =>
        label === one.name &&
        label !== one.word &&
        !own.some(({ word, language }) => word === label && language === one.language),
    );
    const other = same?.word ?? bare;
    return other === undefined || other === one.word
      ? []
      : [
          {
            path: one.at.path,
            code: 'conflict' as const,
            what: `is "${one.name}", as "${other}" is called too`,
            cure: 'Write names that nobody mixes up',
          },
        ];
  });
}
