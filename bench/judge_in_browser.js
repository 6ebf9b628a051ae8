// Speaks to the page's own worker, as the page does: opens a bundle, judges a sound whole, and again as it streams in.
// Used by bench/browser.py and tests/web/test_local_scores.py; given to a page that stands on the server's address.
async ([worker, address, sound, rateHz, blockSamples]) => {
  const bytes = Uint8Array.from(atob(sound), (letter) => letter.charCodeAt(0))
  const pcm = new Int16Array(bytes.buffer)
  const engine = new Worker(worker, { type: 'module' })
  const seen = []
  let wake = () => undefined
  engine.onmessage = ({ data }) => {
    if (data.type !== 'sound' && data.type !== 'part') seen.push(data)
    wake()
  }
  const of = (type) => seen.filter((one) => one.type === type)
  const until = async (done) => {
    while (!done()) {
      const [trouble] = of('trouble')
      if (trouble) throw new Error(JSON.stringify(trouble.trouble))
      await new Promise((resolve) => (wake = resolve))
    }
  }
  const file = await (await fetch(address)).arrayBuffer()
  const began = performance.now()
  engine.postMessage({ type: 'open', file }, [file])
  await until(() => of('opened').length)
  const openMs = performance.now() - began
  const samples = Float32Array.from(pcm, (value) => value / 32768)
  engine.postMessage({ type: 'score', samples, rateHz }, [samples.buffer])
  await until(() => of('scored').length)
  const { about } = of('opened')[0]
  const { verdict: recording } = of('scored')[0]
  const { port1, port2 } = new MessageChannel()
  engine.postMessage({ type: 'listen', port: port2, rateHz }, [port2])
  // As a microphone would, but quicker: what was sent has been judged before more is.
  for (let at = 0; at < pcm.length; at += blockSamples) {
    const block = pcm.slice(at, at + blockSamples)
    port1.postMessage({ pcm: block, firstSample: at, capturedMs: Date.now() }, [block.buffer])
    await new Promise((resolve) => setTimeout(resolve, 1))
    const due = Math.floor((at / rateHz - about.windowS) / about.hopS) - 2
    await until(() => of('verdict').length >= Math.min(due, recording.windows.length))
  }
  await until(() => of('verdict').length >= recording.windows.length - 1)
  engine.postMessage({ type: 'stop' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  engine.terminate()
  return {
    about,
    openMs,
    recording,
    streamed: of('verdict').map(({ verdict }) => verdict),
    inferMs: of('verdict').map(({ inferMs }) => inferMs),
    events: of('event').map(({ telling }) => telling),
    skipped: of('skipped').length,
  }
}
