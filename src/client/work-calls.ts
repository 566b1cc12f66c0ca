import type { BatchItem } from '../contract/task.js'
import type { ActsRequest, Batch, BatchPage, Work, WorkPage } from '../contract/work.js'
import type { CallOptions, CallRest } from './rest.js'

interface WaitOptions extends CallOptions {
  /** Answer when it is over or after this time. */
  readonly waitMs?: number | undefined
}
interface StartOptions extends WaitOptions {
  readonly idempotencyKey?: string | undefined
}
interface PageQuery {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** Batches and bulk acts. */
export interface WorkCalls {
  /** `isNew` is false when the idempotency key was known. Atomic: all tasks or none, made when it resolves. */
  submitBatch(
    batch: {
      readonly items: readonly BatchItem[]
      readonly atomic?: boolean | undefined
      /** Equal items without a key are one task. */
      readonly merge?: boolean | undefined
    },
    options?: StartOptions,
  ): Promise<{ readonly batch: Batch; readonly isNew: boolean }>
  batch(batchId: string, options?: WaitOptions): Promise<Batch>
  batches(query?: PageQuery, options?: CallOptions): Promise<BatchPage>
  /** What it made stays, nothing more is made. */
  cancelBatch(batchId: string, options?: CallOptions): Promise<Batch>
  /** One act on every task that matches. */
  act(acts: ActsRequest, options?: StartOptions): Promise<Work>
  work(workId: string, options?: WaitOptions): Promise<Work>
  works(query?: PageQuery, options?: CallOptions): Promise<WorkPage>
  cancelWork(workId: string, options?: CallOptions): Promise<Work>
}

const waiting = ({ waitMs }: WaitOptions = {}) => (waitMs === undefined ? {} : { wait: waitMs })
const keyed = ({ idempotencyKey }: StartOptions = {}) =>
  idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }

export function workCalls(call: CallRest): WorkCalls {
  const id = encodeURIComponent
  return {
    submitBatch: async (batch, options) => {
      const [query, headers] = [waiting(options), keyed(options)]
      const answer = await call<Batch>('POST', '/api/batches', { ...options, query, headers, body: batch })
      return { batch: answer.body, isNew: answer.status !== 200 }
    },
    batch: async (batchId, options) =>
      (await call<Batch>('GET', `/api/batches/${id(batchId)}`, { ...options, query: waiting(options) })).body,
    batches: async (query, options) =>
      (await call<BatchPage>('GET', '/api/batches', { ...options, query })).body,
    cancelBatch: async (batchId, options) =>
      (await call<Batch>('POST', `/api/batches/${id(batchId)}/cancel`, options)).body,
    act: async (acts, options) => {
      const [query, headers] = [waiting(options), keyed(options)]
      return (await call<Work>('POST', '/api/tasks/acts', { ...options, query, headers, body: acts })).body
    },
    work: async (workId, options) =>
      (await call<Work>('GET', `/api/work/${id(workId)}`, { ...options, query: waiting(options) })).body,
    works: async (query, options) => (await call<WorkPage>('GET', '/api/work', { ...options, query })).body,
    cancelWork: async (workId, options) =>
      (await call<Work>('POST', `/api/work/${id(workId)}/cancel`, options)).body,
  }
}
