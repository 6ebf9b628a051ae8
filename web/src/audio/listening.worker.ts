/** Owns the socket and the samples, so that a busy page delays neither. */

import { parseMessage, type ServerMessage } from '../api/messages'
import { waitMs } from './backoff'
import { FrameQueue } from './frameQueue'
import { UNEVEN, type FromWorker, type Link, type Microphone, type ToWorker, type Watched } from './listening'
import { loudness } from './loudness'
import { Spectrograph } from './spectrograph'
import { decode, encode } from './wire'

const KEPT_S = 10
const MAX_UNACKED_S = 2
/** Nothing at all from the server for so long: the connection is dead, whatever the socket says. */
const SILENT_MS = 8000
/** Closed for a reason that another try will not mend. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4405, 4413])

const post = (message: FromWorker, transfer: Transferable[] = []) => {
  self.postMessage(message, { transfer })
}

abstract class Connection {
  protected socket: WebSocket | null = null
  protected hears = false
  private attempt = 0
  private timer = 0
  private watchdog = 0
  private lastHeardMs = 0
  private isEnded = false

  constructor(private readonly url: string) {}

  open(): void {
    this.tell(this.attempt === 0 ? 'connecting' : 'reconnecting')
    const socket = new WebSocket(this.url)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      this.lastHeardMs = Date.now()
      socket.send(JSON.stringify(this.hello()))
    }
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.lastHeardMs = Date.now()
      if (typeof data !== 'string') this.onBinary(data)
      else this.onText(parseMessage(data))
    }
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.onClosed(code)
    }
    this.socket = socket
    clearInterval(this.watchdog)
    this.watchdog = self.setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN || Date.now() - this.lastHeardMs < SILENT_MS) return
      if (!this.expectsWords()) return
      this.socket = null
      socket.close()
      this.onClosed(1006)
    }, 1000)
  }

  retry(): void {
    if (this.socket?.readyState === WebSocket.OPEN) return
    clearTimeout(this.timer)
    this.open()
  }

  hear(on: boolean): void {
    this.hears = on
  }

  end(): void {
    this.isEnded = true
    clearTimeout(this.timer)
    clearInterval(this.watchdog)
    this.socket?.close(1000)
    this.socket = null
  }

  protected abstract hello(): object
  protected abstract onWelcome(message: Extract<ServerMessage, { type: 'welcome' }>): void
  protected abstract onMessage(message: ServerMessage): void
  protected abstract onBinary(data: ArrayBuffer): void
  protected abstract expectsWords(): boolean

  protected isFinal(code: number): boolean {
    return FINAL_CODES.has(code)
  }

  protected draw(
    graph: Spectrograph,
    rateHz: number,
    pcm: Int16Array,
    firstSample: number,
    dropped = 0,
  ): void {
    const sound = graph.feed(pcm, firstSample)
    const { levelDb, peak } = loudness(pcm)
    const heard = this.hears ? Int16Array.from(pcm) : null
    const transfer = [sound.columns.buffer, sound.wave.buffer, ...(heard ? [heard.buffer] : [])]
    post({ type: 'sound', sound, rateHz, levelDb, peak, pcm: heard, droppedSamples: dropped }, transfer)
  }

  private onText(message: ServerMessage | null): void {
    if (message?.type === 'welcome') {
      this.attempt = 0
      this.tell('open')
      this.onWelcome(message)
    } else if (message) this.onMessage(message)
  }

  private onClosed(code: number): void {
    clearInterval(this.watchdog)
    if (this.isEnded) return
    if (this.isFinal(code)) {
      this.tell('refused', code)
      return
    }
    const wait = waitMs(this.attempt, Math.random())
    this.attempt++
    this.tell('reconnecting', code)
    this.timer = self.setTimeout(() => {
      this.open()
    }, wait)
  }

  private tell(link: Link, closeCode: number | null = null): void {
    post({ type: 'link', link, attempt: this.attempt, closeCode })
  }
}

/** Sends the sound of a microphone, and gets results for it. */
class Sender extends Connection {
  private readonly queue: FrameQueue
  private readonly graph: Spectrograph
  private session: string | null = null
  private isWelcome = false
  /** When the newest samples were captured: first sample after them, and the time. */
  private captured: [number, number][] = []

  constructor(
    url: string,
    private readonly microphone: Microphone,
  ) {
    super(url)
    const { rateHz, port } = microphone
    this.queue = new FrameQueue({ rateHz, maxUnackedS: MAX_UNACKED_S, keptS: KEPT_S })
    this.graph = new Spectrograph(rateHz)
    port.onmessage = ({
      data,
    }: MessageEvent<{ pcm: Int16Array; firstSample: number; capturedMs: number }>) => {
      this.queue.push(data.pcm, data.firstSample, data.capturedMs)
      this.captured.push([data.firstSample + data.pcm.length, data.capturedMs])
      if (this.captured.length > 1000) this.captured.splice(0, 500)
      this.flush()
      this.draw(this.graph, rateHz, data.pcm, data.firstSample, this.queue.droppedSamples)
    }
  }

  override end(): void {
    this.microphone.port.close()
    super.end()
  }

  protected hello(): object {
    this.isWelcome = false
    const { rateHz, name, processing, mode } = this.microphone
    const next = this.queue.nextSample
    return {
      type: 'hello',
      v: 1,
      sample_rate: rateHz,
      codec: 'pcm_s16le',
      channels: 1,
      source: name.slice(0, 80),
      processing,
      mode,
      resume: this.session === null || next === null ? null : { session: this.session, next_sample: next },
    }
  }

  protected onWelcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    if (!('session' in message)) return
    const isResumed = message.session === this.session
    this.session = message.session
    this.isWelcome = true
    this.queue.rewind()
    post({ type: 'welcome', isResumed, message })
    this.flush()
  }

  protected onMessage(message: ServerMessage): void {
    if (message.type === 'ack') {
      this.queue.ack(message.first_sample)
      this.flush()
      return
    }
    post({
      type: 'message',
      message,
      capturedMs: message.type === 'result' ? this.capturedMs(message.end_s) : null,
    })
  }

  protected onBinary(): void {
    // Nobody else's sound is asked for.
  }

  protected expectsWords(): boolean {
    return this.isWelcome && this.captured.length > 0 && Date.now() - (this.captured.at(-1)?.[1] ?? 0) < 1000
  }

  /** A busy device may become a calm one: listening begins anew. A recording with holes is of no use. */
  protected override isFinal(code: number): boolean {
    if (code !== UNEVEN) return super.isFinal(code)
    this.session = null
    return this.microphone.mode === 'learn'
  }

  private flush(): void {
    if (!this.isWelcome || this.socket?.readyState !== WebSocket.OPEN) return
    for (const frame of this.queue.take(Date.now())) this.socket.send(encode(frame))
  }

  private capturedMs(endS: number): number | null {
    const sample = endS * this.microphone.rateHz
    return this.captured.find(([end]) => end >= sample)?.[1] ?? null
  }
}

/** Watches a stream of the server's own, with its sound where one may hear it. */
class Watcher extends Connection {
  private graph: Spectrograph | null = null
  private rateHz = 0

  constructor(
    url: string,
    private readonly watched: Watched,
  ) {
    super(url)
  }

  protected hello(): object {
    this.graph = null
    return { type: 'watch', v: 1, stream: this.watched.stream, audio: this.watched.audio }
  }

  protected onWelcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    post({ type: 'welcome', isResumed: false, message })
  }

  protected onMessage(message: ServerMessage): void {
    if (message.type === 'audio') {
      this.rateHz = message.sample_rate
      this.graph = new Spectrograph(message.sample_rate)
    } else if (message.type !== 'ack') post({ type: 'message', message, capturedMs: null })
  }

  protected onBinary(data: ArrayBuffer): void {
    const frame = decode(data)
    if (frame && this.graph) this.draw(this.graph, this.rateHz, frame.pcm, frame.firstSample)
  }

  protected expectsWords(): boolean {
    return false // a source that has ended is silent, and that is no fault of the connection
  }
}

let connection: Connection | null = null

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'begin':
      connection =
        data.what.kind === 'watch' ? new Watcher(data.url, data.what) : new Sender(data.url, data.what)
      connection.open()
      break
    case 'hear':
      connection?.hear(data.on)
      break
    case 'retry':
      connection?.retry()
      break
    case 'end':
      connection?.end()
      self.close()
  }
}
