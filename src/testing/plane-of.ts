import type { ControlPlane } from '../ports/control-plane.js'

/** A control plane that has these methods only; a call of another one fails the test that made it. */
export const planeOf = (methods: Partial<ControlPlane>): ControlPlane =>
  new Proxy(methods as ControlPlane, {
    get: (target, method) =>
      Reflect.get(target, method) ??
      (() => {
        throw new Error(`the control plane's ${String(method)} was not expected`)
      }),
  })
