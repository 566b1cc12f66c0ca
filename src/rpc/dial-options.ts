import type { ChannelOptions } from '@grpc/grpc-js'
import { limits } from '../core/limits.js'
import { leaderServerName } from '../ports/certificates.js'

/** HTTP/2 pings that find a dead leader. */
export interface Keepalive {
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** One dial = one connection with one stream, without the library's retries, shared connections and proxies. */
export const dialOptions = (
  caPem: string | null,
  keepalive: Keepalive = { intervalMs: limits.keepaliveIntervalMs, timeoutMs: limits.keepaliveTimeoutMs },
): ChannelOptions => ({
  'grpc.max_receive_message_length': limits.linkMessageBytesMax,
  'grpc.max_send_message_length': limits.linkMessageBytesMax,
  'grpc.keepalive_time_ms': keepalive.intervalMs,
  'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_channelz': 0,
  // Also for an address: TLS knows no server name that is an IP address.
  ...(caPem === null ? {} : { 'grpc.ssl_target_name_override': leaderServerName }),
})
