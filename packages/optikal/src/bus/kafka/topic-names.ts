/** The topics of the bus with the prefix of an installation. */
import { ALERTS_TOPIC, DEAD_LETTERS_TOPIC, LOG_TOPIC, SCORES_TOPIC, STATE_TOPIC, topicName } from './topics.ts';

export interface TopicNames {
  /** The log: one record each, never compacted. */
  readonly events: string;
  /** Agent state, position and partition state; compacted. */
  readonly state: string;
  readonly scores: string;
  readonly alerts: string;
  readonly deadLetters: string;
}

export function topicNames(prefix: string): TopicNames {
  return {
    events: topicName(LOG_TOPIC, prefix),
    state: topicName(STATE_TOPIC, prefix),
    scores: topicName(SCORES_TOPIC, prefix),
    alerts: topicName(ALERTS_TOPIC, prefix),
    deadLetters: topicName(DEAD_LETTERS_TOPIC, prefix),
  };
}
