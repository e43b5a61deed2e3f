// Ops of numbers as the page computes them, and their partials: the same as chainrule's, kinks included. A partial that is
// null takes no part: it belongs to what was not chosen.

type Partial = number | null;

interface Twin {
  value: (a: number, b: number, c: number) => number;
  partials: (y: number, a: number, b: number, c: number) => Partial[];
}

const unary = (value: (a: number) => number, partial: (y: number, a: number) => Partial): Twin => ({ value, partials: (y, a) => [partial(y, a)] });

const raised = (a: number, n: number): number => (n === 0 ? 0 : n === 1 ? 1 : n * a ** (n - 1));

/** e^a / (e^a + e^b). */
const share = (a: number, b: number): number => 1 / (1 + Math.exp(b - a));

const logaddexp = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

/** The partials of the angle of (b, a), at this distance, whose square may overflow. */
const turned = (a: number, b: number, distance: number): Partial[] => [b / distance / distance, -a / distance / distance];

/** As NumPy divides: from the remainder, which is exact, where the quotient may be rounded up to a whole number. */
const floorDivided = (a: number, b: number): number => {
  const rest = a % b;
  return Math.round((a - rest) / b) - Number(rest !== 0 && rest < 0 !== b < 0);
};

/** Of two equal operands each has half of the derivative. */
const chosen = (first: boolean, equal: boolean): Partial[] => (equal ? [0.5, 0.5] : first ? [1, null] : [null, 1]);

export const twins: Record<string, Twin> = {
  add: { value: (a, b) => a + b, partials: () => [1, 1] },
  subtract: { value: (a, b) => a - b, partials: () => [1, -1] },
  multiply: { value: (a, b) => a * b, partials: (_, a, b) => [b, a] },
  divide: { value: (a, b) => a / b, partials: (y, _, b) => [1 / b, -y / b] },
  negative: unary((a) => -a, () => -1),
  reciprocal: unary((a) => 1 / a, (y) => -y * y),
  square: unary((a) => a * a, (_, a) => 2 * a),
  raised: { value: (a, n) => a ** n, partials: (_, a, n) => [raised(a, n), null] },
  power: { value: (a, b) => a ** b, partials: (y, a, b) => [raised(a, b), a === 0 && b >= 0 ? 0 : y * Math.log(a)] },
  exp: unary(Math.exp, (y) => y),
  expm1: unary(Math.expm1, (_, a) => Math.exp(a)),
  exp2: unary((a) => 2 ** a, (y) => y * Math.LN2),
  log: unary(Math.log, (_, a) => 1 / a),
  log1p: unary(Math.log1p, (_, a) => 1 / (1 + a)),
  log2: unary(Math.log2, (_, a) => 1 / (Math.LN2 * a)),
  log10: unary(Math.log10, (_, a) => 1 / (Math.LN10 * a)),
  sqrt: unary(Math.sqrt, (y) => 0.5 / y),
  cbrt: unary(Math.cbrt, (y) => 1 / (3 * y * y)),
  sin: unary(Math.sin, (_, a) => Math.cos(a)),
  cos: unary(Math.cos, (_, a) => -Math.sin(a)),
  tan: unary(Math.tan, (y) => 1 + y * y),
  arcsin: unary(Math.asin, (_, a) => 1 / Math.sqrt((1 - a) * (1 + a))),
  arccos: unary(Math.acos, (_, a) => -1 / Math.sqrt((1 - a) * (1 + a))),
  arctan: unary(Math.atan, (_, a) => 1 / (1 + a * a)),
  sinh: unary(Math.sinh, (_, a) => Math.cosh(a)),
  cosh: unary(Math.cosh, (_, a) => Math.sinh(a)),
  tanh: unary(Math.tanh, (_, a) => 1 / Math.cosh(a) ** 2),
  arcsinh: unary(Math.asinh, (_, a) => 1 / Math.hypot(1, a)),
  arccosh: unary(Math.acosh, (_, a) => 1 / Math.sqrt((a - 1) * (a + 1))),
  arctanh: unary(Math.atanh, (_, a) => 1 / ((1 - a) * (1 + a))),
  absolute: unary(Math.abs, (_, a) => Math.sign(a)),
  maximum: { value: (a, b) => Math.max(a, b), partials: (_, a, b) => chosen(a > b, a === b) },
  minimum: { value: (a, b) => Math.min(a, b), partials: (_, a, b) => chosen(a < b, a === b) },
  logaddexp: { value: logaddexp, partials: (_, a, b) => [share(a, b), share(b, a)] },
  hypot: { value: (a, b) => Math.hypot(a, b), partials: (y, a, b) => (y === 0 ? [0, 0] : [a / y, b / y]) },
  arctan2: { value: Math.atan2, partials: (_, a, b) => turned(a, b, Math.hypot(a, b)) },
  // y (1 - y) would cancel where y is almost 1.
  expit: unary((a) => 1 / (1 + Math.exp(-a)), (_, a) => (0.5 / Math.cosh(a / 2)) ** 2),
  select: { value: (a, b, c) => (a !== 0 ? b : c), partials: (_, a) => (a !== 0 ? [null, 1, null] : [null, null, 1]) },
  same: unary((a) => a, () => 1),
};

/** What the run depended on, as a number. */
export const tests: Record<string, (a: number, b: number) => number> = {
  greater: (a, b) => Number(a > b),
  greater_equal: (a, b) => Number(a >= b),
  less: (a, b) => Number(a < b),
  less_equal: (a, b) => Number(a <= b),
  equal: (a, b) => Number(a === b),
  not_equal: (a, b) => Number(a !== b),
  sign: (a) => Math.sign(a),
  floor: (a) => Math.floor(a),
  ceil: (a) => Math.ceil(a),
  trunc: (a) => Math.trunc(a),
  truncate: (a) => Math.trunc(a),
  isnan: (a) => Number(Number.isNaN(a)),
  isfinite: (a) => Number(Number.isFinite(a)),
  isinf: (a) => Number(a === Infinity || a === -Infinity),
  floor_divide: floorDivided,
};
