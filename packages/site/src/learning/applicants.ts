import type { SiteFactBody } from '@selvedge/core/records';
import { type ApplicantRecord, applicantsOf } from '../folds/learning.js';
import { factOf } from '../live/facts.js';
import { FILE_RECIPES, type ModelPlace } from '../live/installed-models.js';
import type { Arrival, LiveStation } from '../live/live-station.js';
import type { Secrets } from '../live/secrets.js';
import { type Applied, type Appointment, hire, newestAssessment, open, postHolder } from './hire.js';
import { type ApplicantSpec, HostedScorer } from './hosted-scorer.js';
import { Shadow } from './shadow.js';

/** A batch of an applicant that takes longer is given up: its units have no score of it. */
const PATIENCE_MS = 60_000;
/** Candidates fitted here that are in shadow at once; an older one leaves for a newer. */
const MOST_FITTED = 2;

export interface ApplicantsOptions extends ModelPlace {
  readonly station: LiveStation;
  readonly secrets: Secrets;
  /** What is asked over the network, by the name under which it applied. @throws Error where a host is not allowed. */
  readonly remote: (applied: Applied) => Promise<ApplicantSpec>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** Everybody who applies for the post of one station: in shadow, hired, dismissed. */
export class Applicants {
  readonly #o: ApplicantsOptions;
  readonly #shadows = new Map<string, Shadow>();
  /** Why one that should be in shadow is not. */
  readonly #faults = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ApplicantsOptions) {
    this.#o = options;
  }

  get station(): LiveStation {
    return this.#o.station;
  }

  /** Everybody who ever applied. */
  all(): ApplicantRecord[] {
    return applicantsOf(this.#o.journal.db, this.#o.station.config.id);
  }

  /** What keeps one out of shadow; null where nothing does. */
  faultOf(applicant: string): string | null {
    return this.#faults.get(applicant) ?? null;
  }

  shadowOf(applicant: string): Shadow | null {
    return this.#shadows.get(applicant) ?? null;
  }

  /** Takes up whoever was in shadow when the site stopped, and who was hired over the network. */
  async open(): Promise<void> {
    const { station, journal } = this.#o;
    station.attend((units) => this.#see(units));
    const holder = postHolder(journal.db, station.config.id);
    const applied = holder?.body as unknown as Applied | undefined;
    if (holder !== null && applied !== undefined && station.model?.hash !== holder.id)
      await this.#takePost(applied).catch((error) => {
        this.#faults.set(holder.id, String(error));
        this.#o.log('post-not-filled', { station: station.config.id, why: String(error) });
      });
    for (const record of this.all())
      if (record.state === 'shadow' || record.state === 'recommended') await this.#enter(record);
  }

  #see(units: readonly Arrival[]): void {
    for (const shadow of this.#shadows.values()) shadow.see(units);
  }

  /** Puts one into shadow that the journal has; what cannot be opened stays outside, with the reason. */
  async #enter(record: ApplicantRecord): Promise<void> {
    const { station, journal, clock, log } = this.#o;
    if (this.#shadows.has(record.id) || this.#closed) return;
    const applied = record.body as unknown as Applied;
    try {
      const spec = await this.spec(applied);
      const scorer = new HostedScorer(spec, { patienceMs: PATIENCE_MS });
      await scorer.open();
      const { classes, applicant } = applied;
      const here = applied.model !== null;
      this.#shadows.set(
        record.id,
        new Shadow({
          ...{ station: station.config.id, applicant, classes, scorer, here, journal, clock, log },
        }),
      );
      this.#faults.delete(record.id);
    } catch (error) {
      this.#faults.set(record.id, error instanceof Error ? error.message : String(error));
    }
  }

  /** Tries those again that could not be opened: a server comes up, an owner allows its host. */
  retry(): Promise<void> {
    return this.#inTurn(async () => {
      for (const record of this.all())
        if ((record.state === 'shadow' || record.state === 'recommended') && this.#faults.has(record.id))
          await this.#enter(record);
    });
  }

  /** Hosts were allowed or taken back: who is asked over the network is opened anew. */
  hostsChanged(): Promise<void> {
    return this.#inTurn(async () => {
      for (const record of this.all()) {
        if (record.state !== 'shadow' && record.state !== 'recommended') continue;
        if ((record.body as unknown as Applied).model !== null) continue;
        await this.#leaveShadow(record.id);
        await this.#enter(record);
      }
    });
  }

  /** Somebody new applies, or one that was withdrawn applies again. Its row is written by whoever brings it. */
  entered(applicant: string): Promise<void> {
    return this.#inTurn(async () => {
      const record = this.all().find(({ id }) => id === applicant);
      if (record === undefined || record.state !== 'shadow') return;
      await this.#enter(record);
      await this.#makeRoom();
    });
  }

  /** How one is opened in a process of its own. @throws Error where its content is gone or its host not allowed. */
  async spec(applied: Applied): Promise<ApplicantSpec> {
    if (applied.model === null) return this.#o.remote(applied);
    const { input, inputShape, recipe } = applied;
    const onnx = await this.#o.blobs.get(applied.model);
    return { kind: 'graph', onnx, input, inputShape, turned: recipe === FILE_RECIPES['lower-worse'] };
  }

  /** Gives one the post. @throws a refusal that says what is missing. */
  hire(appointment: Appointment): Promise<void> {
    return this.#inTurn(async () => {
      const { station } = this.#o;
      const before = station.model?.hash ?? null;
      await hire(station, appointment, this.#place());
      await this.#leaveShadow(appointment.applicant);
      const former = this.all().find(({ id }) => id === before);
      if (former?.state === 'shadow') await this.#enter(former);
    });
  }

  /** Sends one away; a barred one stays so until a person lifts it. */
  dismiss(
    applicant: string,
    { why, barred, user, note }: Pick<SiteFactBody<'dismissed'>, 'why' | 'barred' | 'user' | 'note'>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const { journal, clock, station } = this.#o;
      const body = { station: station.config.id, applicant, why, barred, user, note };
      await journal.append(factOf('dismissed', { subject: station.config.id, atMs: clock.nowMs(), body }));
      if (why === 'readmitted') {
        const record = this.all().find(({ id }) => id === applicant);
        if (record !== undefined) await this.#enter(record);
      } else await this.#leaveShadow(applicant);
    });
  }

  /** The gate was closed by harm while it was in post: it is barred. */
  async lookAtPost(): Promise<void> {
    const { station, journal } = this.#o;
    const { gate, model } = station;
    if (gate?.name !== 'closed' || model === null || !gate.reason.startsWith('harm')) return;
    const record = this.all().find(({ id }) => id === model.hash);
    if (record === undefined || record.barred) return;
    const closed = journal.db
      .prepare(
        `SELECT max(seq) AS seq FROM gate_transition WHERE station = ? AND to_state = 'closed' AND why LIKE 'harm:%'`,
      )
      .get(station.config.id);
    const lifted = journal.db
      .prepare(
        `SELECT max(seq) AS seq FROM journal WHERE kind = 'dismissed' AND subject = ?
         AND json_extract(body, '$.applicant') = ? AND json_extract(body, '$.why') = 'readmitted'`,
      )
      .get(station.config.id, model.hash);
    // A person who has seen the closing let it in again.
    if (Number(lifted?.seq ?? 0) > Number(closed?.seq ?? 0)) return;
    await this.dismiss(model.hash, { why: 'harm', barred: true, user: null, note: gate.reason });
  }

  newestAssessment(applicant: string): ReturnType<typeof newestAssessment> {
    return newestAssessment(this.#o.journal.db, this.#o.station.config.id, applicant);
  }

  async idle(): Promise<void> {
    await this.#turn;
    await Promise.all([...this.#shadows.values()].map((shadow) => shadow.idle()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#o.station.attend(null);
    await this.#turn;
    await Promise.all([...this.#shadows.values()].map((shadow) => shadow.close()));
    this.#shadows.clear();
  }

  #place() {
    const { blobs } = this.#o;
    return {
      ...this.#o,
      spec: (applied: Applied) => this.spec(applied),
      graph: async (applied: Applied) => (applied.model === null ? null : blobs.get(applied.model)),
    };
  }

  /** Opens who has the post by the journal, after a restart. The gate goes on as it was. */
  async #takePost(applied: Applied): Promise<void> {
    const { station, secrets } = this.#o;
    const model = await open(applied, this.#place());
    await station.desk.exclusively(async () => {
      const { gate } = station;
      const secret = gate === null ? null : await secrets.read(station.config.id, gate.epoch);
      station.renew(secret ?? Buffer.alloc(32), model);
    });
  }

  async #leaveShadow(applicant: string): Promise<void> {
    const shadow = this.#shadows.get(applicant);
    this.#shadows.delete(applicant);
    this.#faults.delete(applicant);
    await shadow?.close();
  }

  /** The oldest of too many candidates leaves; one that waits for a signature stays. */
  async #makeRoom(): Promise<void> {
    const { journal, clock, station } = this.#o;
    const fitted = this.all().filter(
      ({ state, body }) => state === 'shadow' && body.from === 'fit' && body.fit !== null,
    );
    for (const { id } of fitted.slice(MOST_FITTED)) {
      const note = 'a newer fit takes its place in shadow';
      const body = {
        ...{ station: station.config.id, applicant: id, why: 'replaced' as const, barred: false },
        ...{ user: null, note },
      };
      await journal.append(factOf('dismissed', { subject: station.config.id, atMs: clock.nowMs(), body }));
      await this.#leaveShadow(id);
    }
  }

  /** One change at a time; a failure is its own caller's alone. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
