import { PowerSpectrum } from './fft'
import { COLUMNS_PER_S, ROWS, hertzAt, levelOf, spanOf } from './scale'

export interface Sound {
  /** Number of the first column; column `n` shows the sound around `n / COLUMNS_PER_S` seconds. */
  firstColumn: number
  /** Levels 0 … 255, `ROWS` for each column, from the bottom. */
  columns: Uint8Array<ArrayBuffer>
  /** Lowest and highest sample of each column, -1 … 1. */
  wave: Float32Array<ArrayBuffer>
}

const SILENCE = 1e-12

/** Turns samples, as they come, into the columns of a picture. */
export class Spectrograph {
  private readonly spectrum: PowerSpectrum
  private readonly hop: number
  private readonly held: Float32Array
  private readonly bins: [number, number][]
  private heldFrom = 0
  private heldCount = 0
  private nextColumn = 0

  constructor(rateHz: number) {
    this.hop = rateHz / COLUMNS_PER_S
    this.spectrum = new PowerSpectrum(2 ** Math.round(Math.log2(rateHz * 0.05)))
    this.held = new Float32Array(Math.ceil(rateHz))
    this.bins = rowBins(rateHz, this.spectrum.size)
  }

  feed(pcm: Int16Array, firstSample: number): Sound {
    if (firstSample !== this.heldFrom + this.heldCount) this.restart(firstSample)
    const columns: number[] = []
    const wave: number[] = []
    for (let at = 0; at < pcm.length; at += this.spectrum.size) {
      this.hold(pcm.subarray(at, at + this.spectrum.size))
      while (this.canDraw()) this.draw(columns, wave)
    }
    const firstColumn = this.nextColumn - columns.length / ROWS
    return { firstColumn, columns: Uint8Array.from(columns), wave: Float32Array.from(wave) }
  }

  private restart(firstSample: number): void {
    this.heldFrom = firstSample
    this.heldCount = 0
    this.nextColumn = Math.ceil(firstSample / this.hop + 0.5)
  }

  private hold(pcm: Int16Array): void {
    const free = this.held.length - this.heldCount
    if (pcm.length > free) {
      const drop = pcm.length - free
      this.held.copyWithin(0, drop, this.heldCount)
      this.heldFrom += drop
      this.heldCount -= drop
    }
    for (const value of pcm) this.held[this.heldCount++] = value / 32768
  }

  /** First sample of a column's spectrum, among those held. */
  private start(): number {
    return Math.round(this.nextColumn * this.hop) - this.spectrum.size / 2 - this.heldFrom
  }

  private canDraw(): boolean {
    if (this.start() < 0) this.nextColumn = Math.ceil((this.heldFrom + this.spectrum.size / 2) / this.hop)
    return this.start() + this.spectrum.size <= this.heldCount
  }

  private draw(columns: number[], wave: number[]): void {
    const start = this.start()
    const power = this.spectrum.of(this.held, start)
    for (const [first, last] of this.bins) {
      let loudest = 0
      for (let bin = first; bin <= last; bin++) loudest = Math.max(loudest, power[bin] as number)
      columns.push(levelOf(10 * Math.log10(loudest + SILENCE)))
    }
    const centre = start + this.spectrum.size / 2
    let low = 1
    let high = -1
    for (let i = Math.max(0, Math.round(centre - this.hop / 2)); i < centre + this.hop / 2; i++) {
      const value = this.held[i] as number
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    wave.push(low, high)
    this.nextColumn++
  }
}

/** First and last bin of each row. */
function rowBins(rateHz: number, size: number): [number, number][] {
  const span = spanOf(rateHz)
  const bin = (row: number) => (hertzAt(row / ROWS, span) * size) / rateHz
  return Array.from({ length: ROWS }, (_, row) => {
    const first = Math.round(bin(row))
    return [first, Math.max(first, Math.min(size / 2, Math.round(bin(row + 1)) - 1))]
  })
}
