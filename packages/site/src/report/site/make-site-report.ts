import { type CarbonFactor, startGate, step } from '@selvedge/core';
import type { Origin, SiteFactBody, SiteReport } from '@selvedge/core/records';
import { type Database, type Entry, entryOf, openForReading, storedOf, verifyJournal } from '@selvedge/store';
import { InputFault } from '../../faults.js';
import { gateEventOf, planOf } from '../../folds/gates.js';
import { bodyOf } from '../../folds/units.js';
import { certificateOf } from './certificate-row.js';
import { checkDraws } from './check-draws.js';
import { gateDocument, type OpenUnit, phaseOf, StationTally } from './station-tally.js';

/** From the weakest word on. */
const ORIGINS: readonly Origin[] = ['simulated', 'public', 'recorded', 'live'];
const COLUMNS = 'seq, epoch, at_ms, kind, subject, body, hash';
const TOLD_EVERY = 20_000;

type Described = SiteFactBody<'described'>;

export interface SiteReportOptions {
  /** The file of the journal; opened read-only, its site may be running. */
  readonly file: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Reads no row after this one: what a report knew that was made earlier. */
  readonly upTo?: number;
  /** What the site is, where its journal does not say so (one of an earlier version). */
  readonly described?: Described;
  readonly carbon?: CarbonFactor | null;
  /** Told of every decision and intervention of the period, as cells of the CSV files. */
  readonly onDecision?: (cells: readonly Cell[]) => void;
  readonly onIntervention?: (cells: readonly Cell[]) => void;
  readonly progress?: (done: number, what: string) => void;
}
export type Cell = string | number | boolean | null;

/** First and last moment of the rows of a journal, and what its site says of itself. @throws StoreError */
export function journalSpan(file: string): { firstMs: number; lastMs: number; described: Described | null } {
  const db = openForReading(file);
  try {
    const span = db.prepare('SELECT min(at_ms) AS first, max(at_ms) AS last FROM journal').get();
    return {
      firstMs: Number(span?.first ?? 0),
      lastMs: Number(span?.last ?? 0),
      described: newest(db, 'described', Number.MAX_SAFE_INTEGER) as Described | null,
    };
  } finally {
    db.close();
  }
}

/**
 * The evidence report of a period, from the rows of the journal alone: the same rows, period and factor give the same
 * document. The chain is checked first.
 *
 * @throws InputFault `journal-not-sound`, `origin-unknown`, `empty-period`; StoreError where the file is no journal.
 */
export function makeSiteReport(options: SiteReportOptions): SiteReport {
  const { file, progress } = options;
  const verdict = verifyJournal(file, progress ? { progress } : {});
  if (!verdict.ok) {
    const message = `${file} is not sound, so nothing can be reported from it. Run: selvedge verify ${file}`;
    throw new InputFault({ code: 'journal-not-sound', message, file });
  }
  const db = openForReading(file);
  try {
    return new Walk(db, options).document();
  } finally {
    db.close();
  }
}

const newest = (db: Database, kind: string, upTo: number): unknown => {
  const row = db
    .prepare('SELECT body FROM journal WHERE kind = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
    .get(kind, upTo);
  return row === undefined ? null : JSON.parse(String(row.body));
};

/** One pass over the rows. */
class Walk {
  readonly #o: SiteReportOptions;
  readonly #db: Database;
  readonly #stations = new Map<string, StationTally>();
  readonly #units = new Map<string, OpenUnit>();
  readonly #touched = new Map<string, { station: string; unit: string }>();
  readonly #names = new Map<string, string>();
  #described: Described | null;
  #origin: Origin | null = null;
  #versions: string[] = [];
  #clockSteps = 0;
  #first: Entry | null = null;
  #last: Entry | null = null;
  #count = 0;

  constructor(db: Database, options: SiteReportOptions) {
    this.#o = options;
    this.#db = db;
    this.#described = options.described ?? null;
  }

  document(): SiteReport {
    const { fromMs, toMs, upTo = Number.MAX_SAFE_INTEGER, file, carbon = null, progress } = this.#o;
    const ends = this.#db
      .prepare('SELECT min(seq) AS first, max(seq) AS last FROM journal WHERE seq <= ? AND at_ms < ?')
      .get(upTo, toMs);
    if (ends?.last == null) {
      const message = 'the journal has no row before the end of that period. Choose a later one';
      throw new InputFault({ code: 'empty-period', message, file });
    }
    const last = Number(ends.last);
    const head = this.#rows(last, last).next().value as Entry;
    for (const entry of this.#rows(0, last)) {
      if (entry.seq % TOLD_EVERY === 0) progress?.(entry.seq / last, 'reading the journal');
      this.#take(entry, entry.atMs >= fromMs && entry.atMs < toMs);
    }
    this.#rest();
    for (const { station, unit } of this.#touched.values()) this.#correct(station, unit);
    for (const [id, tally] of this.#stations) checkDraws(this.#db, { station: id, draws: tally.draws, last });
    const described = this.#described;
    if (described === null) {
      const message = `the journal of ${file} does not say where its figures come from: it was written by an earlier version. Name the configuration of the site in place of its folder`;
      throw new InputFault({ code: 'origin-unknown', message, file });
    }
    const known = new Map(described.stations.map((one) => [one.id, one]));
    for (const id of this.#stations.keys())
      if (!known.has(id)) known.set(id, { id, name: id, line: '', safety: false });
    const key = newest(this.#db, 'key-made', last) as SiteReport['key'];
    return {
      specVersion: '1',
      site: { id: described.site, name: described.name, timezone: described.timezone },
      origin: this.#origin ?? described.origin,
      period: { fromMs, toMs },
      journal: {
        head: { epoch: head.epoch, seq: head.seq, atMs: head.atMs, hash: head.hash },
        rows:
          this.#first === null || this.#last === null
            ? null
            : {
                from: this.#first.seq,
                to: this.#last.seq,
                count: this.#count,
                epochFrom: this.#first.epoch,
                epochTo: this.#last.epoch,
              },
        keptFrom: Number(this.#db.prepare('SELECT min(seq) AS seq FROM journal').get()?.seq ?? 1),
        clockSteps: this.#clockSteps,
        versions: this.#versions,
      },
      key: key === null ? null : { publicKey: key.publicKey, fingerprint: key.fingerprint },
      stations: [...known.values()].map((about) =>
        (this.#stations.get(about.id) ?? new StationTally()).document(about, carbon),
      ),
    };
  }

  *#rows(from: number, to: number): Generator<Entry> {
    const rows = this.#db
      .prepare(`SELECT ${COLUMNS} FROM journal WHERE seq >= ? AND seq <= ? ORDER BY seq`)
      .iterate(from, to);
    for (const row of rows) yield entryOf(storedOf(row));
  }

  #station(id: string): StationTally {
    const known = this.#stations.get(id);
    if (known !== undefined) return known;
    const tally = new StationTally();
    this.#stations.set(id, tally);
    return tally;
  }

  #take(entry: Entry, within: boolean): void {
    if (within) {
      this.#first ??= entry;
      this.#last = entry;
      this.#count += 1;
    }
    this.#site(entry, within);
    this.#unit(entry, within);
    this.#gate(entry, within);
    if (within) this.#people(entry);
  }

  #site(entry: Entry, within: boolean): void {
    const described = bodyOf(entry, 'described');
    if (described) {
      this.#described = described;
      const before = within ? this.#origin : null;
      const weaker = ORIGINS.indexOf(described.origin) < ORIGINS.indexOf(before ?? 'live');
      this.#origin = before === null || weaker ? described.origin : before;
    }
    const started = bodyOf(entry, 'started');
    if (started) {
      const known = within ? this.#versions : [];
      this.#versions = [...new Set([...known, started.version])];
    }
    const added = bodyOf(entry, 'user-added');
    if (added) this.#names.set(added.user, added.name);
    if (within && entry.kind === 'clock-stepped') this.#clockSteps += 1;
  }

  #unit(entry: Entry, within: boolean): void {
    const { subject } = entry;
    if (subject === null) return;
    const arrived = bodyOf(entry, 'arrived');
    if (arrived) {
      const { energyWattHour: energy } = arrived.context;
      const metered = typeof energy === 'number' && energy >= 0 && Number.isFinite(energy);
      this.#units.set(`${arrived.station}\0${subject}`, {
        lot: arrived.lot,
        energyWattHour: metered ? energy : null,
        ...{ decided: null, within: false, first: null },
      });
      if (within) this.#station(arrived.station).arrived += 1;
      return;
    }
    const d = bodyOf(entry, 'decided');
    if (d) {
      const unit = this.#units.get(`${d.station}\0${subject}`);
      if (unit !== undefined) {
        unit.decided = { seq: entry.seq, atMs: entry.atMs, body: d };
        unit.within = within;
      }
      if (within) this.#station(d.station).decide(d);
      return;
    }
    const a = bodyOf(entry, 'answered');
    const asked = a && this.#units.get(`${a.station}\0${subject}`);
    if (a?.counts && asked) asked.first = a;
    const r = bodyOf(entry, 'released');
    if (!r) return;
    const key = `${r.station}\0${subject}`;
    const unit = this.#units.get(key);
    const tally = this.#station(r.station);
    if (within) tally.release(unit, r);
    if (unit?.decided && unit.within) {
      tally.settle(unit.decided, unit.first, r.by);
      this.#decision(subject, unit, r);
    }
    this.#units.delete(key);
  }

  /** Units that are still here: of a question that is open nothing is told but that it is. */
  #rest(): void {
    for (const [key, unit] of this.#units) {
      if (!unit.decided || !unit.within) continue;
      const { body } = unit.decided;
      const tally = this.#station(body.station);
      const waits = body.by === 'person' || body.audit;
      if (waits) tally.waiting += 1;
      else tally.settle(unit.decided, null, null);
      this.#decision(key.slice(key.indexOf('\0') + 1), unit, null);
    }
  }

  #gate(entry: Entry, within: boolean): void {
    const signed = bodyOf(entry, 'signed');
    if (signed) {
      const tally = this.#station(signed.station);
      const epoch = (tally.gate?.epoch ?? 0) + 1;
      this.#end(tally, entry, within);
      tally.gate = startGate(planOf(signed), { atMs: entry.atMs, epoch });
      const { escapeRate, overkillRate, confidence, contract, plannedUnits, user, reason } = signed;
      const row = {
        ...{ seq: entry.seq, atMs: entry.atMs, escapeRate, overkillRate, confidence, contract },
        ...{ plannedUnits, by: this.#names.get(user) ?? user, reason },
      };
      tally.signatures = within ? [...tally.signatures, row] : [row];
      return;
    }
    const committed = bodyOf(entry, 'secret-committed');
    if (committed) {
      const { station, epoch, hash: commitment } = committed;
      this.#station(station).draws.push({ epoch, commitment, committedSeq: entry.seq, opened: null });
    }
    const opened = bodyOf(entry, 'secret-revealed');
    if (opened) {
      const { draws } = this.#station(opened.station);
      const at = draws.findIndex(({ epoch, opened: done }) => epoch === opened.epoch && done === null);
      const own = draws[at];
      if (own === undefined) return;
      const result = { seq: entry.seq, secret: opened.secret, fits: false, checked: 0, wrong: 0 };
      if (within) draws[at] = { ...own, opened: result };
      else draws.splice(at, 1);
    }
    const t = bodyOf(entry, 'transition');
    if (t && within) {
      const { from, to, why } = t;
      this.#station(t.station).transitions.push({ seq: entry.seq, atMs: entry.atMs, from, to, why });
    }
    const meant = gateEventOf(entry);
    if (meant === null) return;
    const tally = this.#station(meant.station);
    if (meant.event.type === 'new-epoch') this.#end(tally, entry, within);
    if (tally.gate !== null) tally.gate = step(tally.gate, meant.event).state;
    const certified = bodyOf(entry, 'certified');
    if (!certified) return;
    const row = certificateOf(entry, certified, tally.gate?.epoch ?? 0);
    tally.certificates = within ? [...tally.certificates, row] : [row];
  }

  /** An epoch is over: what it had proved would be gone with the state of the next one. */
  #end({ gate, ended }: StationTally, { seq }: Entry, within: boolean): void {
    if (gate !== null && within) ended.push({ ...gateDocument(gate), endedSeq: seq });
  }

  #people(entry: Entry): void {
    const { subject } = entry;
    const a = bodyOf(entry, 'answered');
    if (a) {
      const tally = this.#station(a.station);
      if (a.question.startsWith('past:')) tally.takenOver += 1;
      else {
        tally.touch('verdict', true, a.tookMs / 1000);
        this.#intervention(entry, a.station, { type: 'verdict', verdict: true, seconds: a.tookMs / 1000 });
      }
    }
    const i = bodyOf(entry, 'intervened');
    if (i) {
      this.#station(i.station).touch(i.type, i.verdict, i.seconds);
      this.#intervention(entry, i.station, i);
      if (i.type === 'rework' && subject !== null && subject !== i.station)
        this.#touched.set(`${i.station}\0${subject}`, { station: i.station, unit: subject });
    }
    const s = bodyOf(entry, 'second-read');
    if (s) {
      const tally = this.#station(s.station);
      tally.reread();
      if (s.second.blind) {
        const both = Number(s.first.bad) + Number(s.second.bad);
        tally.pairs[both === 2 ? 'bothBad' : both === 1 ? 'differ' : 'bothGood'] += 1;
      }
    }
    const seed = bodyOf(entry, 'seed-read');
    if (seed) this.#station(seed.station).reread();
    const f = bodyOf(entry, 'found');
    if (f && subject !== null) this.#found(entry, subject, f);
  }

  #found(entry: Entry, unit: string, { station, where, label }: SiteFactBody<'found'>): void {
    const history = this.#history(station, unit);
    // Entered a second time it is the same finding.
    if (history.some(({ kind, seq }) => kind === 'found' && seq < entry.seq)) return;
    const decided = history.map((row) => bodyOf(row, 'decided')).find((body) => body !== null);
    const answered = history.some((row) => bodyOf(row, 'answered')?.counts);
    const alone = decided?.by === 'gate' && !decided.audit && decided.call === 'pass';
    const kind = alone ? 'escape' : answered ? 'misread' : 'other';
    this.#station(station).find({ seq: entry.seq, atMs: entry.atMs, unit, where, label, kind });
    this.#touched.set(`${station}\0${unit}`, { station, unit });
  }

  /** What was counted as good when the unit left, and was not. */
  #correct(station: string, unit: string): void {
    const { fromMs, toMs } = this.#o;
    const within = ({ atMs }: Entry): boolean => atMs >= fromMs && atMs < toMs;
    const history = this.#history(station, unit);
    const of = <K extends 'arrived' | 'decided'>(kind: K) =>
      history.map((row) => bodyOf(row, kind)).find((body) => body !== null) ?? null;
    this.#station(station).correct({
      lot: of('arrived')?.lot ?? null,
      phase: phaseOf(of('decided')?.state),
      passed: history.some((row) => bodyOf(row, 'released')?.disposition === 'pass' && within(row)),
      found: history.some((row) => row.kind === 'found' && within(row)),
      reworked: history.some((row) => bodyOf(row, 'intervened')?.type === 'rework' && within(row)),
    });
  }

  #history(station: string, unit: string): Entry[] {
    const upTo = this.#o.upTo ?? Number.MAX_SAFE_INTEGER;
    return this.#db
      .prepare(`SELECT ${COLUMNS} FROM journal WHERE subject = ? AND seq <= ? ORDER BY seq`)
      .all(unit, upTo)
      .map((row) => entryOf(storedOf(row)))
      .filter(({ body }) => (body as { station?: unknown }).station === station);
  }

  #decision(
    unit: string,
    { decided, lot, first }: OpenUnit,
    released: SiteFactBody<'released'> | null,
  ): void {
    if (this.#o.onDecision === undefined || decided === null) return;
    const { seq, atMs, body } = decided;
    const open = released === null && (body.by === 'person' || body.audit);
    const about = [seq, timeText(atMs), body.station, unit, lot, this.#originNow()];
    if (open) {
      const blank = Array.from({ length: 8 }, () => null);
      this.#o.onDecision([...about, ...blank, 'open', null, null, null, null]);
      return;
    }
    const question =
      body.by === 'gate' && !body.audit ? null : released?.by === 'deadline' ? 'nobody answered' : 'answered';
    this.#o.onDecision([
      ...about,
      ...[body.score, body.call, body.by, body.state, body.epoch, body.audit, body.propensity, body.draw],
      ...[question, first?.label ?? null, released?.disposition ?? null, body.certificate, body.why],
    ]);
  }

  #intervention(
    { seq, atMs, subject }: Entry,
    station: string,
    { type, verdict, seconds }: { type: string; verdict: boolean; seconds: number },
  ): void {
    this.#o.onIntervention?.([
      ...[seq, timeText(atMs), station, subject, this.#originNow(), type, verdict],
      seconds,
    ]);
  }

  #originNow(): Origin | null {
    return this.#origin ?? this.#described?.origin ?? null;
  }
}

const timeText = (atMs: number): string => new Date(atMs).toISOString();
