import { create } from 'zustand'

const CHOSEN = 'auscult.notifications'

interface Notifications {
  /** Asked for, and allowed by the browser. */
  isOn: boolean
  /** The browser was told to refuse: only its own settings change that. */
  isRefused: boolean
}

const canNotify = () => 'Notification' in window && window.isSecureContext

export const useNotifications = create<Notifications>()(() => ({
  isOn: canNotify() && Notification.permission === 'granted' && localStorage.getItem(CHOSEN) === 'on',
  isRefused: canNotify() && Notification.permission === 'denied',
}))

/** In a click: only then may a page ask. */
export async function chooseNotifications(isWanted: boolean): Promise<void> {
  const permission = canNotify() && isWanted ? await Notification.requestPermission() : 'default'
  const isOn = isWanted && permission === 'granted'
  localStorage.setItem(CHOSEN, isOn ? 'on' : 'off')
  useNotifications.setState({ isOn, isRefused: isWanted && permission === 'denied' })
}

/** Tell of an anomaly while the page is out of sight; in sight, the page tells it itself. */
export async function notify(title: string, body: string): Promise<void> {
  if (!useNotifications.getState().isOn || document.visibilityState === 'visible') return
  const options = { body, icon: '/icon-192.png', tag: 'auscult', lang: document.documentElement.lang }
  const registration = await navigator.serviceWorker?.getRegistration()
  if (registration) await registration.showNotification(title, options)
  else new Notification(title, options)
}
