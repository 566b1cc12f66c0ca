import { Component, type ReactNode } from 'react'

/** Keeps a defect of one screen from taking the page: shows `broken` in its place until `resetKey` changes. */
export class Boundary extends Component<
  { readonly resetKey: string; readonly broken: ReactNode; readonly children: ReactNode },
  { readonly brokenKey: string | null }
> {
  override state: { readonly brokenKey: string | null } = { brokenKey: null }

  static getDerivedStateFromError(): { readonly brokenKey: string } {
    // The key of what broke is not known here; componentDidCatch puts it in.
    return { brokenKey: '' }
  }

  override componentDidCatch(): void {
    this.setState({ brokenKey: this.props.resetKey })
  }

  override render(): ReactNode {
    const { brokenKey } = this.state
    const isBroken = brokenKey !== null && (brokenKey === '' || brokenKey === this.props.resetKey)
    return isBroken ? this.props.broken : this.props.children
  }
}
