/** The sections of one set of figures: ranking, the threshold, time, single attacks, what is inside. */
import { isMissing } from '../figures/part.ts';
import type { ReportFigures } from '../figures/report-figures.ts';
import { ageCard } from '../pictures/age.ts';
import { calibrationCard } from '../pictures/calibration.ts';
import { prCard, rocCard, rocLogCard } from '../pictures/curves.ts';
import { distributionCard } from '../pictures/distribution.ts';
import { timeCard } from '../pictures/ecdf.ts';
import { loadCard } from '../pictures/load.ts';
import { partsCard } from '../pictures/parts.ts';
import { timelineCard } from '../pictures/timeline.ts';
import { uncertaintyCard } from '../pictures/uncertainty.ts';
import { basesCard } from '../tables/bases.ts';
import { gridCard } from '../tables/grid.ts';
import { namingCard } from '../tables/naming.ts';
import { operatingCard } from '../tables/operating.ts';
import { html, type Markup } from './html.ts';
import { cardOf } from './parts.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  /** Rows of cards: those of one row share its width. */
  readonly rows: readonly (readonly Markup[])[];
}

/** `prefix` keeps the ids of two sets apart. */
export function sectionsOf(figures: ReportFigures, prefix: string): Section[] {
  const id = (name: string) => `${prefix}${name}`;
  const { curves, calibration, distribution, grid, naming, timeToDetect, timelines, bases, uncertainty, measured } = figures;
  return [
    {
      id: id('ranking'),
      title: 'How well it ranks',
      rows: [
        [
          ...(isMissing(curves)
            ? [cardOf(curves, 'ROC, precision and recall', () => html``)]
            : [rocCard(id('roc'), curves), rocLogCard(id('roc-log'), curves), prCard(id('pr'), curves)]),
          cardOf(distribution, 'Where the windows lie', (found) => distributionCard(id('margins'), found)),
          cardOf(calibration, 'Do probabilities mean what they say?', (found) => calibrationCard(id('reliability'), found)),
          ageCard(id('age'), figures.age),
        ],
      ],
    },
    {
      id: id('threshold'),
      title: 'What the threshold gives',
      rows: [
        [operatingCard(figures.operating, figures.surrogateClock)],
        [cardOf(grid, 'Recall by threat and intensity', gridCard)],
        [cardOf(naming, 'Which threat it names', namingCard)],
        [
          cardOf(timeToDetect, 'Time to detect', (found) => timeCard(id('time'), found)),
          loadCard(id('load'), figures.load, figures.surrogateClock),
        ],
      ],
    },
    {
      id: id('attacks'),
      title: 'Single attacks, minute by minute',
      rows: [
        isMissing(timelines)
          ? [cardOf(timelines, 'Timelines of attacked agents', () => html``)]
          : timelines.map((timeline, i) => timelineCard(id(`attack-${i}`), timeline, figures.surrogateClock)),
      ],
    },
    {
      id: id('bases'),
      title: 'What is inside',
      rows: [
        [
          ...(isMissing(bases) || isMissing(curves) || isMissing(measured)
            ? []
            : [
                partsCard(
                  id('parts'),
                  bases,
                  { auroc: measured.auroc.value, averagePrecision: measured.averagePrecision },
                  curves.prevalence,
                ),
              ]),
          cardOf(uncertainty, 'Does the sequence model know when it may be wrong?', (found) => uncertaintyCard(id('uncertainty'), found)),
        ],
        [cardOf(bases, 'What each base scorer adds', basesCard)],
      ],
    },
  ];
}
