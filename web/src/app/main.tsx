import { QueryClient, QueryClientProvider, notifyManager } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { startOffline } from '../offline/register'
import { startTexts } from './i18n'
import './styles.css'
import { chosenTheme, showTheme } from './theme'

showTheme(chosenTheme())
startOffline()
await startTexts()

// What is set is shown before the next frame: a timer later, a switch would spring back for a moment before it obeys.
notifyManager.setScheduler(queueMicrotask)

const queries = new QueryClient({
  // It is a server of one's own: what it refuses it will refuse again, and it answers at once.
  defaultOptions: {
    queries: { retry: false, staleTime: 2000, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  )
}
