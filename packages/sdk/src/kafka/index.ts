/** The way to Kafka; needs the package @platformatic/kafka beside this one. */
export { type KafkaTransportOptions, kafkaTransport, type SaslOptions, type TlsOptions } from './transport.ts';
