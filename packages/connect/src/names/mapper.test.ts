import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSparkplugId } from '../sparkplug/topics.js';
import { type Name, NameMapper } from './mapper.js';

const mapper = new NameMapper({ root: 'uns', enterprise: 'Müller & Söhne', uri: 'urn:a;b%c' });
const hard = fc.constantFrom(
  '/',
  '+',
  '#',
  '%',
  '%2F',
  '.',
  '&',
  ':',
  '<',
  '!',
  '$',
  ' ',
  '\0',
  '\n',
  'ß',
  '車',
  '🙂',
  '%zz',
);
const word = fc
  .array(fc.oneof(hard, fc.string({ unit: 'binary', minLength: 1, maxLength: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
const name: fc.Arbitrary<Name> = fc.record({
  ...{ enterprise: fc.constant('Müller & Söhne'), site: word, area: word, line: word, cell: word },
  contract: fc.tuple(word, fc.nat(99)).map(([what, version]) => `_${what}_v${version}`),
  path: fc.array(word, { minLength: 1, maxLength: 5 }),
});
const example: Name = {
  ...{ enterprise: 'Müller & Söhne', site: 'Süd', area: 'a.b', line: 'line 1', cell: 'c/1' },
  ...{ contract: '_process_v1', path: ['speed', 'now+here'] },
};
const seeded = { seed: 20261124, numRuns: 500 };

describe('names', () => {
  it('spells the namespace as documented', () => {
    expect(mapper.toTopic(example)).toBe(
      'uns/v1/Müller & Söhne/Süd/a.b/line 1/c%2F1/_process_v1/speed/now%2Bhere',
    );
    expect(mapper.toSparkplug(example)).toEqual({
      ...{ group: 'Süd.a%2Eb', edge: 'line 1', device: 'c%2F1', metric: '_process_v1/speed/now%2Bhere' },
    });
    expect(mapper.toNodeId(example)).toBe(
      'nsu=urn:a%3Bb%25c;s=Müller & Söhne/Süd/a.b/line 1/c%2F1/_process_v1/speed/now%2Bhere',
    );
    expect(mapper.toBrowsePath(example)).toBe(
      '/Müller && Söhne/Süd/a&.b/line 1/c&/1/_process_v1/speed/now+here',
    );
  });

  it('comes back from every spelling as it was', () => {
    fc.assert(
      fc.property(name, (one) => {
        expect(mapper.fromTopic(mapper.toTopic(one))).toEqual(one);
        expect(mapper.fromSparkplug(mapper.toSparkplug(one))).toEqual(one);
        expect(mapper.fromNodeId(mapper.toNodeId(one))).toEqual(one);
        expect(mapper.fromBrowsePath(mapper.toBrowsePath(one))).toEqual(one);
      }),
      seeded,
    );
  });

  it('has one spelling for a name: what is spelled otherwise is none', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 6, maxLength: 9 }), (levels) => {
        const topic = ['uns', 'v1', ...levels].join('/');
        const found = mapper.fromTopic(topic);
        if (found) expect(mapper.toTopic(found)).toBe(topic);
      }),
      seeded,
    );
    expect(mapper.fromTopic('uns/v1/e/s/a/l/c/_p_v1/a%2f')).toBeUndefined();
    expect(mapper.fromTopic('uns/v1/e/s/a/l/c/_p_v1/%41')).toBeUndefined();
    expect(mapper.fromTopic('uns/v1/e/s/a/l/c/_p_v1/%FF')).toBeUndefined();
  });

  it('makes topics and ids that a broker takes: one level a word, no wildcard, no control character', () => {
    fc.assert(
      fc.property(name, (one) => {
        const topic = mapper.toTopic(one);
        expect(topic.split('/')).toHaveLength(8 + one.path.length);
        expect(topic).not.toMatch(/[+#\p{Cc}]/u);
        const { group, edge, device } = mapper.toSparkplug(one);
        for (const id of [group, edge, device]) expect(isSparkplugId(id)).toBe(true);
        expect(group.split('.')).toHaveLength(2);
      }),
      seeded,
    );
  });

  it('tells two names apart wherever their words differ', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(mapper.toTopic(a) === mapper.toTopic(b)).toBe(same);
        expect(JSON.stringify(mapper.toSparkplug(a)) === JSON.stringify(mapper.toSparkplug(b))).toBe(same);
      }),
      seeded,
    );
  });

  it('refuses what is no name', () => {
    expect(() => mapper.toTopic({ ...example, site: '' })).toThrow('no empty word');
    expect(() => mapper.toTopic({ ...example, contract: 'process' })).toThrow('write _word_v1');
    expect(() => mapper.toTopic({ ...example, path: [] })).toThrow('needs a path');
    expect(() => mapper.toTopic({ ...example, cell: '\ud800' })).toThrow('half of a character');
    expect(() => mapper.toTopic({ ...example, cell: 'x'.repeat(70_000) })).toThrow('65,535');
    expect(() => mapper.toSparkplug({ ...example, enterprise: 'other' })).toThrow('this mapper is for');
    expect(() => new NameMapper({ root: '$SYS', enterprise: 'e', uri: 'urn:a' })).toThrow(
      'belong to the broker',
    );
    for (const topic of [
      'other/v1/e/s/a/l/c/_p_v1/x',
      'uns/v2/e/s/a/l/c/_p_v1/x',
      'uns/v1/e/s/a/l/c/_p_v1',
      'uns/v1/e//a/l/c/_p_v1/x',
    ])
      expect(mapper.fromTopic(topic)).toBeUndefined();
    expect(
      mapper.fromSparkplug({ group: 'a.b.c', edge: 'l', device: 'c', metric: '_p_v1/x' }),
    ).toBeUndefined();
    expect(mapper.fromNodeId('nsu=urn:other;s=e/s/a/l/c/_p_v1/x')).toBeUndefined();
    expect(mapper.fromBrowsePath('/e/s/a/l/c/_p_v1/x.y')).toBeUndefined();
  });
});
