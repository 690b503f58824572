/** Telemetry of an agent to Optikal: typed publishers that never block their caller. */
export {};
