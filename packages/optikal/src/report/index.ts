/** The public names of the reports. */
export type { AttackCall, BaseMargins, Judged, SequenceSaid } from './figures/judged.ts';
export { isMissing, type Part } from './figures/part.ts';
export { type ReportFigures, reportFigures } from './figures/report-figures.ts';
export { REPORT_MARK } from './page/frame.ts';
export { reportPage } from './page/page.ts';
export { agentsPage } from './protocol/agents-page.ts';
export { protocolPage } from './protocol/page.ts';
export type { BaselineRow, CurvesCard, MarksCard, ProtocolCard, ProtocolPage, ProtocolSection, TableCard } from './protocol/report.ts';
export { textPage } from './protocol/text-page.ts';
export type { EvaluationReport, ProtocolReport, Report, TrainingReport } from './report.ts';
