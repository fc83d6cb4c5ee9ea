/** Exit codes of every command. */
export const EXIT = { done: 0, answerIsNo: 1, badInput: 2, internal: 3 } as const;
