import { expect, test } from 'vitest'
import { FrameQueue } from '../../src/audio/frameQueue'
import { GAP, LATE } from '../../src/audio/wire'

const RATE = 1000
const FRAME = 100

function queue(): FrameQueue {
  return new FrameQueue({ rateHz: RATE, maxUnackedS: 2, keptS: 10 })
}

function hear(into: FrameQueue, frames: number, from = 0): void {
  for (let i = from; i < from + frames; i++) into.push(new Int16Array(FRAME), i * FRAME, i * FRAME)
}

test('no more than two seconds are on their way without a confirmation', () => {
  const frames = queue()
  hear(frames, 50)
  expect(frames.take(0)).toHaveLength(20)
  expect(frames.take(0)).toHaveLength(0)
  frames.ack(5 * FRAME)
  expect(frames.take(0).map(({ seq }) => seq)).toEqual([20, 21, 22, 23, 24])
})

test('a confirmation within a frame keeps the frame', () => {
  const frames = queue()
  hear(frames, 3)
  frames.take(0)
  frames.ack(FRAME + 1)
  expect(frames.nextSample).toBe(FRAME)
})

test('beyond ten seconds the oldest is dropped, and the next frame says so', () => {
  const frames = queue()
  hear(frames, 103)
  expect(frames.droppedSamples).toBe(3 * FRAME)
  const [first, second] = frames.take(0)
  expect(first?.firstSample).toBe(3 * FRAME)
  expect((first?.flags ?? 0) & GAP).toBe(GAP)
  expect((second?.flags ?? 0) & GAP).toBe(0)
})

test('after a new connection all that was not confirmed is sent again, once', () => {
  const frames = queue()
  hear(frames, 10)
  frames.take(0)
  frames.ack(4 * FRAME)
  frames.rewind()
  expect(frames.take(0).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9])
  expect(frames.take(0)).toEqual([])
})

test('what waited for more than a second is marked late', () => {
  const frames = queue()
  hear(frames, 12)
  const late = frames.take(1150).map(({ flags }) => (flags & LATE) !== 0)
  expect(late).toEqual([true, true, ...new Array<boolean>(10).fill(false)])
})

test('nothing waits when all is confirmed', () => {
  const frames = queue()
  hear(frames, 4)
  frames.take(0)
  frames.ack(4 * FRAME)
  expect(frames.nextSample).toBeNull()
})
