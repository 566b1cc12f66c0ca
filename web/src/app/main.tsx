import { createRoot } from 'react-dom/client'
import './style.css'
import './big-screen.css'
import { App } from './app.js'
import { startWords } from './i18n/i18n.js'

startWords('en')
const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App />)
