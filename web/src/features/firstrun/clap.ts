/** Whether a microphone hears a clap: something much louder than what was there before. */

/** So many frames say how loud it is here; a clap takes one or two of them. */
const KNOWN_FRAMES = 12
const KEPT_FRAMES = 60
const OVER_DB = 12
const LEAST_DB = -60
const SILENT_DB = -85

export type Heard = 'waiting' | 'silent' | 'clap'

export class ClapCheck {
  private levels: number[] = []
  private found = false

  /** The level of one more frame, in dB of full scale. */
  feed(levelDb: number): Heard {
    const usual = this.usualDb()
    if (usual !== null && levelDb > LEAST_DB && levelDb - usual >= OVER_DB) this.found = true
    this.levels = [...this.levels, levelDb].slice(-KEPT_FRAMES)
    if (this.found) return 'clap'
    const isSilent = this.levels.length === KEPT_FRAMES && Math.max(...this.levels) < SILENT_DB
    return isSilent ? 'silent' : 'waiting'
  }

  private usualDb(): number | null {
    if (this.levels.length < KNOWN_FRAMES) return null
    return this.levels.toSorted((a, b) => a - b)[this.levels.length >> 1] ?? null
  }
}
