import { createHash } from 'node:crypto';
import type { StationConfig } from '../config/site-config.js';
import { fitInThread } from './fit-model.js';
import { fittedRow, openModel, putToWork } from './installed-models.js';
import { countJudged, type FitSettings, missingFor, readJudged } from './judged-units.js';
import type { ModelPartOptions } from './station-model.js';
import { type Heart, type Part, pause } from './supervisor.js';

/** How often the judged units are counted. */
const LOOK_MS = 1000;
/** A fit that failed is tried again when so many times as many units are judged. */
const GROWTH = 1.5;
/** Where nobody has signed a budget yet the ramp's threshold is fixed for this one. */
const UNSIGNED_ESCAPE_RATE = 0.005;

export interface FirstFitOptions extends ModelPartOptions {
  readonly model: FitSettings;
  readonly observed: StationConfig['observation'];
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** Fits of other stations: one runs at a time, since each takes a core for as long as it lasts. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>;
  readonly lookMs?: number;
}

/**
 * The model of a station that has none: waits until people have judged enough units, fits in a thread of its own, and puts
 * to work what agrees with its exported graph. The units go to people meanwhile, and none of them is evidence later.
 */
export function firstFitPart(options: FirstFitOptions): Part {
  const { station, model, journal, lookMs = LOOK_MS } = options;
  const { id } = station.config;
  const name = `fit ${id} ${model.recipe}`;
  return {
    name,
    station: id,
    run: async (heart) => {
      let least = leastAfterFailure(options, name);
      while (station.model === null && !heart.signal.aborted) {
        const judged = countJudged(journal.db, id);
        const missing =
          missingFor(model, judged) ??
          (judged.units < least ? ({ code: 'fit-again', values: { n: least } } as const) : null);
        heart.trouble('waits', missing);
        if (missing === null) {
          try {
            await options.inTurn(() => fitOnce(options, name, heart));
          } catch (error) {
            if (heart.signal.aborted) {
              await heart.note('the fit was stopped with the site');
              return;
            }
            const why = error instanceof Error ? error.message : String(error);
            least = Math.ceil(judged.units * GROWTH);
            await heart.down(`the fit on ${judged.units} judged units failed: ${why}`);
          }
        } else await pause(lookMs, heart.signal);
      }
    },
  };
}

async function fitOnce(options: FirstFitOptions, name: string, heart: Heart): Promise<void> {
  const { station, model, observed, journal, blobs, log } = options;
  const { id, choices } = station.config;
  heart.signal.throwIfAborted();
  const { units, bad, lost } = await readJudged(
    { db: journal.db, blobs, signal: heart.signal },
    { station: id, observed },
  );
  await heart.note(`${BEGINS} on ${units.length} judged units`);
  log('fit-begins', { station: id, units: units.length, bad: bad.filter(Boolean).length, lost });
  // The same units give the same model: the seed is of the station's name alone.
  const seed = createHash('sha256').update(name).digest().readUInt32BE();
  const fitted = await fitInThread(
    { recipe: model.recipe, seed, units },
    (done) => heart.trouble('fit', { code: 'fitting', values: { percent: Math.round(100 * done) } }),
    heart.signal,
  ).finally(() => heart.trouble('fit', null));
  const blob = await blobs.put(fitted.onnx, 'model');
  const good = choices.find((choice) => !choice.bad)!.label;
  const classes = fitted.classes?.map((label) => (label === 'good' ? good : label)) ?? null;
  const escapeRate = station.gate?.plan.budget.escapeRate ?? UNSIGNED_ESCAPE_RATE;
  const body = fittedRow(blob, { station: id, fitted: { ...fitted, classes }, bad, escapeRate });
  const opened = await openModel(body, fitted.onnx);
  try {
    await putToWork(station, { body, model: opened, blobs: [blob] }, options);
  } catch (error) {
    await opened.scorer[Symbol.asyncDispose]();
    throw error;
  }
  log('fit-installed', { station: id, model: body.name, why: fitted.why, units: units.length, lost });
  await heart.up(`${body.name} is fitted on ${units.length} judged units and at work: ${fitted.why}`);
}

const BEGINS = 'a fit begins';

/**
 * Judged units before which a fit is not tried: 0, or half as many again as there were when the last one failed, or when
 * one began and the process ended with it.
 */
function leastAfterFailure({ journal, station }: FirstFitOptions, name: string): number {
  const [last] = journal.read({ kind: 'part', subject: name, newestFirst: true, limit: 1 });
  if (last === undefined) return 0;
  const { state, why } = last.body as { state: string; why: string };
  if (state !== 'down' && !why.startsWith(BEGINS)) return 0;
  const row = journal.db
    .prepare(
      `SELECT count(DISTINCT a.subject) AS n FROM journal a JOIN unit u ON u.station = ? AND u.id = a.subject
       WHERE a.kind = 'answered' AND a.seq <= ? AND json_extract(a.body, '$.station') = ?`,
    )
    .get(station.config.id, last.seq, station.config.id);
  return Math.ceil(Number(row?.n) * GROWTH);
}
