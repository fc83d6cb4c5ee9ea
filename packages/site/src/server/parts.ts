import type { Origin, Trouble } from '@selvedge/core/records';
import type { Blobs, Journal } from '@selvedge/store';
import type { Access } from '../access/access.js';
import type { PlantEquipment } from '../equipment/plant-equipment.js';
import type { PlantLearning } from '../learning/plant-learning.js';
import type { SiteClock } from '../live/clock.js';
import type { LiveSite } from '../live/live-site.js';
import type { Stage } from './stage-routes.js';

/** What the routes work on. */
export interface Parts {
  readonly name: string;
  readonly origin: Origin;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly live: LiveSite;
  readonly access: Access;
  readonly equipment: PlantEquipment;
  readonly learning: PlantLearning;
  readonly clock: SiteClock;
  /** Start of the working day that holds a moment, epoch ms. */
  readonly dayStart: (atMs: number) => number;
  /** What a presenter can let happen; null at a line that is nobody's stage. */
  readonly stage: Stage | null;
  /** What is wrong with a station's connector or worker. */
  readonly troubles: (station: string) => readonly Trouble[];
}
