import { LitElement } from 'lit';

/**
 * Base class that renders into the page instead of a shadow root, so that all components share one style sheet and
 * labels, ids and focus work across them.
 */
export class Component extends LitElement {
  protected override createRenderRoot(): this {
    return this;
  }

  /** The first match inside this component, if it is an element of that class. */
  protected find<Kind extends Element>(selector: string, kind: abstract new () => Kind): Kind | undefined {
    const found = this.querySelector(selector);
    return found instanceof kind ? found : undefined;
  }
}
