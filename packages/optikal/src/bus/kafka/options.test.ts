import { describe, expect, it } from 'vitest';
import { KAFKA_TIMEOUTS, resolveBusOptions, resolveConnection, resolveReaderOptions } from './options.ts';

const connection = { brokers: ['127.0.0.1:9092'] };
const bus = { connection, group: 'g', dataDir: '/d' };

describe('options of the Kafka bus', () => {
  it('have their defaults', () => {
    expect(resolveBusOptions(bus)).toMatchObject({
      prefix: '',
      partitions: null,
      hmacKey: null,
      batchBytes: 524_288,
      readAheadBytes: 4_194_304,
    });
    expect(resolveConnection(connection)).toEqual({ ...connection, clientId: 'optikal', tls: null, sasl: null, timeouts: KAFKA_TIMEOUTS });
    expect(resolveConnection({ ...connection, timeouts: { giveUpMs: 500 } }).timeouts).toEqual({ ...KAFKA_TIMEOUTS, giveUpMs: 500 });
  });

  it.each([
    [{ ...bus, connection: { brokers: [] } }, 'connection.brokers'],
    [{ ...bus, connection: { brokers: ['host'] } }, 'connection.brokers'],
    [{ ...bus, connection: { ...connection, timeouts: { giveUpMs: 5 } } }, 'connection.timeouts.giveUpMs'],
    [{ ...bus, connection: { ...connection, timeouts: { later: 5 } } }, 'connection.timeouts.later'],
    [{ ...bus, connection: { ...connection, sasl: { mechanism: 'NONE', username: 'u', password: 'p' } } }, 'connection.sasl.mechanism'],
    [{ ...bus, connection: { ...connection, tls: { insecure: true } } }, 'connection.tls.insecure'],
    [{ ...bus, group: 'a b' }, 'group'],
    [{ ...bus, prefix: 'a/b' }, 'prefix'],
    [{ ...bus, dataDir: '' }, 'dataDir'],
    [{ ...bus, partitions: 0 }, 'partitions'],
    [{ ...bus, hmacKey: 'short' }, 'hmacKey'],
    [{ ...bus, batchBytes: 1 }, 'batchBytes'],
    [{ ...bus, batchbytes: 1 }, 'options.batchbytes'],
  ])('refuse %j and name what is wrong', (options, name) => {
    // As a configuration may hold it: the types would not let all of them through.
    expect(() => resolveBusOptions(options as typeof bus)).toThrow(
      expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining(name) as string }) as Error,
    );
  });

  it('refuse what a reader does not have', () => {
    const ofBus = { connection, group: 'g' };
    expect(() => resolveReaderOptions(ofBus)).toThrow('unknown option `options.group`');
  });

  it('never say a password', () => {
    const sasl = { mechanism: 'PLAIN', username: '', password: 'hunter2' } as const;
    expect(() => resolveConnection({ ...connection, sasl })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') as string }) as Error,
    );
  });
});
