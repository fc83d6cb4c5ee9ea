import { describe, expect, it } from 'vitest';
import type { SiteConfig } from './site-config.js';
import { wordsOfPlant } from './words-of-plant.js';

const station = (choices: object[], channels: object[] = []) =>
  ({ choices, observation: { kind: 'series', channels } }) as unknown as SiteConfig['stations'][number];

describe('words of a plant', () => {
  it('are those of its packs, and what its own configuration says goes over them', () => {
    const words = wordsOfPlant(
      {
        stations: [
          station(
            [
              { label: 'good', bad: false },
              { label: 'skip', bad: true, names: { zh: '漏针' } },
            ],
            [{ name: 'force', unit: 'N', names: { id: 'gaya' } }],
          ),
        ],
        interventions: [{ type: 'clean-lens', names: { en: 'lens cleaned' } }, { type: 'bare' }],
      },
      { skip: { zh: '跳针', id: 'loncat' }, hide: { zh: '皮料' } },
    );
    expect(words).toEqual({
      skip: { zh: '漏针', id: 'loncat' },
      hide: { zh: '皮料' },
      force: { id: 'gaya' },
      'clean-lens': { en: 'lens cleaned' },
    });
  });
});
