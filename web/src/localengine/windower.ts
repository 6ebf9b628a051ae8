/** Sound cut into windows; how it arrives in blocks never changes them. */
export class Windower {
  /** As much room as was ever needed, and how much of it is sound: a room for each block would be garbage without end. */
  private kept = new Float32Array(0)
  private count = 0
  /** Numbers of the first sample that is kept, and of the first of the next window. */
  private keptFrom = 0
  private next = 0

  constructor(
    private readonly windowSamples: number,
    private readonly hopSamples: number,
  ) {}

  /** The windows that a block completes, each with the number of its first sample. */
  feed(block: Float32Array): [number, Float32Array][] {
    const held = this.count + block.length
    if (held > this.kept.length) {
      const wider = new Float32Array(held)
      wider.set(this.kept.subarray(0, this.count))
      this.kept = wider
    }
    this.kept.set(block, this.count)
    const end = this.keptFrom + held
    const found: [number, Float32Array][] = []
    for (; this.next + this.windowSamples <= end; this.next += this.hopSamples) {
      const at = this.next - this.keptFrom
      found.push([this.next, this.kept.slice(at, at + this.windowSamples)])
    }
    // A hop longer than the window leaves samples out: they are dropped as they come.
    const done = Math.min(this.next, end)
    this.kept.copyWithin(0, done - this.keptFrom, held)
    this.count = end - done
    this.keptFrom = done
    return found
  }
}
