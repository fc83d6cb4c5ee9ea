/** Value and gradient of a smooth function; writes the gradient into `gradient`. */
export type Objective = (at: Float64Array, gradient: Float64Array) => number;

/**
 * Minimises a smooth convex function: limited-memory BFGS, two-loop recursion (Nocedal and Wright 2006,
 * algorithm 7.4) with back-tracking to the Armijo condition. Works on `at` in place.
 * @returns the value reached.
 */
export function minimise(
  objective: Objective,
  at: Float64Array,
  { iterations, tolerance }: { iterations: number; tolerance: number },
): number {
  const n = at.length;
  const memory = 8;
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  const rhos: number[] = [];
  let gradient = new Float64Array(n);
  let value = objective(at, gradient);
  const direction = new Float64Array(n);
  const alphas = new Float64Array(memory);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const slope0 = largest(gradient);
    if (slope0 < tolerance) break;
    for (let i = 0; i < n; i++) direction[i] = -gradient[i]!;
    for (let k = steps.length - 1; k >= 0; k--) {
      const a = rhos[k]! * dot(steps[k]!, direction);
      alphas[k] = a;
      addScaled(direction, changes[k]!, -a);
    }
    const last = steps.length - 1;
    const scale =
      last >= 0 ? 1 / (rhos[last]! * dot(changes[last]!, changes[last]!)) : 1 / Math.max(1, slope0);
    for (let i = 0; i < n; i++) direction[i]! *= scale;
    for (let k = 0; k < steps.length; k++) {
      addScaled(direction, steps[k]!, alphas[k]! - rhos[k]! * dot(changes[k]!, direction));
    }
    const slope = dot(gradient, direction);
    if (slope >= 0) break;
    let step = 1;
    const start = Float64Array.from(at);
    const nextGradient = new Float64Array(n);
    let next = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 30; attempt++) {
      for (let i = 0; i < n; i++) at[i] = start[i]! + step * direction[i]!;
      next = objective(at, nextGradient);
      if (next <= value + 1e-4 * step * slope) break;
      step /= 2;
    }
    if (!(next <= value)) {
      at.set(start);
      break;
    }
    const s = new Float64Array(n);
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      s[i] = at[i]! - start[i]!;
      y[i] = nextGradient[i]! - gradient[i]!;
    }
    const curvature = dot(s, y);
    if (curvature > 1e-14) {
      if (steps.length === memory) {
        steps.shift();
        changes.shift();
        rhos.shift();
      }
      steps.push(s);
      changes.push(y);
      rhos.push(1 / curvature);
    }
    const gained = value - next;
    value = next;
    gradient = nextGradient;
    if (gained < 1e-9 * Math.max(1, Math.abs(value)) && largest(gradient) < 10 * tolerance) break;
  }
  return value;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(a: Float64Array, b: Float64Array, scale: number): void {
  for (let i = 0; i < a.length; i++) a[i]! += scale * b[i]!;
}

function largest(a: Float64Array): number {
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i]!));
  return max;
}
