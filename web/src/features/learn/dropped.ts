/** A file, and where it lay below what was dropped: folders may tell its class. */
export interface Placed {
  place: string
  file: File
}

/** Files that are no use to anyone: of the system, hidden. */
export function isHidden(place: string): boolean {
  return place.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db')
}

/** Files of the browser's own button; of a folder they say where they lay. */
export function chosenFiles(files: FileList | null): Placed[] {
  return [...(files ?? [])]
    .map((file) => ({ place: file.webkitRelativePath || file.name, file }))
    .filter(({ place }) => !isHidden(place))
}

/** What was dropped, with all that lies in folders; no more than so many files, because nobody would wait for them. */
export async function droppedFiles(transfer: DataTransfer, most: number): Promise<Placed[]> {
  // The browser forgets what was dropped as soon as anything is waited for.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  // What a program hands over instead of a person is no entry of any folder.
  if (entries.length === 0) return chosenFiles(transfer.files)
  const found: Placed[] = []
  for (const entry of entries) await take(entry, '', found, most)
  return found
}

async function take(entry: FileSystemEntry, above: string, found: Placed[], most: number): Promise<void> {
  const place = above + entry.name
  if (isHidden(place) || found.length > most) return
  if (isFile(entry)) {
    const file = await new Promise<File | null>((resolve) => {
      entry.file(resolve, () => {
        resolve(null)
      })
    })
    if (file) found.push({ place, file })
  } else if (isFolder(entry)) {
    for (const inner of await listed(entry.createReader())) await take(inner, `${place}/`, found, most)
  }
}

/** A folder is read some entries at a time, until there are no more. */
async function listed(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const found: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => {
      reader.readEntries(resolve, () => {
        resolve([])
      })
    })
    if (some.length === 0) return found.sort((one, other) => one.name.localeCompare(other.name))
    found.push(...some)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
