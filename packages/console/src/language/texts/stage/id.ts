import type { StageTexts } from '../../texts.js';

export const stageId: StageTexts = {
  liveUnitTitle: '{name}: unit yang sedang dibuat',
  liveNow: 'Sedang dibuat',
  liveStill: 'Berhenti',
  liveWait: 'Menunggu nilai',
  liveHeld: 'Ditahan',
  liveAway: 'Tidak ada yang tiba sekarang; ini gambar sebelumnya',
  liveLost: 'Tidak ada nilai baik dari peralatan sekarang',
  liveHold: 'Tahan gambar',
  liveTrace: '{name}: sekarang {value} {unit}, {n} bacaan sejauh ini',
  liveTraceNone: '{name}: belum ada pengukuran',
  liveYes: 'ya',
  liveNo: 'tidak',
  liveLast: 'Terakhir selesai: {unit}',
  liveLastPicture: 'Gambar {unit}',

  stageTitle: 'Peragaan',
  stageText:
    'Setiap tombol memicu satu kejadian pada lini simulasi. Tidak ada peralatan nyata yang tersentuh.',
  stageMayNot: 'Hanya peran {needed} yang dapat menekannya.',
  stageReady: 'belum diperagakan',
  stagePlaying: 'berlangsung sejak {time}',
  stagePlayed: 'diperagakan pukul {time}',
  stageFailed: 'tidak berhasil pada {time}: {why}',
  stageLook: 'Angka',
  stageLookAt: 'Angka untuk “{title}”',

  ledgerSeconds: 'Detik-orang',
  ledgerAll: 'semuanya',
  ledgerLink: 'Ke laporan sif',
};
