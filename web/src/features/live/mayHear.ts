import { api } from '../../api/client'
import { allows } from '../../ui/useScope'

/** Whether sound is asked for along with its results: a key that may only look would be refused for it. */
export function mayHear(): Promise<boolean> {
  return api.config().then(
    ({ scope }) => allows(scope, 'listen'),
    () => true, // the server is away, which the connection tells
  )
}
