import type { InLanguages, StageFact, StageShow } from '@selvedge/core/records';
import type { Difference } from './figures.js';
import { STORY } from './moments.js';
import type { PlantOutcome } from './outcome.js';
import type { DemoPlant } from './plants.js';
import type { Told } from './story.js';

type Cell = NonNullable<StageShow['table']>['rows'][number][number];
type Of<M extends Told['moment']> = Extract<Told, { moment: M }>;
type Shown = Pick<StageShow, 'said' | 'charts' | 'table'>;

const words = (en: string, zh: string, id: string): InLanguages => ({ en, zh, id });
const lines = (rows: readonly { name: InLanguages; dots?: boolean; points: [number, number][] }[]) =>
  rows
    .filter(({ points }) => points.length > 0)
    .map(({ name, dots = false, points }) => ({ name, dots, points: points.slice(-400) }));
const nothing: Shown = { said: [], charts: [], table: null };

/** What stands beside the moments all the time. */
export function stageFacts(
  plants: readonly DemoPlant[],
  { speed }: { readonly speed: number },
): Partial<StageFact>[] & { title: InLanguages; value: string | number | InLanguages }[] {
  const waiting = words('being fitted', '正在拟合', 'sedang dibuat');
  const there = words('at work, in shadow first', '已投入，先影子运行', 'bekerja, mulai sebagai bayangan');
  return [
    { title: words('Time factor', '时间倍率', 'Faktor waktu'), value: speed, unit: '×' },
    {
      title: words('Model from other plants', '来自其他工厂的模型', 'Model dari pabrik lain'),
      value: plants[0]?.gates.modelled === true ? there : waiting,
    },
    ...plants.slice(1).map(({ letter, site }) => ({
      title: words(
        `Plant ${letter.toUpperCase()}`,
        `工厂 ${letter.toUpperCase()}`,
        `Pabrik ${letter.toUpperCase()}`,
      ),
      ...{ value: site.client.address, href: site.client.address },
    })),
  ];
}

/** What came of the moments, for the console: sentences, charts, tables. In the order of the story. */
export function stageShows(told: readonly Told[]): StageShow[] {
  return STORY.flatMap(({ id, title }) => {
    const one = told.find(({ moment }) => moment === id);
    return one === undefined ? [] : [{ moment: id, title, ...shown(one) }];
  });
}

function shown(told: Told): Shown {
  switch (told.moment) {
    case 'seam':
      return { ...nothing, said: [seamSaid(told)] };
    case 'thread-lot':
      return threadShown(told);
    case 'curve':
      return curveShown(told);
    case 'skip':
      return { ...nothing, said: skipSaid(told) };
    case 'cut':
      return { ...nothing, said: cutSaid(told) };
    case 'second-plant':
      return joinedShown(told);
    case 'ledger':
      return { ...nothing, table: ledgerTable(told.plants) };
  }
}

const seamSaid = ({ timeFactor, units }: Of<'seam'>): InLanguages =>
  words(
    `Sewn at time factor ${timeFactor}: ${units.join(', ') || 'begins'}.`,
    `以时间倍率 ${timeFactor} 缝制：${units.join('、') || '开始'}。`,
    `Dijahit dengan faktor waktu ${timeFactor}: ${units.join(', ') || 'dimulai'}.`,
  );

const ACROSS_COVERS = words('Covers since the change', '更换后的件数', 'Sarung sejak penggantian');

function threadShown(told: Of<'thread-lot'>): Shown {
  const { points, lease, backAfterCovers, before, tensionActs, looseOrTight, corrected, leftAlone } = told;
  const back =
    backAfterCovers === null
      ? words('The lock is not back yet.', '锁点尚未恢复。', 'Titik kunci belum kembali.')
      : words(
          `Back after ${backAfterCovers} covers (three in a row no worse than the worst of the ${before.n} before).`,
          `${backAfterCovers} 件后恢复（连续三件不差于之前 ${before.n} 件中最差者）。`,
          `Kembali setelah ${backAfterCovers} sarung (tiga berturut-turut tidak lebih buruk dari yang terburuk di ${before.n} sebelumnya).`,
        );
  const under =
    lease === null
      ? words('No lease is in force.', '没有有效授权。', 'Tidak ada izin yang berlaku.')
      : words(
          `Lease of the trim: ${lease.bounds[0]} to ${lease.bounds[1]} cN, step ${lease.maxStep} cN; ${STEPS[lease.step]?.en ?? lease.step}.`,
          `微调授权：${lease.bounds[0]} 至 ${lease.bounds[1]} cN，步长 ${lease.maxStep} cN；${STEPS[lease.step]?.zh ?? lease.step}。`,
          `Izin trim: ${lease.bounds[0]} sampai ${lease.bounds[1]} cN, langkah ${lease.maxStep} cN; ${STEPS[lease.step]?.id ?? lease.step}.`,
        );
  return {
    said: [
      back,
      under,
      words(
        `Turns of the knob by the person: ${tensionActs}; seams loose or tight: ${looseOrTight}.`,
        `人员调节旋钮：${tensionActs} 次；过松或过紧的缝：${looseOrTight} 道。`,
        `Putaran kenop oleh orang: ${tensionActs}; jahitan longgar atau kencang: ${looseOrTight}.`,
      ),
      compared(told.correctedMinusLeftAlone, { n: [corrected.n, leftAlone.n], unit: '' }),
    ],
    charts: [
      {
        title: words(
          'Lock off the middle (share of the thickness)',
          '锁点偏离中间（占厚度比例）',
          'Titik kunci dari tengah (bagian tebal)',
        ),
        ...{ unit: '', across: ACROSS_COVERS },
        lines: lines([
          {
            name: words('each cover', '每件', 'tiap sarung'),
            points: points.map(({ cover, lockError }) => [cover, lockError]),
          },
          {
            name: words('a person turned the knob', '人员调节旋钮', 'orang memutar kenop'),
            dots: true,
            points: points.flatMap(({ cover, lockError, acts }) => (acts > 0 ? [[cover, lockError]] : [])),
          },
        ]),
        limits: [],
      },
      {
        title: words('Trim in force (cN)', '生效的微调（cN）', 'Trim yang berlaku (cN)'),
        ...{ unit: 'cN', across: ACROSS_COVERS },
        lines: lines([
          {
            name: words('each cover', '每件', 'tiap sarung'),
            points: points.map(({ cover, trim }) => [cover, trim]),
          },
        ]),
        limits: (lease?.bounds ?? []).map((bound) => ({
          name: words('bound of the lease', '授权界限', 'batas izin'),
          at: bound * (lease?.step === 'OPEN' ? 1 : 0.5),
        })),
      },
    ],
    table: null,
  };
}

const STEPS: Readonly<Record<string, InLanguages>> = {
  SHADOW: words('in shadow', '影子运行', 'membayangi'),
  TRIAL: words(
    'in trial: half of the bounds, and a coin picks the corrected cover of each pair',
    '试验中：界限减半，每对中由抛币决定校正哪一件',
    'dalam uji: setengah batas, dan koin memilih sarung yang dikoreksi dari tiap pasang',
  ),
  OPEN: words('open on its own pairs', '凭自身成对证据开放', 'terbuka atas pasangannya sendiri'),
};

function curveShown({ points, corrected, leftAlone, correctedMinusLeftAlone }: Of<'curve'>): Shown {
  const of = (steered: boolean): [number, number][] =>
    points.filter((one) => one.corrected === steered).map(({ learnt, error }) => [learnt, error]);
  return {
    said: [
      fall(words('Corrected covers', '受校正的件', 'Sarung yang dikoreksi'), corrected),
      fall(words('Left alone', '未校正的件', 'Yang dibiarkan'), leftAlone),
      compared(correctedMinusLeftAlone, { n: [corrected.n, leftAlone.n], unit: ' mm' }),
    ],
    charts: [
      {
        title: words(
          'Error on the curve (mm rms)',
          '曲线上的误差（mm 均方根）',
          'Galat di lengkung (mm rms)',
        ),
        unit: 'mm',
        across: words(
          'Covers of the part before it on this template',
          '此模板上该部件之前的件数',
          'Sarung bagian ini sebelumnya pada templat ini',
        ),
        lines: lines([
          { name: words('corrected', '校正', 'dikoreksi'), dots: true, points: of(true) },
          { name: words('left alone', '未校正', 'dibiarkan'), dots: true, points: of(false) },
        ]),
        limits: [],
      },
    ],
    table: null,
  };
}

function fall(who: InLanguages, { n, first, last, slope }: Of<'curve'>['corrected']): InLanguages {
  if (first.mean === null || last.mean === null)
    return words(`${who.en}: ${n} so far.`, `${who.zh}：目前 ${n} 件。`, `${who.id}: ${n} sejauh ini.`);
  const [least, most] = slope?.interval ?? [null, null];
  const per = slope === null ? '' : ` ${slope.slope} [${least}, ${most}] mm`;
  return words(
    `${who.en}: ${first.mean} mm on the first ${first.n}, ${last.mean} mm on the last ${last.n} of ${n}${per === '' ? '' : `; per cover${per} (95 %)`}.`,
    `${who.zh}：前 ${first.n} 件 ${first.mean} mm，共 ${n} 件中最后 ${last.n} 件 ${last.mean} mm${per === '' ? '' : `；每件${per}（95 %）`}。`,
    `${who.id}: ${first.mean} mm pada ${first.n} pertama, ${last.mean} mm pada ${last.n} terakhir dari ${n}${per === '' ? '' : `; per sarung${per} (95 %)`}.`,
  );
}

function compared(
  difference: Difference | null,
  { n: [a, b], unit }: { readonly n: readonly [number, number]; readonly unit: string },
): InLanguages {
  if (difference === null)
    return words(
      `Corrected ${a}, left alone ${b} so far: too few to compare.`,
      `目前校正 ${a} 件、未校正 ${b} 件：太少，无法比较。`,
      `Dikoreksi ${a}, dibiarkan ${b} sejauh ini: terlalu sedikit untuk dibandingkan.`,
    );
  const { difference: by, interval } = difference;
  const figures = `${by}${unit} [${interval[0]}, ${interval[1]}]`;
  return words(
    `Corrected (n = ${a}) minus left alone (n = ${b}): ${figures}, 95 % within this one run; the proof is the coin pairs.`,
    `校正（n = ${a}）减未校正（n = ${b}）：${figures}，仅此一次运行的 95 % 区间；证明来自抛币成对。`,
    `Dikoreksi (n = ${a}) dikurangi dibiarkan (n = ${b}): ${figures}, 95 % dalam satu putaran ini; buktinya adalah pasangan koin.`,
  );
}

const BECAUSE: Readonly<Record<string, InLanguages>> = {
  ask: words('the model was unsure', '模型没有把握', 'model tidak yakin'),
  shadow: words(
    'the gate is in shadow: a person judges every cover',
    '门处于影子状态：每件由人员判定',
    'gerbang membayangi: orang menilai tiap sarung',
  ),
  audit: words('it was drawn as an audit', '被抽为审核', 'terpilih sebagai audit'),
  'no-score': words('it has no score', '没有分数', 'tidak ada skor'),
};

function skipSaid({ unit, decided, askedBecause, answer, told, safetySeam }: Of<'skip'>): InLanguages[] {
  if (unit === null) return [words('No stitch was skipped yet.', '尚无跳针。', 'Belum ada setik terlewat.')];
  const seam = words(
    safetySeam ? ' (safety seam: no model may pass it)' : '',
    safetySeam ? '（安全缝：任何模型不得放行）' : '',
    safetySeam ? ' (jahitan keselamatan: model tidak boleh meloloskan)' : '',
  );
  const first = words(
    `Cover ${unit} has a skipped stitch${seam.en}.`,
    `${unit} 有跳针${seam.zh}。`,
    `Sarung ${unit} punya setik terlewat${seam.id}.`,
  );
  if (askedBecause === null)
    return [
      first,
      decided === null
        ? words('It waits for its decision.', '等待决定。', 'Menunggu keputusan.')
        : words(
            `Nobody was asked: the gate said ${decided.call}. The truth calls that an escape where it passed.`,
            `没有询问人员：门的决定是 ${decided.call}。若为放行，按真值即为漏检。`,
            `Tidak ada yang ditanya: gerbang berkata ${decided.call}. Bila lolos, menurut kebenaran itu kelolosan.`,
          ),
    ];
  const why = BECAUSE[askedBecause] ?? words(askedBecause, askedBecause, askedBecause);
  return [
    first,
    words(`It came to the tablet: ${why.en}.`, `已送到平板：${why.zh}。`, `Ditanyakan di tablet: ${why.id}.`),
    answer === null
      ? words('It waits for an answer.', '等待回答。', 'Menunggu jawaban.')
      : words(
          `Answered "${answer.label}" after ${answer.seconds} s; the machine was told ${told ?? 'nothing yet'}.`,
          `${answer.seconds} 秒后回答“${answer.label}”；告知机器：${told ?? '尚无'}。`,
          `Dijawab "${answer.label}" setelah ${answer.seconds} s; mesin diberi tahu ${told ?? 'belum apa-apa'}.`,
        ),
  ];
}

const cutSaid = ({
  seconds,
  sewnWithout,
  verdictsWithout,
  toldAfterwards,
  waiting,
  otherMachine,
}: Of<'cut'>): InLanguages[] => [
  words(
    `The broker was gone for ${seconds} s. Machine 2 sewed ${sewnWithout} covers without it and was told ${verdictsWithout} verdicts; none left without one.`,
    `代理中断 ${seconds} 秒。2 号机其间缝制 ${sewnWithout} 件，收到 ${verdictsWithout} 个判定；没有一件未经判定离开。`,
    `Broker hilang ${seconds} s. Mesin 2 menjahit ${sewnWithout} sarung tanpanya dan menerima ${verdictsWithout} putusan; tidak ada yang pergi tanpa putusan.`,
  ),
  words(
    `Afterwards ${toldAfterwards} of them were told, ${waiting} wait on the rack.`,
    `之后其中 ${toldAfterwards} 件得到判定，${waiting} 件在架上等待。`,
    `Sesudahnya ${toldAfterwards} di antaranya diberi putusan, ${waiting} menunggu di rak.`,
  ),
  words(
    `Machine 1 over OPC UA meanwhile: ${otherMachine.sewn} sewn, ${otherMachine.verdicts} verdicts.`,
    `同时 1 号机（OPC UA）：缝制 ${otherMachine.sewn} 件，判定 ${otherMachine.verdicts} 个。`,
    `Sementara itu mesin 1 lewat OPC UA: ${otherMachine.sewn} dijahit, ${otherMachine.verdicts} putusan.`,
  ),
];

const STATES: Readonly<Record<string, InLanguages>> = {
  shadow: words('shadow', '影子', 'bayangan'),
  ramp: words('ramp', '爬坡', 'naik'),
  open: words('open', '开放', 'terbuka'),
  watch: words('watch', '观察', 'waspada'),
  closed: words('closed', '关闭', 'tertutup'),
};

function joinedShown({ plant, covers, gates }: Of<'second-plant'>): Shown {
  const letter = plant.toUpperCase();
  return {
    ...nothing,
    said: [
      words(
        `Plant ${letter} has sewn ${covers} covers. No authority came with the model.`,
        `工厂 ${letter} 已缝制 ${covers} 件。模型不带任何权限。`,
        `Pabrik ${letter} telah menjahit ${covers} sarung. Model tidak membawa wewenang.`,
      ),
    ],
    table: {
      columns: [
        words('Station', '工位', 'Stasiun'),
        words('Gate', '门', 'Gerbang'),
        words('Judged', '已判定', 'Dinilai'),
        words('Planned', '计划', 'Direncanakan'),
        words('Left its shadow after (s)', '离开影子用时（秒）', 'Keluar dari bayangan setelah (s)'),
      ],
      rows: gates.map(({ station, state, labels, planned, openedAfterSeconds }) => [
        station,
        STATES[state] ?? state,
        labels,
        planned,
        openedAfterSeconds ?? words('not yet', '尚未', 'belum'),
      ]),
    },
  };
}

const TYPES: Readonly<Record<string, InLanguages>> = {
  realign: words('realign', '重新对位', 'luruskan ulang'),
  tension: words('tension', '调张力', 'tegangan'),
  rethread: words('rethread', '重新穿线', 'pasang benang'),
  bobbin: words('bobbin', '换底线', 'ganti spul'),
  needle: words('needle', '换针', 'ganti jarum'),
  rework: words('rework', '返工', 'kerja ulang'),
  stop: words('stop', '停机', 'berhenti'),
};

function ledgerTable(plants: readonly PlantOutcome[]): StageShow['table'] {
  const rate = (figure: PlantOutcome['withLeave']['all']): Cell[] => {
    const { count, personSeconds, per100Good, interval } = figure;
    return [
      ...[count, personSeconds, per100Good],
      interval === null ? null : `${interval[0]} – ${interval[1]}`,
    ];
  };
  const group = (plant: string, under: InLanguages, one: PlantOutcome['withLeave']): Cell[][] => [
    [
      plant,
      under,
      words('all, without judgements', '合计，不含判定', 'semua, tanpa penilaian'),
      ...rate(one.all),
    ],
    ...Object.entries(one.byType).map(([type, figure]) => [
      ...['', '', TYPES[type] ?? type],
      ...rate(figure),
    ]),
  ];
  return {
    columns: [
      words('Plant', '工厂', 'Pabrik'),
      words('Covers', '件', 'Sarung'),
      words('Intervention', '介入', 'Campur tangan'),
      words('Count', '次数', 'Jumlah'),
      words('Person-seconds', '人工秒', 'Detik-orang'),
      words('Per 100 good', '每百良品', 'Per 100 baik'),
      words('95 %', '95 %', '95 %'),
    ],
    rows: plants
      .flatMap(({ plant, withLeave, withoutLeave, verdictTouches }) => [
        ...group(
          plant.toUpperCase(),
          words(
            `corrected, ${withLeave.covers}`,
            `校正，${withLeave.covers}`,
            `dikoreksi, ${withLeave.covers}`,
          ),
          withLeave,
        ),
        ...group(
          plant.toUpperCase(),
          words(
            `left alone, ${withoutLeave.covers}`,
            `未校正，${withoutLeave.covers}`,
            `dibiarkan, ${withoutLeave.covers}`,
          ),
          withoutLeave,
        ),
        ...(verdictTouches === null
          ? []
          : [
              [
                ...[
                  plant.toUpperCase(),
                  words('all', '全部', 'semua'),
                  words('judgements', '判定', 'penilaian'),
                ],
                ...rate(verdictTouches),
              ],
            ]),
      ])
      .slice(0, 60),
  };
}
