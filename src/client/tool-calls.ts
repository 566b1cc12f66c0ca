import type { ToolDescription } from '../contract/tool.js'
import type { CallOptions, CallRest } from './rest.js'

/** The leader's tools by name. */
export interface ToolCalls {
  /** Every tool, with its arguments as JSON schema. */
  tools(options?: CallOptions): Promise<readonly ToolDescription[]>
  /**
   * Calls one; `tool_not_found` when there is none of that name. `waitMs`: a command answers at its receipt's final
   * state or after this time.
   */
  callTool<Result = unknown>(
    name: string,
    args?: Readonly<Record<string, unknown>>,
    options?: CallOptions & {
      readonly waitMs?: number | undefined
      readonly idempotencyKey?: string | undefined
    },
  ): Promise<Result>
}

export function toolCalls(call: CallRest): ToolCalls {
  return {
    tools: async (options) =>
      (await call<{ tools: readonly ToolDescription[] }>('GET', '/rpc', options)).body.tools,
    callTool: async <Result>(
      name: string,
      args: Readonly<Record<string, unknown>> = {},
      options: Parameters<ToolCalls['callTool']>[2] = {},
    ) => {
      const { waitMs, idempotencyKey, signal } = options
      const { body } = await call<{ result: Result }>('POST', `/rpc/${encodeURIComponent(name)}`, {
        signal,
        waitMs,
        query: { wait: waitMs },
        headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
        body: { args },
      })
      return body.result
    },
  }
}
