import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveConnection } from '../bus/kafka/options.ts';
import { DEFAULTS, resolveSettings, type Settings } from '../config/index.ts';
import { kafkaConnection, openBus, openReader, rolesOf } from './open-bus.ts';

const folder = mkdtempSync(join(tmpdir(), 'optikal-open-bus-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function settingsOf(given: Readonly<Record<string, unknown>>): Settings {
  const flags = new Map(Object.entries(given).map(([path, value]) => [path, { flag: path, value }]));
  return resolveSettings({ file: null, environment: {}, flags }).settings;
}
const KAFKA = { 'bus.kind': 'kafka', 'kafka.brokers': 'a:1,[::1]:2' };

describe('the connection to the brokers', () => {
  it('has what the settings say, and the defaults of the client of the bus where they say nothing', () => {
    const connection = kafkaConnection(settingsOf(KAFKA), {});
    expect(connection.brokers).toEqual(['a:1', '[::1]:2']);
    expect(resolveConnection(connection)).toEqual(resolveConnection({ brokers: connection.brokers }));
  });

  it('takes the password from its file, without the line break, else from the environment', () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'from the file\n');
    const sasl = { 'kafka.sasl.mechanism': 'scram-sha-512', 'kafka.sasl.username': 'bob' };
    const env = { OPTIKAL_KAFKA_PASSWORD: 'from the environment' };
    const passwordOf = (given: Readonly<Record<string, unknown>>) => kafkaConnection(settingsOf({ ...KAFKA, ...sasl, ...given }), env).sasl;
    expect(passwordOf({})).toEqual({ mechanism: 'SCRAM-SHA-512', username: 'bob', password: 'from the environment' });
    expect(passwordOf({ 'kafka.sasl.passwordFile': passwordFile })).toMatchObject({ password: 'from the file' });
    expect(kafkaConnection(settingsOf(KAFKA), env).sasl).toBeUndefined();
  });

  it('reads the files of TLS as they are', () => {
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, 'PEM\n');
    const tls = { 'kafka.tls.enabled': true, 'kafka.tls.caFile': caFile };
    expect(kafkaConnection(settingsOf({ ...KAFKA, ...tls }), {}).tls).toEqual({ ca: 'PEM\n' });
    expect(kafkaConnection(settingsOf({ ...KAFKA, 'kafka.tls.caFile': caFile }), {}).tls).toBeUndefined();
  });

  it('is refused without brokers, without a password that is asked for, and with a file that is not there', async () => {
    const refused = (given: Readonly<Record<string, unknown>>) => openBus(settingsOf({ 'bus.kind': 'kafka', ...given }), {});
    await expect(refused({})).rejects.toMatchObject({ code: 'brokers_missing' });
    await expect(openReader(settingsOf({ 'bus.kind': 'kafka' }), {})).rejects.toMatchObject({ code: 'brokers_missing' });
    const plain = { ...KAFKA, 'kafka.sasl.mechanism': 'plain' };
    await expect(refused({ ...plain, 'kafka.sasl.username': 'x' })).rejects.toMatchObject({ code: 'password_missing' });
    const gone = { 'kafka.tls.enabled': true, 'kafka.tls.keyFile': join(folder, 'gone.pem') };
    await expect(refused({ ...KAFKA, ...gone })).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});

describe('the roles', () => {
  it('are those that are named with Kafka, and all of them with a log of one process', () => {
    expect([...rolesOf(settingsOf({ ...KAFKA, roles: 'detector,api' }))].sort()).toEqual(['api', 'detector']);
    expect([...rolesOf(settingsOf(KAFKA))].sort()).toEqual(['api', 'detector', 'router']);
    expect([...rolesOf(DEFAULTS)].sort()).toEqual(['api', 'detector']);
    for (const roles of ['detector', 'api', 'router,api'])
      expect(() => rolesOf(settingsOf({ roles }))).toThrow(expect.objectContaining({ code: 'roles_need_kafka' }));
  });
});
