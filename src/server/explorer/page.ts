/** An operation that waits in a tab of its own. */
export interface Example {
  readonly name: string;
  readonly query: string;
  /** JSON text; its editor opens with the tab. */
  readonly variables?: string;
}

/** Altair's settings for all tabs. */
const settings = {
  theme: 'system',
  'schema.reloadOnStart': true,
  'banners.disable': true,
  'alert.disableUpdateNotification': true,
  disablePushNotification: true,
};

/** Starts Altair with one tab an example and the first in front; Altair alone would leave the last in front. */
export const script = (endpoint: string, examples: readonly Example[]) => `
const endpoint = new URL(${JSON.stringify(endpoint)}, location.origin).href;
const examples = ${JSON.stringify(examples)};

AltairGraphQL.init({
  endpointURL: endpoint,
  initialWindows: examples.map(({ name, query, variables = '{}' }) => ({
    initialName: name,
    initialQuery: query,
    initialVariables: variables,
    endpointURL: endpoint,
  })),
  preserveState: false,
  disableAccount: true,
  persistedSettings: ${JSON.stringify(settings)},
});

const withVariables = new Set(examples.filter(({ variables }) => variables).map(({ name }) => name));
let started = false;

new MutationObserver(() => {
  const tabs = document.querySelectorAll('app-window-switcher-item .window-switcher__item');
  if (!started && tabs.length === examples.length) {
    started = true;
    tabs[0]?.click();
    return;
  }
  const name = document.querySelector('.window-switcher__item--active')?.innerText.split('\\n')[0].trim();
  const variables = document.querySelector('.variables-editor--title');
  if (started && variables && withVariables.delete(name)) variables.click();
}).observe(document.body, { childList: true, subtree: true });
`;

/** Hides what needs other hosts (plugins, accounts, scripts) and what distracts from a query and its answer. */
export const style = `
.header__actions > *,
[track-id='show_request_handler_dialog'],
[track-id='request_extensions'],
[track-id='show_collections'],
[track-id='save_to_collection'],
[track-id='export_window'],
app-query-editor .ant-tabs-tab:not(:first-child),
.query-result__none-inner > *,
#toast-container .toast-success,
.variables-files-container {
  display: none !important;
}

.header__logo { content: url('tandem.svg'); }
.header__actions { display: flex; align-items: center; padding-right: 24px; }
.header__actions::after { content: 'Tandem: one API, two clouds'; font-size: 14px; opacity: 0.6; }
.query-result__none-inner::after { content: 'Send Request shows the answer here.'; font-size: 16px; font-weight: 400; }
`;

/** Two circles that overlap, one a cloud. */
export const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="4">
<circle cx="11.5" cy="16" r="8" stroke="#0078d4"/><circle cx="20.5" cy="16" r="8" stroke="#34a853"/></svg>
`;
