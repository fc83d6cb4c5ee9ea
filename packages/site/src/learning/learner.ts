import { createHash } from 'node:crypto';
import type { CertifiedSides } from '@selvedge/core';
import type { Learning, LearningParts, SiteFactBody } from '@selvedge/core/records';
import type { Fact } from '@selvedge/store';
import type { StationConfig } from '../config/site-config.js';
import { factOf } from '../live/facts.js';
import { FILE_RECIPES, type ModelPlace } from '../live/installed-models.js';
import type { LiveStation } from '../live/live-station.js';
import { type Heart, type Part, pause } from '../live/supervisor.js';
import type { Applicants } from './applicants.js';
import { type Applied, isCurrent, lastHarm } from './hire.js';
import { LabelCounts } from './label-counts.js';
import type { LearnRequest, LearnResult } from './learn-request.js';
import type { LearnerProcess } from './learner-process.js';
import type { Roles } from './roles.js';

/** How often the labels are counted. */
const LOOK_MS = 250;
/** A test is worth another look when there is so much more evidence, whatever it says. */
const EVIDENCE_GROWTH = 1.5;
/** Evidence below which nobody is tested. */
const FIRST_TEST = 100;
const ROWS = 256;
const STEPS_KEPT = 20;
/** A step that failed is not tried again sooner. */
const AFTER_FAILURE_MS = 30_000;

export interface LearnSettings {
  readonly enabled: boolean;
  readonly recipe: 'auto' | 'novelty' | 'supervised';
  /** Labels of role training before the first candidate. */
  readonly fitUnits: number;
  /** A new candidate is fitted when there are so many more labels of role training, as a share of the last fit's. */
  readonly growth: number;
  /** Least gain of the automatic share before one is recommended. */
  readonly margin: number;
}

export interface LearnerOptions extends ModelPlace {
  readonly folder: string;
  readonly station: LiveStation;
  readonly applicants: Applicants;
  readonly observed: StationConfig['observation'];
  readonly settings: LearnSettings;
  readonly roles: Roles & { readonly sinceSeq: number };
  readonly process: LearnerProcess;
  /** Steps of other stations: one runs at a time. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly lookMs?: number;
}

type Step = Learning['steps'][number];

/**
 * Learning at one station: counts labels, lets candidates be fitted and everybody who applies be tested in the learner's own
 * process, writes what came of it, recommends who is better, and hires under a signed policy.
 */
export class Learner {
  readonly #o: LearnerOptions;
  readonly #counts: LabelCounts;
  #state: Learning['state'] = 'waits';
  #why = 'it waits for answers';
  #progress: number | null = null;
  #steps: Step[] = [];
  #wanted = false;
  #notBefore = 0;
  /** Labels of role training that the last candidate was fitted on. */
  #fittedOn: number;
  /** What there was at the last look at who is due: without a label, an applicant or an epoch more nobody else is. */
  #lookedAt = '';
  /** Evidence that there was when an applicant was tested last. */
  readonly #testedAt = new Map<string, number>();

  constructor(options: LearnerOptions) {
    this.#o = options;
    const { journal, station, roles, settings } = options;
    this.#counts = new LabelCounts(journal.db, station.config.id, roles);
    if (!settings.enabled) this.#state = 'off';
    this.#fittedOn = options.applicants
      .all()
      .reduce((most, { body }) => Math.max(most, Number((body as Partial<Applied>).fit?.units ?? 0)), 0);
  }

  /** A person wants a candidate now. */
  fitNow(): void {
    this.#wanted = true;
    this.#notBefore = 0;
  }

  get part(): Part {
    const { station, lookMs = LOOK_MS } = this.#o;
    return {
      name: `learner ${station.config.id}`,
      station: station.config.id,
      run: async (heart) => {
        while (!heart.signal.aborted) {
          await this.#look(heart);
          await pause(lookMs, heart.signal);
        }
      },
    };
  }

  /** What it is doing and what it has done. Times and counts; see `Learning`. */
  view(): Omit<Learning, 'station' | 'name' | 'extra'> {
    this.#counts.refresh();
    const { training, evidence } = this.#counts;
    return {
      state: this.#state,
      why: this.#why,
      progress: this.#progress,
      labels: {
        training: { ...training },
        evidence: { ...evidence },
        fresh: Math.max(0, training.units - this.#fittedOn),
        needed: Math.max(0, this.#next() - this.#fittedOn),
        evidencePerHour: this.#counts.evidencePerHour(),
      },
      steps: this.#steps,
    };
  }

  /** Labels of role training at which the next candidate is fitted. */
  #next(): number {
    const { settings } = this.#o;
    return this.#fittedOn === 0 ? settings.fitUnits : Math.ceil(this.#fittedOn * (1 + settings.growth));
  }

  async #look(heart: Heart): Promise<void> {
    const { applicants, station, settings, observed } = this.#o;
    this.#counts.refresh();
    await applicants.lookAtPost();
    if (performance.now() < this.#notBefore) return;
    const { training } = this.#counts;
    const fits = settings.enabled && observed.kind !== 'score' && station.model !== null;
    const due = this.#wanted || training.units >= this.#next();
    try {
      if (fits && due && training.units > 0) await this.#fit(heart);
      else await this.#test(heart);
    } catch (error) {
      if (heart.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#notBefore = performance.now() + AFTER_FAILURE_MS;
      // The same labels would fail the same way.
      this.#fittedOn = Math.max(this.#fittedOn, fits && due ? training.units : 0);
      this.#set(settings.enabled ? 'failed' : 'off', why);
      this.#note({ applicant: null, outcome: 'failed', why, training: training.units, parts: null });
      await heart.note(`a step of learning failed: ${why}`);
    } finally {
      this.#wanted = false;
      this.#progress = null;
    }
    if (this.#state !== 'failed' && this.#state !== 'off') this.#set('waits', this.#waitsFor());
  }

  #waitsFor(): string {
    const missing = this.#next() - this.#counts.training.units;
    return missing > 0
      ? `${missing} more answers of role training until the next fit`
      : 'it waits for answers';
  }

  async #fit(heart: Heart): Promise<void> {
    const { station, settings } = this.#o;
    const { id } = station.config;
    const units = this.#counts.training.units;
    // The same labels give the same model: nothing of chance but the station's name and how many labels there are.
    const seed = createHash('sha256')
      .update(`learn ${id} ${settings.recipe} ${units}`)
      .digest()
      .readUInt32BE();
    const result = await this.#step(heart, { kind: 'fit', recipe: settings.recipe, seed });
    this.#fittedOn = units;
    await this.#write(result, null);
  }

  /**
   * Tests whoever is due: never tested, tested for another budget or before the process changed, or with so much more
   * evidence that another look is worth its price. Nothing that was found on evidence decides when.
   */
  async #test(heart: Heart): Promise<void> {
    const { applicants, station, journal } = this.#o;
    if (station.gate === null) return;
    const { evidence } = this.#counts;
    const all = applicants.all();
    const look = `${evidence.units} ${all.length} ${station.gate.epoch}`;
    if (evidence.units < FIRST_TEST || look === this.#lookedAt) return;
    this.#lookedAt = look;
    const { id: place } = station.config;
    const harm = lastHarm(journal.db, place);
    const have = harm === 0 ? evidence.units : this.#counts.evidenceAfter(harm);
    if (have < FIRST_TEST) return;
    for (const { id, state, body, seq } of all) {
      if (state !== 'shadow' && state !== 'recommended') continue;
      const applied = body as unknown as Applied;
      const last = applicants.newestAssessment(id);
      const current = last !== null && isCurrent(journal.db, place, last);
      if (current && last.missing === null) continue;
      const before = current ? (this.#testedAt.get(id) ?? last.n) : 0;
      if (before > 0 && have < before * EVIDENCE_GROWTH) continue;
      // One that is only asked live has scores of what it saw; a graph is scored over the past.
      this.#testedAt.set(id, have);
      // Others may be due as well.
      this.#lookedAt = '';
      const result = await this.#step(heart, {
        kind: 'score',
        applicant: id,
        graph: applied.model,
        turned: applied.recipe === FILE_RECIPES['lower-worse'],
        appliedSeq: seq,
        middle: applied.middle,
      });
      await this.#write(result, id);
      return;
    }
  }

  #step(heart: Heart, what: LearnRequest['what']): Promise<LearnResult> {
    const { folder, station, observed, roles, process, inTurn } = this.#o;
    const { config, gate } = station;
    return inTurn(() => {
      heart.signal.throwIfAborted();
      const request: LearnRequest = {
        ...{ folder, station: config.id, observed, what, plan: gate?.plan ?? null },
        good: config.choices.find(({ bad }) => !bad)?.label ?? 'good',
        roles: { secret: roles.secret, evidenceShare: roles.evidenceShare, by: roles.by },
        rolesSeq: roles.sinceSeq,
        inPost: this.#inPost(),
      };
      return process.step(
        request,
        ({ what: doing, done }) => {
          this.#set(doing, '');
          this.#progress = done;
        },
        heart.signal,
      );
    });
  }

  /** Who decides now, and how far: what a better one is compared with. */
  #inPost(): LearnRequest['inPost'] {
    const { gate, model } = this.#o.station;
    if (gate === null || model === null || gate.certificate === null || gate.name === 'closed') return null;
    const { accept, reject } = gate.certificate;
    const sides: CertifiedSides = { accept: gate.plan.safety ? null : accept, reject };
    return sides.accept === null && sides.reject === null ? null : { model: model.hash, sides };
  }

  async #write(result: LearnResult, known: string | null): Promise<void> {
    const { journal, blobs, clock, station, applicants, log } = this.#o;
    const { id } = station.config;
    const atMs = Math.round(clock.nowMs());
    const facts: Fact[] = [];
    const { fitted, refused, assessed, training, parts } = result;
    if (refused !== null) {
      const applicant = createHash('sha256').update(`${id} ${refused.name} ${atMs}`).digest('hex');
      const body = { ...refused, applicant };
      await journal.append(factOf('application-refused', { subject: id, atMs, body }));
      this.#note({ applicant, outcome: 'refused', why: refused.why, training: training.units, parts });
      return;
    }
    let applicant = known;
    if (fitted !== null) {
      const blob = await blobs.put(fitted.onnx, 'model');
      applicant = blob.hash;
      const body = { ...fitted.applied, applicant, model: blob.hash };
      facts.push(factOf('applied', { subject: id, atMs, body, blobs: [blob] }));
    }
    if (applicant === null) return;
    for (let from = 0; from < result.scores.length; from += ROWS) {
      const units = result.scores.slice(from, from + ROWS);
      const part = units.length / result.scores.length;
      const body = {
        ...{ station: id, applicant, units, missed: 0 },
        ...{ tookMs: result.scoredMs * part, cpuMs: result.scoredCpuMs * part },
      };
      facts.push(factOf('shadow-scored', { subject: id, atMs, body }));
    }
    let outcome: Step['outcome'] = 'missing';
    let why = 'there is not enough evidence to look at yet';
    if (assessed !== null) {
      const record = { ...assessed, applicant };
      const hash = createHash('sha256').update(JSON.stringify(record)).digest('hex');
      const body = { ...record, hash };
      facts.push(factOf('assessed', { subject: id, atMs, body }));
      if (assessed.missing === null) outcome = 'certified';
      why = inWords(assessed);
      const better = betterThan(assessed, this.#o.settings.margin);
      if (better !== null && !this.#isBarred(applicant))
        facts.push(
          factOf('recommended', {
            subject: id,
            atMs,
            body: { station: id, applicant, assessed: hash, why: better },
          }),
        );
    }
    if (facts.length > 0) await journal.appendAll(facts);
    if (fitted !== null) await applicants.entered(applicant);
    this.#note({ applicant, outcome, why, training: training.units, parts });
    log('learned', { station: id, applicant, outcome, why, ...parts });
  }

  #isBarred(applicant: string): boolean {
    return this.#o.applicants.all().some(({ id, barred }) => id === applicant && barred);
  }

  #set(state: Learning['state'], why: string): void {
    this.#state = state;
    this.#why = why;
  }

  #note(step: Omit<Step, 'atMs'> & { readonly parts: LearningParts | null }): void {
    const atMs = Math.round(this.#o.clock.nowMs());
    this.#steps = [{ ...step, atMs }, ...this.#steps].slice(0, STEPS_KEPT);
  }
}

type Tested = Omit<SiteFactBody<'assessed'>, 'applicant' | 'hash'>;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function inWords({ missing, automaticShare, n }: Tested): string {
  if (missing === null) return `certified on ${n} labelled units: ${percent(automaticShare)} automatic`;
  if (missing.labels === null) return 'its scores do not promise to keep this budget';
  const hours = missing.hours === null ? '' : `, about ${missing.hours.toFixed(1)} hours at this pace`;
  return `${missing.labels} more labels${hours}`;
}

/** Why it should have the post; null where it should not. */
function betterThan({ missing, against, automaticShare }: Tested, margin: number): string | null {
  if (missing !== null) return null;
  if (against === null) return `certified for ${percent(automaticShare)} where nobody decides now`;
  const { difference, interval, n } = against;
  const [low, high] = interval as [number, number];
  if (difference <= margin || low <= 0) return null;
  return `decides ${percent(difference)} more of the units without a person (${percent(low)} to ${percent(high)}, ${n} units)`;
}
