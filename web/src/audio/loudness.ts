/** How loud a frame is: its RMS in dB of full scale, and its largest sample, 0 … 1. */
export function loudness(pcm: Int16Array): { levelDb: number; peak: number } {
  let sum = 0
  let peak = 0
  for (const value of pcm) {
    sum += value * value
    peak = Math.max(peak, Math.abs(value))
  }
  const power = sum / Math.max(pcm.length, 1) / 32768 ** 2
  return { levelDb: 10 * Math.log10(power + 1e-12), peak: peak / 32768 }
}
