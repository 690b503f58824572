export {
  type McpServer,
  type McpTool,
  resolveTools,
  type ToolCatalogue,
  type ToolEntry,
  type ToolSources,
  toolLookup,
  toolOf,
} from './catalogue.ts';
export { classifyTool, type Guess, type ToolText } from './classifier.ts';
export { TOOL_ERRORS, type ToolErrorCode, type ToolProblem, ToolsError } from './errors.ts';
export { toolsOfRecorded } from './recorded.ts';
export { parseToolsYaml, readToolsYaml, type ToolKind, type UserTool, type UserTools, type UserToolsResult } from './user-tools.ts';
