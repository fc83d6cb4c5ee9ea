/** What a connector may know of the guard: whether a command came from it. */
export { type Armed, isArmed, type Sealed } from '../guard/armed.js';
