import { type CoverTruth, LineMachine } from '../line/line-machine.js';
import type { Plant } from '../line/plant.js';
import type { Command, FinishedCover, PlannedWork, SeamTraces } from '../line/signals.js';
import type { Controller } from './controller.js';

/** One finished cover of a run. */
export interface SewnCover {
  readonly finished: FinishedCover;
  readonly planned: PlannedWork;
  /** For counting only. */
  readonly truth: CoverTruth;
  /** Re-used by the next cover: copy what you keep. */
  readonly traces: SeamTraces;
}

/** Sews covers on one machine of a plant under a controller. Same arguments, same covers. */
export function* runMachine(
  plant: Plant,
  {
    machine,
    controller,
    covers,
  }: { readonly machine: number; readonly controller: Controller; readonly covers: number },
): Generator<SewnCover> {
  const line = new LineMachine(plant, machine);
  const command: Command = { curvature: 0, logTension: 0 };
  for (let c = 0; c < covers; c++) {
    const planned = controller.plan(line.next());
    const context = line.startCover(planned);
    controller.startCover(context);
    let acts = 0;
    for (let done = false; !done; ) {
      const drives = controller.step(line.signals, command);
      done = line.sew(drives ? command : null);
      for (; acts < line.acts.length; acts++) controller.acted(line.acts[acts]!.type);
    }
    const { finished, truth } = line.endCover(context);
    controller.endCover(finished);
    yield { finished, planned, truth, traces: line.traces };
  }
}
