import { create } from 'zustand'
import {
  CaptureError,
  openMicrophone,
  type Capture,
  type Processing,
  type Refusal,
} from '../../audio/capture'
import { loudness } from '../../audio/loudness'
import { preferMicrophone } from '../../audio/preferred'
import { Spectrograph } from '../../audio/spectrograph'
import { Timeline } from '../../audio/timeline'
import { ClapCheck, type Heard } from './clap'

interface Frame {
  pcm: Int16Array
  firstSample: number
}

export interface TrialState {
  phase: 'idle' | 'asking' | 'refused' | 'on'
  refusal: Refusal | null
  deviceId: string
  deviceName: string
  processing: Processing | null
  rateHz: number
  levelDb: number | null
  peak: number
  heard: Heard
}

const FRESH: TrialState = {
  phase: 'idle',
  refusal: null,
  deviceId: '',
  deviceName: '',
  processing: null,
  rateHz: 0,
  levelDb: null,
  peak: 0,
  heard: 'waiting',
}

export const useTrial = create<TrialState>()(() => FRESH)

/** A microphone on trial: what it hears is drawn, and goes no further than this page. */
class Trial {
  timeline = new Timeline()
  private capture: Capture | null = null
  private run = 0

  async begin(deviceId: string | null): Promise<void> {
    this.end()
    const run = this.run
    this.timeline = new Timeline()
    useTrial.setState({ phase: 'asking' })
    try {
      const capture = await openMicrophone(deviceId, (why) => {
        this.end()
        useTrial.setState({ phase: 'refused', refusal: why === 'stopped' ? 'unknown' : why })
      })
      if (run !== this.run) {
        capture.close()
        return
      }
      this.hear(capture)
      if (deviceId !== null) preferMicrophone(deviceId)
    } catch (error) {
      if (run !== this.run) return
      useTrial.setState({
        phase: 'refused',
        refusal: error instanceof CaptureError ? error.refusal : 'unknown',
      })
    }
  }

  end(): void {
    this.run++
    this.capture?.close()
    this.capture = null
    useTrial.setState(FRESH)
  }

  private hear(capture: Capture): void {
    this.capture = capture
    const { deviceId, deviceName, processing, rateHz, port } = capture
    const graph = new Spectrograph(rateHz)
    const clap = new ClapCheck()
    useTrial.setState({ phase: 'on', deviceId, deviceName, processing, rateHz })
    port.onmessage = ({ data }: MessageEvent<Frame>) => {
      if (capture !== this.capture) return
      const { levelDb, peak } = loudness(data.pcm)
      this.timeline.addSound(graph.feed(data.pcm, data.firstSample), rateHz, Date.now())
      useTrial.setState({ levelDb, peak, heard: clap.feed(levelDb) })
    }
  }
}

export const trial = new Trial()
