/** Height of a frequency in a picture with a row for each band, 0 at the bottom, 1 at the top; its edges are estimated. */
export function heightAmong(bandsHz: readonly number[], hz: number): number {
  const rows = bandsHz.length
  const above = bandsHz.findIndex((centre) => centre >= hz)
  const upper = above < 0 ? rows - 1 : Math.max(1, above)
  const low = bandsHz[upper - 1]
  const high = bandsHz[upper]
  if (low === undefined || high === undefined || high === low) return 0.5
  return (upper - 1 + (hz - low) / (high - low) + 0.5) / rows
}

export interface Part {
  left: number
  right: number
  bottom: number
  top: number
}

/** Place of a band and a stretch of time in a picture, as parts of its width and height. */
export function partOf(
  what: { low_hz: number; high_hz: number; start_s: number; end_s: number },
  picture: { bandsHz: readonly number[]; startS: number; seconds: number },
): Part {
  const within = (value: number) => Math.min(1, Math.max(0, value))
  return {
    left: within((what.start_s - picture.startS) / picture.seconds),
    right: within((what.end_s - picture.startS) / picture.seconds),
    bottom: within(heightAmong(picture.bandsHz, what.low_hz)),
    top: within(heightAmong(picture.bandsHz, what.high_hz)),
  }
}
