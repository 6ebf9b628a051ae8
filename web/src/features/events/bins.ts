/** How many times fall into each of equal parts of a stretch. */
export function binsOf(times: readonly number[], start: number, end: number, count: number): number[] {
  const bins = new Array<number>(count).fill(0)
  for (const time of times) {
    const bin = Math.min(count - 1, Math.max(0, Math.floor(((time - start) / (end - start)) * count)))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  return bins
}
