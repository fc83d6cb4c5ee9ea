/** A fit that cannot be done with the units given; `message` says what to change. */
export class FitError extends Error {
  constructor(
    readonly code:
      | 'no-units'
      | 'no-good-units'
      | 'no-bad-units'
      | 'mixed-kinds'
      | 'unreadable-units'
      | 'wrong-kind'
      | 'wrong-backbone',
    message: string,
  ) {
    super(message);
    this.name = 'FitError';
  }
}
