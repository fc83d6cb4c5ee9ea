import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from './child.js';
import { DEMO_TERMS, type SewingSite, STATIONS, sewingSite } from './sewing-site.js';
import { SiteClient } from './site-client.js';

/** Known to this process alone. */
export const DEMO_OWNER = { name: 'Demo owner', password: randomBytes(18).toString('base64url') };
const REASON = 'simulated: the budget and the leases of the demo';
/** A machine that is busy with other things takes its time to load what a connection needs. */
const UP_MS = 150_000;

/** A site and its owner. */
export class DemoSite {
  readonly client: SiteClient;

  constructor(client: SiteClient) {
    this.client = client;
  }

  /** Every connection to equipment is up. @throws Error where one does not come up. */
  async connected(signal?: AbortSignal): Promise<void> {
    const untilMs = performance.now() + UP_MS;
    for (;;) {
      const all = await this.client.equipment();
      if (all.every(({ state }) => state === 'up')) return;
      signal?.throwIfAborted();
      if (performance.now() > untilMs)
        throw new Error(
          `no connection: ${all.map(({ id, state, why }) => `${id} ${state} (${why})`).join('; ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Signs the demo's budget of each gate. */
  async signBudgets(): Promise<void> {
    const { escapeRate, confidence, plannedUnits } = DEMO_TERMS;
    for (const id of Object.keys(STATIONS))
      await this.client.post(`/api/stations/${id}/sign`, {
        ...{ escapeRate, overkillRate: 0, confidence, contract: 'per-unit', plannedUnits, reason: REASON },
      });
  }

  /** Turns the guards of both machines on. */
  async act(): Promise<void> {
    for (const connector of ['machine-1', 'machine-2'])
      await this.client.post(`/api/equipment/${connector}/mode`, { mode: 'act', reason: REASON });
  }

  /** Signs the leases of both settings at both machines: their trials begin. */
  async signLeases(): Promise<void> {
    for (const n of [1, 2]) {
      const lease = { station: `top-stitch-${n}`, hours: 1, rollBack: 0, reason: REASON };
      const path = `/api/equipment/machine-${n}/leases`;
      await this.client.post(path, { ...lease, target: `m${n}/steering/share`, bounds: [0, 1], maxStep: 1 });
      await this.client.post(path, {
        ...lease,
        target: `m${n}/tension/trim`,
        bounds: [-40, 40],
        maxStep: 40,
      });
    }
  }
}

/** Writes the configuration of a site beside its folder; returns the file. */
export async function writeSite(site: SewingSite): Promise<string> {
  const file = join(site.folder, '..', `site-${site.plant}.yaml`);
  await mkdir(join(site.folder, '..'), { recursive: true });
  await writeFile(file, sewingSite(site));
  return file;
}

/** A site in a process of its own. */
export class SiteChild extends DemoSite {
  readonly child: Child;

  private constructor(child: Child, client: SiteClient) {
    super(client);
    this.child = child;
  }

  /** Writes its configuration and starts it; signs the owner in. */
  static async start(site: SewingSite): Promise<SiteChild> {
    const child = Child.start(['site', await writeSite(site), '--log', 'error']);
    try {
      const [, address = ''] = await child.says(/\[simulated\]: (http\S+)/);
      await child.says(/Running\./);
      const client = new SiteClient(address);
      const code = child.heard(/one-time code: (\S+)/)?.[1] ?? null;
      if (code === null) await client.signIn(DEMO_OWNER);
      else await client.setUp(code, DEMO_OWNER);
      return new SiteChild(child, client);
    } catch (error) {
      await child.kill();
      throw error;
    }
  }
}
