import { z } from 'zod'
import { limits } from '../core/limits.js'

/** An id in a path or an argument. */
export const idSchema = z.string().min(1).max(limits.nameLengthMax)
