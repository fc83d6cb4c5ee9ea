import type { Said } from './said.js';

export const id: Said = {
  signedNobody: 'belum ada (putar ulang)',
  askedFor: 'diminta pada baris perintah',
  testGroupOverkill: 'taruhan per kelompok untuk tolak keliru, per unit',

  folder: 'folder',
  table: 'tabel',
  cycles: 'siklus',
  series: 'deret',
  image: 'gambar',
  map: 'peta',
  pair: 'pasangan',
  row: 'baris',
  score: 'skor',
  fit: 'pelatihan',
  calibrate: 'kalibrasi',
  stream: 'aliran',
  splitShuffle:
    'tanpa pembagian dan tanpa waktu: dikocok menurut benih acak, berlapis menurut kelas, kelompok tetap utuh (30 % pelatihan, 40 % kalibrasi, 30 % aliran)',
  splitSets: 'kumpulan terpisah untuk pelatihan, kalibrasi, dan aliran',
  splitCalibrate:
    'pelatihan pada data utama; kumpulan kalibrasi dibagi 60/40 menjadi kalibrasi dan aliran menurut benih acak',
  splitStreamSeed:
    'data utama dibagi 3:4 menjadi pelatihan dan kalibrasi menurut benih acak; aliran dari kumpulan terpisah',
  splitStreamTime:
    'data utama dibagi 3:4 menjadi pelatihan dan kalibrasi menurut waktu; aliran dari kumpulan terpisah',
  splitStreamSplit:
    'data utama dibagi menjadi pelatihan dan kalibrasi menurut pembagiannya sendiri; aliran dari kumpulan terpisah',
  splitStreamUnused:
    'data utama dibagi menjadi pelatihan dan kalibrasi menurut pembagiannya sendiri, {n} unit alirannya tidak dipakai; aliran dari kumpulan terpisah',
  splitStreamTest:
    'data utama dibagi menjadi pelatihan dan kalibrasi menurut pembagiannya sendiri (test = kalibrasi); aliran dari kumpulan terpisah',
  splitOwn: 'menurut kumpulan data (train = pelatihan, val = kalibrasi, test = aliran)',
  splitCut:
    'pelatihan menurut kumpulan data; {part} dibagi 60/40 menjadi kalibrasi dan aliran menurut benih acak, berlapis, kelompok tetap utuh',
  splitTime: 'menurut waktu: 30 % pertama pelatihan, 40 % berikutnya kalibrasi, 30 % terakhir aliran',

  badNumber: '"{cell}" di kolom "{column}" bukan angka',
  noFeature: 'semua fitur kosong',
  noScoreCell: 'skornya kosong',
  hole: 'kolom "{column}" kosong di tengah deret',
  noLabel: 'labelnya kosong',
  badTime: 'waktu "{cell}" bukan ISO 8601 dan bukan angka',
  rowCells: 'baris mempunyai {cells} sel, kepala tabel {header}',
  mapForm: 'kolom "map" harus berbentuk WIDTHxHEIGHT:digits dengan angka 0, 1, dan 2',
  mapDigits: 'peta menyebut {size} tetapi mempunyai {n} angka',
  grey: 'tingkat abu-abu {level} bukan kode kumpulan ini ({codes})',
  emptyFile: 'berkasnya kosong',
  unreadFile: 'berkas tidak dapat dibaca: {code}',
  noItem: 'item itu tidak ada',
  undecoded: '{name} tidak dapat didekode (pesan aslinya di report.json)',
  undecodedFit: 'tidak dapat didekode untuk pelatihan',
  noScore: 'model tidak memberi skor',
  noNumber: 'model tidak memberi angka',
  notScored: 'tidak diberi skor',
  noTemplate: 'gambar tidak mempunyai templat pembanding',
  expectedKind: 'seharusnya {sayWanted}, ternyata {sayFound}',
  expectedChannels: 'seharusnya {wanted} kanal, ternyata {found}',
  expectedSamples: 'seharusnya {wanted} sampel, ternyata {found}',
  expectedValues: 'seharusnya {wanted} nilai, ternyata {found}',
  seriesIncomplete: 'deret dengan {n} nilai tidak lengkap',
  seriesValue: 'nilai ke-{n} dari deret bukan bilangan berhingga',
  rowInfinite: 'nilai ke-{n} dari baris tak berhingga dalam presisi tunggal',
  rowEmpty: 'barisnya kosong',
  mapNoPlaces: 'peta {size} tidak mempunyai tempat',
  mapLarge: 'peta {size} lebih besar dari {most}',
  mapShort: 'peta {size} memerlukan {wanted} kode, ternyata {found}',
  mapCode: 'kode {code} dalam peta: hanya 0 (luar), 1 (baik), dan 2 (cacat) yang dikenal',
  mapBare: 'peta tidak mempunyai tempat pada komponen',
  workerStopped: 'pekerja berhenti',
  workerStoppedFor: 'pekerja berhenti (pesan aslinya di report.json)',
  workerLate: 'tidak ada jawaban dalam {ms} ms',

  scoresGiven: 'skor dibuat di tempat lain; tidak ada yang dilatih di sini',
  scoresElsewhere: 'skor dibuat di tempat lain',
  noveltyAsked: 'novelty diminta: {sayQuality}',
  noveltyFew: 'novelty: {bads} unit cacat kurang dari {needed} ({sayQuality})',
  noveltyStays: 'tetap novelty: {sayDifference}',
  supervisedAskedOnly: 'supervised diminta: {sayHead}',
  supervisedAsked: 'supervised diminta: {sayHead}; novelty saja: {sayQuality}',
  supervisedBeats: 'supervised mengungguli novelty melebihi derau: {sayDifference}; {sayHead}',
  noQuality: 'tidak ada unit cacat untuk mengukurnya',
  quality: 'AUC luar-lipatan {auc}',
  difference:
    'AUC luar-lipatan supervised dikurangi novelty {difference}, yang diperlukan lebih dari {margin}',
  headBest: '{head} mempunyai {sayMeasure} terbaik dari {folds} lipatan x {repeats}: {listHeads}',
  byAuc: 'AUC luar-lipatan',
  byF1: 'macro-F1 luar-lipatan',
  headRounds: '{head} {quality} ({n} putaran)',
  headShares: '{head} {quality} (bagian sama)',
  headLambda: '{head} {quality} (lambda {value})',
  headShrinkage: '{head} {quality} (penyusutan {value})',
  mixed:
    'pohon dan jaringan dicampur, bagian jaringan menurut {measure} luar-lipatan dari {folds} lipatan: {shares}',
  pairFew: 'bukti dari deret dan gambar dijumlahkan: {bads} unit cacat kurang dari {needed}',
  pairSum: 'bukti dari deret dan gambar dijumlahkan: {sayAucs}',
  pairLarger: 'bukti terbesar dari deret dan gambar yang berlaku: {sayAucs}',
  pairTrace: 'hanya deret yang berlaku, gambar akan mengaburkannya: {sayAucs}',
  pairPicture: 'hanya gambar yang berlaku, deret akan mengaburkannya: {sayAucs}',
  pairLearnt: 'label menimbang deret dan gambar, dengan AUC luar-lipatan {auc}: {sayAucs}',
  pairAucs:
    'AUC luar-lipatan: jumlah {sum}, yang terbesar {larger}, jejak saja {trace}, gambar saja {picture}',
  pairWhole: '{sayPair}; deret: {sayTrace}; gambar: {sayPicture}',
  pooled: '{sayChosen}; novelty adalah rata-rata {worst} petak terburuk dari {all}',
  pooledAbove:
    '{sayChosen}; novelty adalah rata-rata {worst} petak terburuk dari {all}, dihitung di atas rata-rata semuanya',
  pooledNovelty:
    '{sayChosen}; pengklasifikasi tidak melebihi novelty saja lebih dari derau, jadi novelty tetap memberi skor; novelty adalah rata-rata {worst} petak terburuk dari {all}',
  pooledNoveltyAbove:
    '{sayChosen}; pengklasifikasi tidak melebihi novelty saja lebih dari derau, jadi novelty tetap memberi skor; novelty adalah rata-rata {worst} petak terburuk dari {all}, dihitung di atas rata-rata semuanya',
  ownBackbone: '{sayWhole}; tulang punggung {name}',
  parity:
    'graf dan resep hasil pelatihan sesuai pada {n} sampel acuan: selisih terbesar {worst} dari rentang skor (diizinkan {tolerance})',
  noParity: 'tidak berlaku: tidak ada graf yang diekspor',

  unit: 'unit',
  firstOfGroup: 'unit pertama dari setiap kelompok',
  unitInSome: 'unit dari setiap {every}',
  groupInSome: 'unit pertama dari satu kelompok di antara {every}',

  duplicates:
    '{items} item berada dalam {groups} kelompok dengan isi yang sama, misalnya {names}. Semuanya ditempatkan di satu sisi pembagian',
  conflict:
    '{groups} kelompok item yang sama mempunyai label yang bertentangan, misalnya {names}. Tidak ada model yang dapat benar pada keduanya; mintalah seseorang menilainya lagi',
  near: '{n} dari {of} item yang dilihat hampir sama dengan item lain, misalnya {names}. Bila menunjukkan komponen yang sama, sebutkan komponennya dengan --group: jika tidak, angkanya terlalu bagus',
  moved:
    'Item yang sama atau item dari satu kelompok berada di dua sisi pembagian dan dipindahkan ke satu sisi: {listMoves}',
  movedEqual: '{n} item yang sama dari {sayFrom} ke {sayTo}',
  movedGroup: '{n} item sekelompok dari {sayFrom} ke {sayTo}',
  shortcut:
    'Kelas dapat ditebak tanpa melihat komponennya, dari {listSuspects}. Model dapat mempelajari hal itu dan gagal di lini. Buatlah unit baik dan cacat dengan cara yang sama, atau hilangkan perbedaannya',
  fileSize: 'ukuran berkas (AUC {auc})',
  fileFormat: 'format berkas (AUC {auc})',
  pictureWidth: 'lebar gambar (AUC {auc})',
  pictureHeight: 'tinggi gambar (AUC {auc})',
  channels: 'jumlah kanal (AUC {auc})',
  brightness: 'kecerahan rata-rata (AUC {auc})',
  colour: 'warna rata-rata (AUC {auc})',
  rowOrder:
    'Kelas dapat ditebak dari tempatnya di dalam berkas saja (AUC {auc}, p permutasi paling besar {p}): unit baik dan cacat berdiri terpisah dan tidak ada kolom yang menyebut kapan dibuat. Bila direkam terpisah, model dapat mempelajari cara merekamnya; tambahkan kolom "time", atau campurkan keduanya saat direkam',
  fewUnits:
    'Anggaran lolos {escape} memerlukan paling sedikit {needed} unit kalibrasi berlabel, tanpa satu pun yang cacat di antara yang diterima; yang ada {n}: perlu {more} lagi',
  fewBad:
    'Hanya {n} unit cacat di kumpulan kalibrasi: perlu {more} lagi sebelum bagian unit cacat yang ditangkap model diketahui sampai kira-kira sepersepuluh. Batasnya tetap berlaku; hanya lebih lebar',
  clustered:
    'Unit cacat datang berkelompok (uji permutasi p = {p}), jadi satu unit per kelompok yang dihitung: {kept} dari {of}. Lebih banyak kelompok, bukan lebih banyak unit, yang menguatkan bukti',
  clusteredWhole:
    'Unit cacat datang berkelompok (uji permutasi p = {p}), jadi tiap kelompok dihitung sebagai satu bukti: {kept} kelompok dari {of} unit. Lebih banyak kelompok, bukan lebih banyak unit, yang menguatkan bukti',
  restless:
    'Skor bergeser di dalam set kalibrasi, sejarang apa pun diamati: alat, bahan atau musim berubah perlahan. Sertifikat mengandaikan aliran melewati campuran yang sama; pengawasan pergeseran menambah audit tetapi tidak menutup gerbang sendiri. Lakukan kalibrasi dalam waktu yang lebih lama',
  damaged:
    '{n} item tidak dapat dibaca atau diberi skor: yang dari kumpulan pelatihan ditinggalkan, yang dari kumpulan kalibrasi bukan bukti, yang dari aliran ditanyakan kepada orang',
  noBetter:
    'Gerbang boleh meloloskan {share} dari unit di dalam anggaran ini, tetapi meloloskan secara acak pun akan diizinkan kira-kira {blind}, dan model tidak terbukti lebih baik dari itu: unit cacat begitu jarang sehingga anggaran itu sendiri yang menopang janji. Turunkan anggaran atau berjanjilah per kelolosan (--contract per-pass)',
  orderOfFile:
    'Kumpulan data tidak menyebut waktu, jadi aliran diambil menurut urutan berkasnya. {sayRemedy}',
  orderShuffled:
    'Kumpulan data tidak menyebut waktu, jadi aliran dikocok menurut benih acak: pergeseran seiring waktu tidak terlihat di dalamnya. {sayRemedy}',
  remedyColumn: 'Tambahkan kolom "time"',
  remedyFolder:
    'Folder "fit", "calibrate", dan "stream" setidaknya dapat memuat bagian-bagian proses menurut urutannya',
  columnsIgnored: 'kolom yang tidak dipakai (tanpa angka): {columns}',
  filesIgnored: '{n} berkas yang bukan gambar diabaikan',

  sameProcess: 'Unit dalam aliran berasal dari proses yang sama dengan unit tempat gerbang disertifikasi.',
  sameProcessCheck:
    'Grafik pergeseran naik di atas garis alarm, atau audit menemukan lebih banyak unit cacat daripada yang diizinkan anggaran.',
  labelsRight:
    'Labelnya benar. Batas-batas berbicara tentang kesesuaian dengan label yang diberikan; kesalahan orang yang memberikannya tidak terlihat di sini.',
  labelsRightCheck:
    'Mintalah orang kedua menilai sampel secara buta, atau campurkan unit yang diketahui cacat ke dalam audit: bagian yang terlewat menaikkan setiap batas.',
  auditsRandom: 'Audit diundi secara acak dengan peluang yang diketahui sebelum hasilnya diketahui.',
  auditsRandomCheck:
    'Setiap undian dapat dihitung ulang dari rahasia audit dan id unit; rahasianya sudah diikat lewat hash.',
  wholeGroups:
    'Cacat datang berkelompok di dalam satu kelompok, jadi tiap kelompok menjadi satu bukti; kelompok yang satu tidak bergantung pada yang lain.',
  onePerGroup:
    'Cacat datang berkelompok di dalam satu kelompok, jadi sertifikat menghitung satu unit per kelompok.',
  onePerGroupCheck: 'Uji permutasi atas kumpulan kalibrasi, di bagian peringatan.',
  ownerSaid:
    'Unit dalam satu kelompok saling bebas. Pemilik kumpulan data mengatakannya; hal itu tidak diuji.',
  ownerSaidCheck: 'Jalankan lagi tanpa --independent-units.',
  noClusters:
    'Cacat tidak datang berkelompok di dalam satu kelompok: uji permutasi tidak menemukannya pada taraf 1 %.',
  noClustersCheck: 'Dua atau lebih unit cacat dalam satu kelompok lebih sering daripada yang kebetulan.',
  independent: 'Unit saling bebas: satu unit cacat tidak membuat unit berikutnya cacat.',
  independentCheck:
    'Sebutkan lot, papan, atau giliran kerja dengan --group: sertifikat lalu menguji adanya pengelompokan.',
  shuffled:
    'Urutan unit dikocok menurut benih acak. Pergeseran seiring waktu yang ada dalam proses tidak ada dalam putar ulang ini.',
  shuffledCheck: 'Berikan kolom waktu; 30 % waktu terakhir lalu menjadi aliran.',
  rarity:
    'Janji menghitung lolos per unit yang meninggalkan stasiun. Bila unit cacat jarang, sebagian janji ditopang oleh kelangkaannya dan bukan oleh model.',
  rarityCheck:
    'Bandingkan dengan "lolos di antara yang diloloskan otomatis" yang dicetak di sampingnya, atau janjikan itu dengan --contract per-pass.',
  simulated:
    'Datanya simulasi. Data itu menunjukkan cara kerja program pada proses seperti itu, dan tidak menunjukkan apa pun tentang metode atau pabrik nyata: tetapannya dipilih oleh pembuatnya.',
  simulatedCheck: 'Putar ulang unit rekaman dari lini Anda sendiri.',
};
