import { createHash } from 'node:crypto';
import type { Scorer } from '@selvedge/models';
import type { StationConfig } from '../config/site-config.js';

type Observed = StationConfig['observation'];
export type Direction = Extract<Observed, { kind: 'score' }>['direction'];

/** What stands in the place of a graph: this text is what the hash of such a model is of. */
const description = (direction: Direction): string =>
  `selvedge score v1: the one value of the row is the score${direction === 'lower-worse' ? ', its sign turned' : ''}; higher = worse`;

export const scoreHash = (direction: Direction): string =>
  createHash('sha256').update(description(direction)).digest('hex');

/** The direction that such a hash stands for, or null for the hash of a graph. */
export const directionOfHash = (hash: string): Direction | null =>
  (['higher-worse', 'lower-worse'] as const).find((direction) => scoreHash(direction) === hash) ?? null;

/** The row of a model that takes scores as they come: there is no graph, and it says so. */
export const scoreModel = (station: string, direction: Direction) => ({
  station,
  model: scoreHash(direction),
  name: `score/${direction}`,
  recipe: 'score',
  parity: `no graph: the hash is of the text "${description(direction)}"`,
  input: 'row' as const,
  inputShape: [1],
  classes: null,
  middle: 0,
  rampThreshold: null,
});

/** Scores made elsewhere, higher = worse after `direction`. */
export const givenScores = (direction: Direction): Scorer => ({
  score: async (units) =>
    units.map((unit) => {
      if (unit.kind !== 'row' || unit.values.length !== 1)
        return {
          score: Number.NaN,
          fault: `expected one score, got ${unit.kind === 'row' ? `${unit.values.length} values` : `a ${unit.kind}`}`,
        };
      const value = unit.values[0]!;
      return Number.isFinite(value)
        ? { score: direction === 'lower-worse' ? -value : value }
        : { score: Number.NaN, fault: 'the score is no finite number' };
    }),
  heat: async () => null,
  [Symbol.asyncDispose]: async () => {},
});

/** The other end of a scorer's scale. */
export const turned = (scorer: Scorer): Scorer => ({
  score: async (units) => (await scorer.score(units)).map((one) => ({ ...one, score: -one.score })),
  heat: (unit) => scorer.heat(unit),
  [Symbol.asyncDispose]: () => scorer[Symbol.asyncDispose](),
});
