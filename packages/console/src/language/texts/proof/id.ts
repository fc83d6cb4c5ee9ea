import type { ProofTexts } from '../../texts.js';

export const proofId: ProofTexts = {
  proofTitle: 'Bukti {station}',
  proofEpoch: 'Epoch {n}',
  certificate: 'Sertifikat',
  certificateNone:
    'Belum ada sertifikat. Sertifikat dibuat bila jumlah unit yang direncanakan sudah dinilai dan kesalahannya membuktikan anggaran.',
  certificateText:
    'Pada {when}, {n} unit yang dinilai, {bads} di antaranya cacat, membuktikan dengan kepercayaan {confidence}: lolos paling banyak {upper} {per}.',
  certificateTest: 'Uji',
  certificateThreshold: 'Skor terbesar yang diloloskan',
  certificateHash: 'Hash',
  certificateNothing:
    'Pada {when}, {n} unit yang dinilai, {bads} di antaranya cacat, tidak membuktikan bagian otomatis apa pun di dalam anggaran.',
  meaningAgreement: 'Kesesuaian dengan operator',
  meaningAgreementText:
    'Setiap batas di sini menyatakan seberapa sesuai model dengan para penilai, bukan dengan kebenaran: {read} dari {needed} unit cacat yang diketahui telah ditunjukkan untuk mengukur penilai ({missed} terlewat).',
  meaningAgreementBare:
    'Setiap batas di sini menyatakan seberapa sesuai model dengan para penilai, bukan dengan kebenaran. Seberapa sering penilai sendiri keliru tidak diukur di stasiun ini.',
  meaningTruth: 'Terhadap kebenaran',
  meaningTruthText:
    'Kesalahan penilai sendiri telah diukur dan termasuk dalam setiap batas: {missed} dari {read} unit cacat yang diketahui terlewat.',
  curveTitle: 'Seberapa banyak dapat otomatis, dengan risiko berapa',
  curveText:
    'Batas atas lolos untuk setiap bagian otomatis. Anggaran adalah garis yang tidak boleh dilewati; titik adalah yang disertifikasi.',
  curveNone: 'Belum ada kurva: diperlukan unit yang sudah dinilai.',
  escapesAxis: 'lolos',
  shareAxis: 'bagian unit',
  curveX: 'bagian otomatis',
  curveUpper: 'batas atas',
  curveRate: 'teramati',
  curvePoint: 'disertifikasi',
  liveTitle: 'Apa yang dibuktikan audit, unit demi unit',
  liveText:
    'Batas yang ditopang audit saja, dibandingkan anggaran. Mulainya tinggi dan turun dengan setiap audit.',
  liveNone: 'Belum ada audit sejak gerbang mulai memutuskan pada epoch ini.',
  liveBound: 'batas dari audit',
  liveBudget: 'anggaran',
  liveAuditRate: 'tingkat audit',
  driftTitle: 'Apakah ada yang berubah?',
  driftText:
    'Berapa kali lebih baik “ada yang berubah” menjelaskan unit daripada “semua seperti semula”: 1 tidak berarti apa-apa, lebih besar berarti skor bergeser, menyebar, atau ada bahaya. Bila garis mencapai garis putus-putus, gerbang sendiri melakukan yang tertulis di sana.',
  driftNone: 'Belum ada yang dipantau: gerbang belum memutuskan pada epoch ini.',
  driftAxis: 'bukti (kali)',
  driftScores: 'Skor: pergeseran dan sebaran',
  driftAudits: 'Audit: bahaya',
  driftLevel: 'pergeseran',
  driftSpread: 'sebaran',
  driftHarm: 'bahaya',
  driftAlarm: 'audit naik, mulai {level}',
  driftClose: 'gerbang menutup, mulai {level}',
  driftHarmWatch: 'waspada: audit naik, mulai {level}',
  driftHarmClose: 'gerbang menutup, mulai {level}',
  beforeAfter: 'Sebelum dan sesudah',
  before: 'Sebelum',
  after: 'Sesudah',
  judgementsPerUnit: 'penilaian per unit',
  overUnits: 'atas {n} unit',
  reduction: 'Penilaian berkurang {reduction}',
  reductionInterval: 'antara {low} dan {high}',
  reductionNone: 'Belum dapat dibandingkan: diperlukan unit dari sebelum dan sesudah.',
  auditsSum: 'Audit: {audits}, di antaranya cacat: {bad}. Ditemukan di hilir: {findings}.',
  transitions: 'Apa yang terjadi pada gerbang ini',
  transitionsNone: 'Keadaannya belum pernah berubah.',
  table: 'Sebagai tabel',

  signTitle: 'Tanda tangani anggaran',
  signText:
    'Anda menentukan risiko yang boleh diambil gerbang ini. Epoch baru dimulai: bukti mulai dari nol.',
  signEscape: 'Unit cacat yang boleh lolos, dalam persen',
  signEscapeMeans: 'Paling banyak sekitar {bad} unit cacat dari {units} boleh lolos tak terlihat, {per}.',
  signOverkill: 'Unit baik yang boleh ditolak otomatis, dalam persen',
  signOverkillMeans: 'Paling banyak sekitar {bad} unit baik dari {units} boleh keliru ditolak.',
  signOverkillZero: 'Nol: gerbang tidak pernah menolak sendiri.',
  signConfidence: 'Kepercayaan, dalam persen',
  signConfidenceMeans: 'Satu dari {n} janji boleh meleset karena kebetulan.',
  signContract: 'Dihitung',
  signContractUnit: 'Risiko seluruh aliran. Gerbang boleh mulai dengan langkah kecil.',
  signContractPass:
    'Lebih ketat: hanya yang diloloskan otomatis dihitung. Gerbang terbuka hanya dengan sertifikat.',
  signPlanned: 'Unit yang dinilai sebelum sertifikat',
  signPlannedMeans:
    'Kosong: situs merencanakannya dari anggaran. Ditetapkan sekarang, supaya tidak ada yang berhenti menghitung saat hasilnya tampak baik.',
  signDo: 'Tanda tangani sebagai {name}',
  closeTitle: 'Tutup gerbang ini',
  closeText:
    'Mulai sekarang orang menilai setiap unit di stasiun ini. Gerbang hanya dapat mulai lagi dalam epoch baru.',
  closeDo: 'Tutup gerbang',
  epochTitle: 'Mulai epoch baru',
  epochText:
    'Bukti mulai dari nol, dalam bayangan: orang menilai setiap unit sampai gerbang membuktikan diri lagi.',
  epochDo: 'Mulai lagi',
  badNumber: 'Ada angka yang kosong atau di luar batas.',
  badReason: 'Sebutkan alasannya, sedikitnya tiga huruf.',
};
