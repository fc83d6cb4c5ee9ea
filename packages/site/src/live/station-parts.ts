import type { StationConfig } from '../config/site-config.js';
import { type FirstFitOptions, firstFitPart } from './first-fit.js';
import { givenScoresPart, modelFilePart } from './station-model.js';
import type { Part } from './supervisor.js';

/** The part that gives a station its model, as its configuration says. */
export function modelPart(
  { model, observation }: Pick<StationConfig, 'model' | 'observation'>,
  options: Omit<FirstFitOptions, 'model' | 'observed'>,
): Part {
  switch (model.from) {
    case 'score':
      return givenScoresPart(options, observation.kind === 'score' ? observation.direction : 'higher-worse');
    case 'file':
      return modelFilePart(options, model);
    case 'fit':
      return firstFitPart({ ...options, model, observed: observation });
  }
}
