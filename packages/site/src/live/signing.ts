import { type Budget, DEFAULT_SETTINGS, type GatePlan, startGate } from '@selvedge/core';
import type { Fact, Journal } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { LiveStation } from './live-station.js';
import { type Secrets, secretHash } from './secrets.js';

/** What a person signs: how much a gate may get wrong, on how many labelled units it is to be proved, and why. */
export interface Signature {
  readonly budget: Budget;
  readonly plannedUnits: number | null;
  readonly user: string;
  readonly reason: string;
}

/**
 * Puts a signed budget to work: an epoch begins in shadow, with a new audit secret whose hash is written before its first
 * draw; the secret of the epoch before is opened, so that its draws can be checked.
 *
 * @throws RangeError where the budget is impossible: nothing is written.
 */
export async function signBudget(
  station: LiveStation,
  { budget, plannedUnits, user, reason }: Signature,
  { journal, secrets, clock }: { journal: Journal; secrets: Secrets; clock: SiteClock },
): Promise<void> {
  // In turn with everything else that moves the gate: a model that is installed meanwhile begins an epoch too.
  await station.desk.exclusively(async () => {
    const { id, part, safety, settings } = station.config;
    const plan: GatePlan = {
      budget,
      signedBy: user,
      reason,
      safety,
      plannedUnits,
      rampThreshold: budget.contract === 'per-unit' ? (station.model?.rampThreshold ?? null) : null,
      scope: part ?? id,
      settings: { ...DEFAULT_SETTINGS, ...settings },
    };
    // An impossible budget is refused here, before anything is written.
    startGate(plan, { atMs: 0 });
    const before = station.gate;
    const epoch = (before?.epoch ?? 0) + 1;
    const atMs = clock.nowMs();
    const facts: Fact[] = [];
    if (before !== null) {
      const old = await secrets.read(id, before.epoch);
      const body = { station: id, epoch: before.epoch, secret: old?.toString('hex') ?? '' };
      if (old !== null) facts.push(factOf('secret-revealed', { subject: id, atMs, body }));
    }
    const secret = await secrets.make(id, epoch);
    facts.push(
      factOf('secret-committed', {
        subject: id,
        atMs,
        body: { station: id, epoch, hash: secretHash(secret) },
      }),
      factOf('signed', {
        subject: id,
        atMs,
        body: { station: id, ...budget, plannedUnits, user, reason, plan: { ...plan } },
      }),
    );
    await journal.appendAll(facts);
    station.renew(secret, station.model);
  });
}
