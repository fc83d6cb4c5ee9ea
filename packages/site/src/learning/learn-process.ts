import { constants, setPriority } from 'node:os';
import type { LearnMessage, LearnRequest } from './learn-request.js';
import { learn } from './learn-step.js';

/** The learner's own process: one step for each message, at the lowest priority, so that the line never waits for it. */

// Before anything starts a thread: threads take the priority of who starts them.
setPriority(constants.priority.PRIORITY_LOW);

const send = (message: LearnMessage): void => {
  process.send?.(message);
};

process.on('message', (request: LearnRequest) => {
  learn(request, (what, done) => send({ at: 'progress', what, done }))
    .then((result) => send({ at: 'done', result }))
    .catch((error) => send({ at: 'failed', why: error instanceof Error ? error.message : String(error) }));
});
// A learner without its site has nobody to learn for.
process.on('disconnect', () => process.exit(0));
