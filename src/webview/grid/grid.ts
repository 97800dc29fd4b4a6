import './grid-tab.ts';
