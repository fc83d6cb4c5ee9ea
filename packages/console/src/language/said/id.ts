import type { Said } from '../said.js';

export const id: Said = {
  workerStopped: 'pekerja berhenti',
  accepted: 'skor pada atau di bawah skor yang diloloskan',
  rejected: 'skor pada atau di atas skor yang ditolak',
  closedBy: 'ditutup oleh {name}: {reason}',
  noBudget: 'belum ada yang menandatangani anggaran untuk stasiun ini',
  secretMissing: 'rahasia audit epoch ini tidak ada',
  picture: 'gambar sudah dilepas menurut aturan penyimpanan',
  notShown: 'jenis ini tidak ditampilkan',
  nothing: 'tidak ada yang dapat disertifikasi',
  tooMany: 'Terlalu banyak percobaan. Tunggu {n} detik, lalu coba lagi.',
  over: 'Pertanyaan ini sudah dijawab, atau waktunya habis.',
  left: 'Jawaban sudah terkirim ke peralatan.',
  answeredAlready: 'Pertanyaan ini sudah dijawab.',
  noGate: 'Di sini tidak ada gerbang: belum ada yang menandatangani anggaran.',
  record: 'Catatan tidak dapat ditulis sekarang, jadi tidak ada yang dilakukan. Coba lagi.',
};
