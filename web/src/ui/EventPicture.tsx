import { useEffect, useRef } from 'react'
import { COLOURS, levelOf } from '../audio/scale'

interface Props {
  /** Frames of bands, lowest first. */
  frames: number[][]
  min: number
  max: number
  className?: string
}

/** Frames of numbers as colours; as many dots as numbers, stretched by the browser. */
export function EventPicture({ frames, min, max, className = '' }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    const bands = frames[0]?.length ?? 0
    if (!canvas.current || !context || bands === 0) return
    canvas.current.width = frames.length
    canvas.current.height = bands
    const image = context.createImageData(frames.length, bands)
    for (const [x, frame] of frames.entries()) {
      for (const [band, value] of frame.entries()) {
        const colour = 4 * levelOf(value, min, max)
        image.data.set(COLOURS.subarray(colour, colour + 4), 4 * ((bands - 1 - band) * frames.length + x))
      }
    }
    context.putImageData(image, 0, 0)
  }, [frames, min, max])
  return <canvas ref={canvas} className={`picture block ${className}`} aria-hidden />
}
