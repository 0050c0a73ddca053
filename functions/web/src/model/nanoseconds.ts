/** Microseconds of nanoseconds in decimal text; what a number cannot hold of them is finer than anything shown. */
export function microsecondsOf(nanoseconds: string): number {
  return Number(nanoseconds) / 1e3;
}
