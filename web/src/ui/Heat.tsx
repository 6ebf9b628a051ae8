import { useEffect, useRef } from 'react'
import type { PictureInfo } from '../api/types'
import { COLOURS } from '../audio/scale'

export function bytesOf(data: string): Uint8Array {
  return Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
}

/** What a picture holds at a place, given as parts of its width and height; `null` outside of it. */
export function valueAt(
  picture: Pick<PictureInfo, 'columns' | 'rows' | 'low' | 'high'>,
  bytes: Uint8Array,
  x: number,
  y: number,
): number | null {
  const column = Math.floor(x * picture.columns)
  const row = Math.floor(y * picture.rows)
  if (column < 0 || column >= picture.columns || row < 0 || row >= picture.rows) return null
  const byte = bytes[column * picture.rows + row] ?? 0
  return picture.low + (byte / 255) * (picture.high - picture.low)
}

/** A picture of the server as colours; as many dots as numbers, stretched by the browser. */
export function Heat({ picture, className = '' }: { picture: PictureInfo; className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { columns, rows, data } = picture
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!canvas.current || !context || columns * rows === 0) return
    canvas.current.width = columns
    canvas.current.height = rows
    const image = context.createImageData(columns, rows)
    const bytes = bytesOf(data)
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        const colour = 4 * (bytes[column * rows + row] ?? 0)
        image.data.set(COLOURS.subarray(colour, colour + 4), 4 * ((rows - 1 - row) * columns + column))
      }
    }
    context.putImageData(image, 0, 0)
  }, [columns, rows, data])
  return (
    <canvas
      ref={canvas}
      className={`picture block ${className}`}
      style={{ imageRendering: columns < 200 ? 'pixelated' : 'auto' }}
      aria-hidden
    />
  )
}
