import { constants, setPriority } from 'node:os';
import { openRemoteScorer, openScorer, type Scorer } from '@selvedge/models';
import { turned } from '../live/given-scores.js';
import type { ApplicantSpec, FromApplicant, ToApplicant } from './hosted-scorer.js';

/** An applicant's own process: opens one model and answers one batch after the other, at the lowest priority. */

setPriority(constants.priority.PRIORITY_LOW);

let scorer: Scorer | null = null;
let turn: Promise<void> = Promise.resolve();

process.on('message', (message: ToApplicant) => {
  turn = turn.then(() => answer(message));
});
process.on('disconnect', () => process.exit(0));

async function answer(message: ToApplicant): Promise<void> {
  const { id } = message;
  const reply = (said: FromApplicant): void => {
    process.send?.(said);
  };
  try {
    if (message.ask === 'open') {
      scorer = await open(message.spec, message.batchMs);
      reply({ id, answer: null });
      return;
    }
    if (scorer === null) throw new Error('nothing was opened');
    const from = process.cpuUsage();
    const said = await scorer.score(message.units);
    const used = process.cpuUsage(from);
    reply({ id, answer: { said, cpuMs: (used.user + used.system) / 1000 } });
  } catch (error) {
    reply({ id, fault: error instanceof Error ? error.message : String(error) });
  }
}

async function open(spec: ApplicantSpec, batchMs: number): Promise<Scorer> {
  if (spec.kind === 'graph') {
    const { onnx, input, inputShape } = spec;
    const raw = await openScorer({ onnx, input, inputShape }, { workers: 0 });
    return spec.turned ? turned(raw) : raw;
  }
  return openRemoteScorer(spec, { batchMs });
}
