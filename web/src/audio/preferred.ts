/** The microphone that was picked in the first run: it is taken wherever nobody asks for another one, if it is there. */
const KEY = 'auscult.microphone'

export function preferredMicrophone(): string | null {
  return localStorage.getItem(KEY)
}

export function preferMicrophone(deviceId: string): void {
  localStorage.setItem(KEY, deviceId)
}
