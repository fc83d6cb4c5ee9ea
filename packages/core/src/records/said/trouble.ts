import { z } from 'zod';
import { fillPlaces } from './sayer.js';

/** What may be wrong with a part of a station, in English; `{part}` is its name. */
const en = {
  'no-model': 'no model is installed yet: people judge every unit',
  /** It says by itself what is wrong, in words of its own. */
  says: '{part}: {text}',
  down: '{part}: {why}',
  retried: '{part}: {why}; it is tried again',
  'fit-units': '{part}: {n} of {of} units are judged',
  'fit-good': '{part}: {n} of {of} good units are judged',
  'fit-bad': '{part}: {n} of {of} bad units are judged',
  'fit-again': '{part}: the fit failed; it is tried again at {n} judged units',
  fitting: '{part}: a model is being fitted, {percent} %',
  'no-files': '{part}: {n} of its entries are no files that this station reads; the first is {first}',
  refused: '{part}: the unit {unit} cannot be taken: {why}',
  'units-wait': '{part}: units wait in the folder: {why}',
  'no-room': '{part}: units wait in the folder: the station has no room for more',
  'write-unknown':
    'nobody knows whether {target} at {part} was set to {value}; somebody has to look at the equipment',
  'store-short':
    'the disk of the record has {free} MB left, below the hard floor of {floor} MB: every gate is closed and people judge. Make room there, then begin anew',
  'store-full':
    'the record cannot be written: nothing is taken or decided, and nothing is lost. Make room on its disk; it goes on by itself',
} as const;

export type TroubleCode = keyof typeof en;

const zh: Readonly<Record<TroubleCode, string>> = {
  'no-model': '尚未安装模型：每件产品由人员判断',
  says: '{part}：{text}',
  down: '{part}：{why}',
  retried: '{part}：{why}；正在重试',
  'fit-units': '{part}：已判断 {n} 件，需要 {of} 件',
  'fit-good': '{part}：已判断良品 {n} 件，需要 {of} 件',
  'fit-bad': '{part}：已判断不良品 {n} 件，需要 {of} 件',
  'fit-again': '{part}：拟合失败；判断满 {n} 件后重试',
  fitting: '{part}：正在拟合模型，{percent} %',
  'no-files': '{part}：有 {n} 项不是该工位读取的文件；第一项为 {first}',
  refused: '{part}：无法接收产品 {unit}：{why}',
  'units-wait': '{part}：产品在文件夹中等待：{why}',
  'no-room': '{part}：产品在文件夹中等待：工位暂无空位',
  'write-unknown': '不清楚 {part} 的 {target} 是否已设为 {value}；须由人员查看设备',
  'store-short':
    '记录所在磁盘仅剩 {free} MB，低于硬下限 {floor} MB：所有闸门已关闭，由人员判断。请在该磁盘上腾出空间，然后重新开始',
  'store-full': '记录无法写入：不接收也不判定任何产品，数据不会丢失。请在其磁盘上腾出空间，之后会自动继续',
};

const id: Readonly<Record<TroubleCode, string>> = {
  'no-model': 'belum ada model terpasang: setiap unit dinilai orang',
  says: '{part}: {text}',
  down: '{part}: {why}',
  retried: '{part}: {why}; sedang dicoba lagi',
  'fit-units': '{part}: {n} dari {of} unit sudah dinilai',
  'fit-good': '{part}: {n} dari {of} unit baik sudah dinilai',
  'fit-bad': '{part}: {n} dari {of} unit cacat sudah dinilai',
  'fit-again': '{part}: pencocokan gagal; dicoba lagi pada {n} unit yang dinilai',
  fitting: '{part}: model sedang dicocokkan, {percent} %',
  'no-files': '{part}: {n} isinya bukan berkas yang dibaca stasiun ini; yang pertama {first}',
  refused: '{part}: unit {unit} tidak dapat diterima: {why}',
  'units-wait': '{part}: unit menunggu di folder: {why}',
  'no-room': '{part}: unit menunggu di folder: stasiun tidak punya tempat lagi',
  'write-unknown':
    'tidak diketahui apakah {target} di {part} sudah disetel ke {value}; seseorang harus melihat peralatan',
  'store-short':
    'cakram catatan tinggal {free} MB, di bawah batas keras {floor} MB: semua gerbang tertutup dan orang yang menilai. Kosongkan ruang di sana, lalu mulai lagi',
  'store-full':
    'catatan tidak dapat ditulis: tidak ada yang diterima atau diputuskan, dan tidak ada yang hilang. Kosongkan ruang di cakramnya; setelah itu berjalan lagi sendiri',
};

/** Words for every trouble; a language that lacks one does not compile. */
export const TROUBLES = { en, zh, id } as const;

/** Something that is wrong with a station, as a code with its values, so that everybody reads it in their own language. */
export const troubleSchema = z.strictObject({
  code: z.enum(Object.keys(en) as [TroubleCode, ...TroubleCode[]]),
  /** The connector, worker or fit that it is about; null = the station itself. */
  part: z.string().nullable(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Trouble = z.infer<typeof troubleSchema>;

/** @param write how a value is written; as it is where left out */
export function troubleInWords(
  { code, part, values }: Trouble,
  language: 'en' | 'zh' | 'id',
  write: (value: string | number) => string = String,
): string {
  const all = Object.entries(values).map(([name, value]) => [name, write(value)] as const);
  return fillPlaces(TROUBLES[language][code], new Map([['part', part ?? ''], ...all]));
}
