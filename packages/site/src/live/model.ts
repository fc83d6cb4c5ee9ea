import type { Observation, Scored, Scorer } from '@selvedge/models';

/** A model at work in a station, as it was installed. */
export interface InstalledModel {
  readonly hash: string;
  readonly name: string;
  readonly classes: readonly string[] | null;
  readonly middle: number;
  readonly rampThreshold: number | null;
  readonly scorer: Scorer;
}

export interface Judged {
  /** Higher = worse; NaN with a reason where none could be made. */
  readonly score: number;
  readonly fault: string | null;
  readonly classCall: string | null;
}

/**
 * Scores what has arrived, or says why not: a model that is late, broken or missing costs a score and never a unit.
 */
export async function judge(
  model: InstalledModel | null,
  observations: readonly Observation[],
  withinMs: number,
): Promise<Judged[]> {
  const none = (fault: string): Judged[] =>
    observations.map(() => ({ score: Number.NaN, fault, classCall: null }));
  if (model === null) return none('no model is installed');
  if (withinMs <= 0) return none('the deadline had passed before the unit was scored');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), withinMs);
  });
  try {
    const said = await Promise.race([model.scorer.score(observations), late]);
    if (said === null) return none(`the model gave no score within ${Math.round(withinMs)} ms`);
    return said.map((one: Scored & { fault?: string }) => {
      if (!Number.isFinite(one.score))
        return { score: Number.NaN, fault: one.fault ?? 'the model gave no score', classCall: null };
      return { score: one.score, fault: null, classCall: classOf(model.classes, one.classScores) };
    });
  } catch (error) {
    return none(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

function classOf(classes: readonly string[] | null, scores: ArrayLike<number> | undefined): string | null {
  if (classes === null || scores === undefined) return null;
  let best = 0;
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c;
  return classes[best] ?? null;
}
