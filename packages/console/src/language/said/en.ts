/** Sentences that the server says, as it says them: English, `{name}` where it puts a value. */
export const en = {
  workerStopped: 'worker stopped',
  accepted: 'score at or below the accepted one',
  rejected: 'score at or above the rejected one',
  closedBy: 'closed by {name}: {reason}',
  noBudget: 'nobody has signed a budget for this station',
  secretMissing: 'the audit secret of this epoch is missing',
  picture: 'retention has given the picture up',
  notShown: 'this kind is not shown',
  nothing: 'nothing could be certified',
  tooMany: 'Too many tries. Wait {n} s, then try again.',
  over: 'This question is answered, or its time is over.',
  left: 'The answer has left for the equipment already.',
  answeredAlready: 'The question is answered already.',
  noGate: 'There is no gate here: nobody has signed a budget.',
  record: 'The record cannot be written now, so nothing was done. Try again.',
};
