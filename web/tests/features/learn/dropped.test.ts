import { expect, test } from 'vitest'
import { droppedFiles, isHidden } from '../../../src/features/learn/dropped'

test.each([
  ['a.wav', false],
  ['set/normal/a.wav', false],
  ['set/.git/a.wav', true],
  ['.DS_Store', true],
  ['__MACOSX/a.wav', true],
])('%s is hidden: %s', (place, hidden) => {
  expect(isHidden(place)).toBe(hidden)
})

function file(name: string) {
  return {
    isFile: true,
    isDirectory: false,
    name,
    file: (take: (file: File) => void) => {
      take(new File(['x'], name))
    },
  }
}

/** Browsers tell what is in a folder some entries at a time. */
function folder(name: string, inside: object[]) {
  return {
    isFile: false,
    isDirectory: true,
    name,
    createReader: () => {
      const rest = [...inside]
      return {
        readEntries: (take: (some: object[]) => void) => {
          take(rest.splice(0, 2))
        },
      }
    },
  }
}

function transfer(...entries: object[]): DataTransfer {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }))
  return { items, files: [] } as unknown as DataTransfer
}

test('folders are gone through, in order, and files say where they lay', async () => {
  const files = ['c.wav', 'a.wav', '.hidden', 'b.wav'].map(file)
  const found = await droppedFiles(transfer(folder('set', [folder('normal', files)]), file('d.wav')), 100)
  const places = ['set/normal/a.wav', 'set/normal/b.wav', 'set/normal/c.wav', 'd.wav']
  expect(found.map(({ place }) => place)).toEqual(places)
})

test('no more than so many are looked at', async () => {
  const many = Array.from({ length: 50 }, (_, n) => file(`${n}.wav`))
  expect(await droppedFiles(transfer(folder('set', many)), 10)).toHaveLength(11)
})

test('what is dropped by a program is taken, too', async () => {
  const dropped = { items: [], files: [new File(['x'], 'a.json')] } as unknown as DataTransfer
  expect(await droppedFiles(dropped, 10)).toMatchObject([{ place: 'a.json' }])
})
