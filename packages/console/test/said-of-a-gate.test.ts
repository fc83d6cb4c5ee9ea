import type { ProofView, StationCard } from '@selvedge/core/records';
import { createElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { WordsContext, wordsOf } from '../src/language/use-words.js';
import type { Site } from '../src/live/site.js';
import { createStore } from '../src/live/store.js';
import { SiteContext } from '../src/live/use-site.js';
import { DriftChart } from '../src/views/proof-charts.js';
import { Meaning, Readers } from '../src/views/proof-facts.js';
import { Card } from '../src/views/station-card.js';
import { proofView } from './fake-data.js';

const LANGUAGES = ['en', 'zh', 'id'] as const;
const site = { session: createStore({ value: null, fault: null }) } as unknown as Site;

/** What somebody reads, without the marks of the page. */
function read(what: ReactNode, language: (typeof LANGUAGES)[number] = 'en'): string {
  const words = createElement(WordsContext, { value: wordsOf(language, 'Etc/UTC') }, what);
  const page = renderToStaticMarkup(createElement(SiteContext, { value: site }, words));
  return page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

const proofOf = (station: string): ProofView => {
  const proof = proofView(station, Date.UTC(2026, 10, 24, 12));
  if (proof === null) throw new Error(`no station ${station}`);
  return proof;
};
const card = (more: Partial<StationCard>): StationCard => ({ ...proofOf('front').station, ...more });

describe('the card of a station', () => {
  it.each(['shadow', 'closed'] as const)('never says that a gate in %s decides', (state) => {
    const said = (automatic: number) =>
      read(
        createElement(Card, {
          last: null,
          card: card({ state, automatic, units: 100, automaticShare: automatic / 100 }),
        }),
      );
    expect(said(69)).toContain('Automatic earlier today 69%');
    expect(said(69)).toContain('69 of 100 units; none now');
    expect(said(0)).toContain('Automatic 0% none now');
    expect(said(0)).toContain('people judge all');
    for (const language of ['zh', 'id'] as const) {
      const element = createElement(Card, { last: null, card: card({ state, automatic: 69, units: 100 }) });
      const { automaticBefore, automatic } = {
        automaticBefore: 'automaticBefore',
        automatic: 'automatic',
      } as const;
      const { t } = wordsOf(language);
      expect(read(element, language)).toContain(t(automaticBefore));
      expect(t(automaticBefore)).not.toBe(t(automatic));
    }
  });

  it('says what a gate that decides has decided today, and no takt before it is known', () => {
    const open = read(
      createElement(Card, { last: null, card: card({ state: 'open', automatic: 69, units: 100 }) }),
    );
    expect(open).toContain('69 of 100 units');
    expect(open).not.toContain('earlier today');
    expect(read(createElement(Card, { last: null, card: card({ taktMs: null }) }))).toContain(
      'too few units yet',
    );
  });

  it('leaves the disk to the page: it is no trouble of one station', () => {
    const disk = { code: 'store-short' as const, part: null, values: { free: 900, floor: 1000 } };
    const worker = { code: 'retried' as const, part: 'camera', values: { why: 'worker stopped' } };
    const said = read(createElement(Card, { last: null, card: card({ troubles: [disk, worker] }) }));
    expect(said).toContain('Camera: worker stopped');
    expect(said).not.toContain('hard floor');
    expect(read(createElement(Card, { last: null, card: card({ troubles: [disk] }) }))).not.toContain(
      'Out of order',
    );
  });
});

describe('how far readers can be trusted', () => {
  const proof = (measured: ProofView['measured'], more: Partial<ProofView> = {}): ProofView => ({
    ...proofOf('side'),
    ...{ measured, seeds: { read: 0, missed: 0, needed: 60 } },
    ...{ readers: { pairs: 0, agreed: 0, kappa: null, interval: null }, ...more },
  });
  const both = (of: ProofView) =>
    read(
      createElement(
        'div',
        null,
        createElement(Meaning, { proof: of }),
        createElement(Readers, { proof: of }),
      ),
    );

  it('is not spoken of in figures where nothing measures it', () => {
    const said = both(proof({ doubleReadShare: 0, seedShare: 0 }));
    expect(said).toContain('is not measured at this station');
    for (const word of ['known-bad', 'second person', '60', 'judged twice']) expect(said).not.toContain(word);
  });

  it('is spoken of as far as something does, or did', () => {
    const twice = both(proof({ doubleReadShare: 0.1, seedShare: 0 }));
    expect(twice).toContain('goes to a second person');
    expect(twice).not.toContain('Known-bad');
    const seeded = both(proof({ doubleReadShare: 0, seedShare: 0.02 }));
    expect(seeded).toContain('0 of 60 known-bad units');
    expect(seeded).not.toContain('second person');
    const before = { seeds: { read: 12, missed: 1, needed: 60 } };
    expect(both(proof({ doubleReadShare: 0, seedShare: 0 }, before))).toContain('12 of 60 known-bad units');
  });
});

describe('the charts of drift', () => {
  it.each(LANGUAGES)('name what they measure and what follows where a line is crossed, in %s', (language) => {
    const { t } = wordsOf(language);
    const said = read(createElement(DriftChart, { proof: proofOf('front') }), language);
    for (const key of ['driftAxis', 'colTime', 'driftText'] as const) expect(said).toContain(t(key));
    for (const key of ['driftAlarm', 'driftClose', 'driftHarmWatch', 'driftHarmClose'] as const)
      expect(said).toContain(t(key).replace(/ ?\{level\}.*/, ''));
    expect(said).not.toContain('{level}');
  });
});
