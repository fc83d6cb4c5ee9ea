import type { Scorer } from '../recipes/recipe.js';
import { openEgress } from './egress.js';
import { openLanguage } from './language.js';
import { openInference } from './open-inference.js';
import type { RemoteOptions, RemoteSpec } from './remote-spec.js';

const BATCH_MS = 50_000;

/**
 * Opens a model that is asked over the network. Whatever its server does costs the score of the units that it was asked
 * about: they come back NaN with a fault, in their places; `score` never throws. The token stands in no fault.
 * @throws Error with the reason where the server is not allowed, not reached, not ready, or refuses the token.
 */
export async function openRemoteScorer(
  spec: RemoteSpec,
  { batchMs = BATCH_MS }: RemoteOptions = {},
): Promise<Scorer> {
  const egress = openEgress({ allowedHosts: spec.allowedHosts });
  const way = { egress, batchMs };
  // A server may repeat what it was sent.
  const hidden = (text: string): string =>
    spec.token === null || spec.token === '' ? text : text.replaceAll(spec.token, '(token)');
  let scorer: Scorer;
  try {
    scorer = await (spec.kind === 'language' ? openLanguage(spec, way) : openInference(spec, way));
  } catch (error) {
    throw new Error(hidden(error instanceof Error ? error.message : String(error)));
  }
  return {
    ...scorer,
    score: async (units) =>
      (await scorer.score(units)).map((one) =>
        one.fault === undefined ? one : { ...one, fault: hidden(one.fault) },
      ),
  };
}
