import type { ProofView } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import { judgedIn } from '../../folds/units.js';
import type { LiveStation } from '../../live/live-station.js';
import { type CurveWish, readCurve } from './read-curve.js';
import type { ReadingDesk } from './reading-desk.js';

/** Judged units up to which a curve is drawn at once: a few ms. */
const AT_ONCE = 1000;
/** A curve is drawn anew when one judged unit in so many is new. */
const RENEWED_AT = 200;

interface Known {
  readonly epoch: number;
  /** Judged units of the epoch when it was begun. */
  readonly labels: number;
  readonly units: number;
  readonly points: ProofView['curve'];
}

/**
 * The curve of each station's proof. It is drawn aside, and anew when one judged unit in two hundred is new; meanwhile the
 * one before is shown.
 */
export class Curves {
  readonly #db: Database;
  readonly #desk: Pick<ReadingDesk, 'read'>;
  readonly #known = new Map<string, Known>();
  readonly #drawing = new Map<string, Promise<Known>>();

  constructor(db: Database, desk: Pick<ReadingDesk, 'read'>) {
    this.#db = db;
    this.#desk = desk;
  }

  async of(station: LiveStation): Promise<ProofView['curve']> {
    const { config, gate } = station;
    if (gate === null) return [];
    const { epoch } = gate;
    const { labels } = judgedIn(this.#db, config.id, epoch);
    const known = this.#known.get(config.id);
    if (known?.epoch !== epoch) return (await this.#draw(station, epoch, labels)).points;
    if (labels - known.labels > known.units / RENEWED_AT) {
      const drawn = this.#draw(station, epoch, labels);
      if (labels <= AT_ONCE) return (await drawn).points;
      // Whoever looks meanwhile sees the one before; a drawing that failed is tried at the next look.
      drawn.catch(() => {});
    }
    return known.points;
  }

  #draw({ config, gate }: LiveStation, epoch: number, labels: number): Promise<Known> {
    const { id } = config;
    const key = `${epoch} ${id}`;
    const running = this.#drawing.get(key);
    if (running !== undefined || gate === null) return running ?? Promise.reject(new RangeError('no gate'));
    const { contract, escapeRate } = gate.plan.budget;
    const delta = gate.ledger.accept.certificate;
    const wish: CurveWish = { station: id, epoch, contract, escapeRate, delta };
    const drawing = (labels <= AT_ONCE ? readCurve(this.#db, wish) : this.#desk.read('curve', wish))
      .then(({ units, points }) => {
        const known = { epoch, labels, units, points };
        this.#known.set(id, known);
        return known;
      })
      .finally(() => this.#drawing.delete(key));
    this.#drawing.set(key, drawing);
    return drawing;
  }
}
