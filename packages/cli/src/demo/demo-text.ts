import type { DemoDocument } from './demo-run.js';
import { stageShows } from './shows.js';

/** The ledger for people. */
export function demoText({ plants, timeFactor, terms, moments, evidence }: DemoDocument): string {
  const lines = [
    '',
    `LEDGER · simulated · time factor ${timeFactor} · terms of the demo: escape ${100 * terms.escapeRate} %, confidence ${100 * terms.confidence} %, settings out of tolerance at most ${100 * terms.alpha} %`,
    `moments: ${moments.map(({ moment, atSeconds, failed }) => `${moment} ${atSeconds} s${failed === undefined ? '' : ' (failed)'}`).join(', ')}`,
  ];
  const shown = moments.flatMap(({ told: one }) => (one === undefined ? [] : [one]));
  for (const { title, said } of stageShows(shown))
    if (said.length > 0) lines.push('', `${title.en} · simulated`, ...said.map(({ en }) => `  ${en}`));
  for (const plant of plants) {
    const { covers, withLeave, withoutLeave, verdictTouches, gates, settings, safetyLeave } = plant;
    lines.push(
      '',
      `Plant ${plant.plant.toUpperCase()} · simulated`,
      `  covers ${covers.made} made; told ${JSON.stringify(covers.told)}; waiting ${covers.waiting}; bad and passed ${covers.passedBad}; writes refused by the line ${covers.refusedWrites}`,
      `  interventions per 100 good covers (95 % interval), verdict touches apart:`,
      ...[
        ['under a leave', withLeave],
        ['incumbent alone', withoutLeave],
      ].flatMap(([name, group]) => {
        if (typeof group === 'string' || group === undefined) return [];
        return [
          `    ${String(name).padEnd(16)} ${told(group.all)}   (${group.good} good of ${group.covers})`,
          ...Object.entries(group.byType).map(([type, figure]) => `      ${type.padEnd(14)} ${told(figure)}`),
        ];
      }),
      `    verdict touches  ${verdictTouches === null ? 'none' : told(verdictTouches)}`,
      `  gates: ${gates.map(({ station, state }) => `${station} ${state}`).join(', ')}`,
      `  settings: ${settings.map(({ target, step, better, betterInterval: [low, high], needs }) => `${target} ${step} (better in ${better.k} of n = ${better.n} pairs, 95 % ${low} to ${high}; still needs ${needs.pairs} pairs, ${needs.outcomes} units)`).join('; ')}`,
      `  leave at safety seams: ${safetyLeave}`,
    );
  }
  lines.push('', evidence);
  return `${lines.join('\n')}\n`;
}

function told(figure: DemoDocument['plants'][number]['withLeave']['all']): string {
  const { count, personSeconds, per100Good, interval } = figure;
  const rate =
    per100Good === null || interval === null ? '-' : `${per100Good} [${interval[0]}, ${interval[1]}]`;
  return `${rate} · ${count} acts, ${personSeconds} person-seconds`;
}
