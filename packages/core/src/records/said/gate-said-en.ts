/**
 * Sentences that gates say, as they say them: English, `{name}` where a value stands; a value whose name begins with
 * `say` is itself such a sentence. The record keeps them in one language, since what is hashed must not depend on who reads
 * it; whoever shows them to people translates them.
 */
export const gateSaidEn = {
  noEvidence: 'no evidence yet',
  newEpoch: 'new epoch',
  newEpochZero: 'new epoch: evidence from zero',
  refused: 'the certificate was refused: {sayFault}',
  refusedState: 'the gate is in state {state}',
  refusedTwice: 'this epoch has had its certificate',
  refusedPlan: 'it rests on {n} units, planned were {planned}',
  refusedEscapeDelta: 'its escape delta exceeds the ledger',
  refusedOverkillDelta: 'its overkill delta exceeds the ledger',
  refusedOverkill: 'no overkill budget was signed',
  unproved: '{n} labelled units do not prove any automatic share within the budget',
  certificate: 'certificate on {n} labelled units',
  blind:
    'the gate may pass {share} of the units, but passing {blind} of them at random would keep this budget too: the budget carries the promise, not the model',
  vacuous:
    'the budget is vacuous: {bads} bad of {n} units is surely no more than the budget allows, so passing everything would keep it',
  badAudit: 'audit of {id} found a bad unit: audits are raised',
  harm: 'harm: the audits find more bad units than the budget allows',
  manyFindings: 'more findings downstream than can be told apart',
  harmDownstream: 'harm: more bad units are found downstream than the budget allows',
  moreDownstream: 'more bad units downstream than expected: audits are raised',
  moreBad: 'more bad units among the audits than expected: audits are raised',
  calm: '{n} audits without harm or score alarm',
  atFloor: 'the live bound has brought the audits down to their floor',
  within: 'the live bound lies within the budget',
  firstPart: 'the live bound allows a first part of the calls',
  expired: 'expired: the evidence was not renewed',
  expiring: 'the evidence is expiring and not renewed yet',
  renewed: 'the evidence was renewed',
  overdue: '{n} audits are overdue: the evidence is missing',
  scope: "scope {scope} is outside the certificate's scope {own}",
  regime: 'unknown regime: the scores no longer look like those of this epoch',
  shifted: 'the scores have shifted: audits are raised',
  space: 'the journal cannot commit: the disk has {free} MB left, below the hard floor of {floor} MB',
  journal: 'the journal cannot commit: {reason}',
  signature: 'a signature does not verify: {reason}',
  testUnit: 'exact-binomial-per-unit',
  testPass: 'exact-binomial-per-pass',
  testOverkill: 'exact-binomial-overkill-per-unit',
  testGroup: 'betting-by-group-per-unit',
};
