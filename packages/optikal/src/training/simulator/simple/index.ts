export { simpleCsv } from './csv.ts';
export { generateSimpleScenarios, type SimpleOptions, type SimpleRow } from './generate.ts';
