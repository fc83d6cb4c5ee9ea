import type { SiteConfig, StationConfig } from '../config/site-config.js';
import type { ModelPlace } from '../live/installed-models.js';
import type { LiveSite } from '../live/live-site.js';
import { oneAtATime } from '../live/one-at-a-time.js';
import { type Part, pause, type Supervisor } from '../live/supervisor.js';
import { Applicants } from './applicants.js';
import { configuredPart, connectionsOf, remoteSpec } from './configured.js';
import { Extra } from './extra.js';
import { Learner } from './learner.js';
import { LearnerProcess } from './learner-process.js';
import { hireByPolicy, policyOf } from './policy.js';
import { type Roles, rolesOf } from './roles.js';

/** How often somebody who is recommended is looked at under a signed policy. */
const POLICY_MS = 1_000;

export interface PlantLearningOptions extends ModelPlace {
  readonly config: SiteConfig;
  readonly live: LiveSite;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** Who applies, what is learnt, and what is asked besides, at one station. */
export interface StationLearning {
  readonly applicants: Applicants;
  readonly learner: Learner;
  readonly extra: Extra;
  readonly roles: Roles;
  /** Power of one busy core, W; null where nobody has said. */
  readonly wattsPerCore: number | null;
}

/** Who applies and what is learnt at every station of a plant; one process of the learner for all of them. */
export class PlantLearning {
  readonly #stations: ReadonlyMap<string, StationLearning>;
  readonly #config: SiteConfig;
  readonly #process: LearnerProcess;
  readonly #o: PlantLearningOptions;

  private constructor(
    options: PlantLearningOptions,
    stations: ReadonlyMap<string, StationLearning>,
    process: LearnerProcess,
  ) {
    this.#o = options;
    this.#config = options.config;
    this.#stations = stations;
    this.#process = process;
  }

  static async open(options: PlantLearningOptions): Promise<PlantLearning> {
    const { config, live, journal, blobs, clock, env, log } = options;
    const process = new LearnerProcess();
    const inTurn = oneAtATime();
    const stations = new Map<string, StationLearning>();
    for (const settings of config.stations) {
      const station = live.station(settings.id);
      const place = { journal, blobs, clock, secrets: live.secrets };
      const { evidenceShare, rolesBy } = settings.learn;
      const roles = await rolesOf(settings.id, { evidenceShare, by: rolesBy }, place);
      const connections = connectionsOf(settings, env);
      const applicants = new Applicants({
        ...{ ...place, station, log },
        remote: async (applied) => remoteSpec(applied, connections, place),
      });
      await applicants.open();
      const learner = new Learner({
        ...{ ...place, folder: config.folder, station, applicants, roles, process, inTurn, log },
        observed: settings.observation,
        settings: learnSettingsOf(settings),
      });
      const extra = new Extra({
        ...{ db: journal.db, station: settings.id, roles, perHour: settings.learn.extraPerHour },
        steadyMs: () => clock.steadyMs(),
      });
      station.askBesides((unit) => extra.wants(unit));
      const { wattsPerCore = null } = settings.learn;
      stations.set(settings.id, { applicants, learner, extra, roles, wattsPerCore });
    }
    return new PlantLearning(options, stations, process);
  }

  get stations(): ReadonlyMap<string, StationLearning> {
    return this.#stations;
  }

  settingsOf(station: string): StationConfig | null {
    return this.#config.stations.find(({ id }) => id === station) ?? null;
  }

  /** Begins to learn and to let those of the configuration apply. */
  start(supervisor: Supervisor): void {
    for (const settings of this.#config.stations) {
      const one = this.#stations.get(settings.id);
      if (one === undefined) continue;
      void supervisor.watch(one.learner.part);
      void supervisor.watch(this.#policyPart(settings.id, one.applicants));
      for (const applicant of settings.applicants)
        void supervisor.watch(
          configuredPart(applicant, { station: settings, applicants: one.applicants, place: this.#o }),
        );
    }
  }

  #policyPart(station: string, applicants: Applicants): Part {
    const { journal, clock } = this.#o;
    return {
      name: `policy ${station}`,
      station,
      run: async ({ signal }) => {
        while (!signal.aborted) {
          await hireByPolicy(applicants, policyOf({ journal }, station, clock.nowMs()));
          await pause(POLICY_MS, signal);
        }
      },
    };
  }

  async close(): Promise<void> {
    this.#process.close();
    await Promise.all([...this.#stations.values()].map(({ applicants }) => applicants.close()));
  }
}

const learnSettingsOf = ({ learn }: StationConfig) => ({
  enabled: learn.enabled,
  recipe: learn.recipe,
  fitUnits: learn.fitUnits,
  growth: learn.growth,
  margin: learn.margin,
});
