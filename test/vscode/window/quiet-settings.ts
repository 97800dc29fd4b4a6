const theme = process.env['PICTURES_THEME'];

/** Turns off what VS Code itself would show and do. None of it is ours to test. */
export const quietSettings = {
  ...(theme !== undefined && { 'workbench.colorTheme': theme }),
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'security.workspace.trust.enabled': false,
  'window.commandCenter': false,
  'remote.autoForwardPorts': false,
  // Else it lists every file that any process has open, to find ports.
  'remote.autoForwardPortsSource': 'output',
  'editor.minimap.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'typescript.tsserver.useSyntaxServer': 'always',
};
