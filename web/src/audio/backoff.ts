const FIRST_MS = 500
const LONGEST_MS = 15_000

/** How long to wait before the next try: twice as long each time, and not all pages at once. */
export function waitMs(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10))
  return longest * (0.75 + 0.25 * random)
}
