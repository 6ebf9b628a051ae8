/** Powers of the bins 0 … size/2 of real signals of one size (a power of two), Hann-windowed; a full-scale sine has 1. */
export class PowerSpectrum {
  readonly power: Float32Array
  private readonly window: Float32Array
  private readonly re: Float32Array
  private readonly im: Float32Array
  private readonly cos: Float32Array
  private readonly sin: Float32Array
  private readonly order: Uint32Array

  constructor(readonly size: number) {
    const bits = Math.log2(size)
    if (!Number.isInteger(bits) || bits < 2) throw new RangeError('size must be a power of two')
    this.power = new Float32Array(size / 2 + 1)
    this.window = Float32Array.from(
      { length: size },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size),
    )
    this.re = new Float32Array(size)
    this.im = new Float32Array(size)
    this.cos = Float32Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size))
    this.sin = Float32Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size))
    this.order = Uint32Array.from({ length: size }, (_, i) => reversed(i, bits))
  }

  /** The powers of `size` samples from `start` on; the array is the same one each time. */
  of(samples: Float32Array, start = 0): Float32Array {
    const { size, re, im, power } = this
    for (let i = 0; i < size; i++) {
      const from = this.order[i] as number
      re[i] = (samples[start + from] as number) * (this.window[from] as number)
    }
    im.fill(0)
    this.transform()
    const scale = 16 / (size * size) // (2 / sum of the window)²; that sum is size / 2
    for (let i = 0; i <= size / 2; i++) {
      power[i] = ((re[i] as number) ** 2 + (im[i] as number) ** 2) * scale
    }
    return power
  }

  private transform(): void {
    const { size, re, im } = this
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half)
      for (let begin = 0; begin < size; begin += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = this.cos[k * stride] as number
          const s = this.sin[k * stride] as number
          const a = begin + k
          const b = a + half
          const rb = (re[b] as number) * c + (im[b] as number) * s
          const ib = (im[b] as number) * c - (re[b] as number) * s
          re[b] = (re[a] as number) - rb
          im[b] = (im[a] as number) - ib
          re[a] = (re[a] as number) + rb
          im[a] = (im[a] as number) + ib
        }
      }
    }
  }
}

function reversed(index: number, bits: number): number {
  let result = 0
  for (let bit = 0; bit < bits; bit++) result |= ((index >> bit) & 1) << (bits - 1 - bit)
  return result
}
