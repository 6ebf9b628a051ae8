import { Upload } from 'lucide-react'
import { useState, type DragEvent } from 'react'

interface Props {
  title: string
  hint: string
  accept?: string
  isMultiple?: boolean
  isDisabled?: boolean
  onFiles: (files: File[]) => void
}

/** A place to drop files; it is the browser's own file button as well, for keyboards and screen readers. */
export function DropZone({ title, hint, accept, isMultiple = false, isDisabled = false, onFiles }: Props) {
  const [isOver, setIsOver] = useState(false)
  const take = (files: FileList | null) => {
    const found = [...(files ?? [])]
    if (found.length > 0 && !isDisabled) onFiles(isMultiple ? found : found.slice(0, 1))
  }
  const hover = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(true)
  }
  return (
    <label
      className={`flex min-h-24 cursor-pointer flex-col items-center justify-center gap-1 rounded-card border-2 border-dashed p-4 text-center focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent ${isOver ? 'border-accent bg-raised' : 'border-edge bg-surface'} ${isDisabled ? 'opacity-50' : ''}`}
      onDragOver={hover}
      onDragEnter={hover}
      onDragLeave={() => {
        setIsOver(false)
      }}
      onDrop={(event) => {
        event.preventDefault()
        setIsOver(false)
        take(event.dataTransfer.files)
      }}
    >
      <Upload size={24} className="text-accent" aria-hidden />
      <span className="font-semibold">{title}</span>
      <span className="text-sm text-mute">{hint}</span>
      <input
        type="file"
        className="sr-only"
        accept={accept}
        multiple={isMultiple}
        disabled={isDisabled}
        onChange={({ target }) => {
          take(target.files)
          target.value = '' // the same file may be chosen again
        }}
      />
    </label>
  )
}
