/** The report's look: calm, aligned, prints on A4, reads on a phone; dark on light only. */
export const STYLE = `
:root{color-scheme:only light;--ink:#1f2933;--quiet:#59646e;--rule:#dfe3e7;--ground:#f6f7f8;--blue:#0072b2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);background:#fff;margin:0 auto;padding:40px 28px 64px;max-width:940px;font-variant-numeric:tabular-nums lining-nums}
h1{font-size:28px;line-height:1.2;letter-spacing:-.01em;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:20px;line-height:1.3;margin:56px 0 14px;padding-top:18px;border-top:1px solid var(--rule)}
h2 span{display:inline-block;min-width:1.9em;color:var(--quiet);font-weight:400}
h3{font-size:15px;margin:22px 0 4px;overflow-wrap:anywhere}
p{margin:8px 0;max-width:72ch;overflow-wrap:anywhere}
header p,.note,figcaption{color:var(--quiet)}
.note,figcaption{font-size:14px;line-height:1.5}
#s1 h2{margin-top:26px}
.lead{font-size:21px;line-height:1.45;margin:6px 0 22px;max-width:none}
.badge{display:inline-block;font-size:12px;line-height:1.5;font-weight:600;border:1px solid #9aa5ae;border-radius:3px;padding:0 6px;color:#46525c;background:#fff;white-space:nowrap;vertical-align:.08em}
.badge.simulated{border:1px dashed #a34600;color:#8a3b00;background:#fbe8da}
.badge.live{border-color:#00694d;color:#00694d}
.band{display:block;max-width:none;background:#fbe8da;border:1px dashed #a34600;color:#8a3b00;font-weight:600;padding:6px 12px;border-radius:3px}
.cards-figures{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;margin:0 0 18px}
.card-figure{border:1px solid var(--rule);border-radius:6px;padding:14px 16px;display:flex;flex-direction:column;align-items:flex-start}
.card-figure b{font-size:28px;line-height:1.15;letter-spacing:-.01em;font-weight:650;color:var(--blue)}
.card-figure span:not(.badge){font-size:15px;line-height:1.35;margin:4px 0}
.card-figure small{margin-bottom:8px;font-size:13px;line-height:1.4;color:var(--quiet)}
.card-figure .badge{margin-top:auto}
.wide{overflow-x:auto;margin:10px 0 14px}
table{border-collapse:collapse;width:100%;font-size:15px;line-height:1.45}
th,td{vertical-align:top;text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:13px;font-weight:600;color:var(--quiet);border-bottom:1px solid #9aa5ae;vertical-align:bottom}
tbody th{font-weight:400}
.figures td,.figures th+th{text-align:right}
.figures td{white-space:nowrap}
.short{width:auto;min-width:min(100%,420px)}
.confusion span{display:block;padding:1px 6px;border-radius:3px;min-width:3em}
.confusion .right{box-shadow:inset 0 0 0 1px #6b7680}
.option{white-space:nowrap}
.words td:nth-child(-n+4){min-width:4em}
dl.pairs{margin:8px 0 14px}
dl.pairs>div{display:grid;grid-template-columns:minmax(9em,30%) 1fr;gap:4px 16px;padding:6px 0;border-bottom:1px solid var(--rule)}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere;min-width:0}
figure{margin:18px 0 24px}
figure h3{margin:0 0 6px}
figure svg{display:block;width:100%;height:auto}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 22px;margin:0 0 8px;padding:0;font-size:14px}
.legend li{display:flex;align-items:center;gap:8px}
figure svg.key{width:28px;height:12px;flex:none}
figcaption{max-width:80ch;margin-top:6px}
.phone{display:none}
details{margin:8px 0}
summary{cursor:pointer;color:var(--blue);font-size:14px}
.cards{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
.card{border:1px solid var(--rule);border-radius:6px;padding:14px 16px;min-width:0}
.card h3{margin:0}
.card p{margin:4px 0 8px}
.card figure{margin:10px 0 0}
.card figure h3,.card figcaption{display:none}
.picture{display:grid;gap:8px}
.picture.two{grid-template-columns:1fr 1fr}
.picture img{display:block;width:100%;background:var(--ground)}
.over{position:relative;display:block}
.over .heat{position:absolute;inset:0;height:100%;background:none}
.map{display:block;width:62%;margin:6px auto}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace}
code{overflow-wrap:anywhere}
pre{background:var(--ground);border:1px solid var(--rule);border-radius:4px;padding:10px 12px;margin:6px 0 12px;white-space:pre-wrap;overflow-wrap:anywhere}
.warnings{list-style:none;padding:0}
.warnings li{border-left:4px solid #e69f00;background:#fdf8ec;padding:8px 14px;margin:0 0 10px;overflow-wrap:anywhere}
nav{margin-top:22px;padding:12px 16px;background:var(--ground);border-radius:6px;font-size:14px}
nav ol{columns:2;column-gap:36px;margin:0;padding-left:1.8em}
a{color:var(--blue)}
@media (max-width:640px){
body{padding:20px 16px 40px;font-size:15px}
h1{font-size:22px}h2{font-size:18px;margin-top:40px}
.lead{font-size:17px}
.cards-figures{grid-template-columns:1fr 1fr;gap:10px}.card-figure{padding:10px 12px}.card-figure b{font-size:21px}
.cards{grid-template-columns:1fr}
table{font-size:14px}th,td{padding-right:12px}
dl.pairs>div{grid-template-columns:1fr;gap:0}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack,.stack tbody{display:block}.stack tr{display:block;padding:8px 0;border-bottom:1px solid var(--rule)}
.stack th,.stack td{display:block;border:0;padding:1px 0}.stack tbody th{font-weight:600}
.stack td:not(.no){display:flex;justify-content:space-between;gap:16px;text-align:right;white-space:normal}
.stack td.no{display:none}
.stack td::before{content:attr(data-label);color:var(--quiet);text-align:left;flex:none;max-width:45%}
.stack.prose td:not(.no){display:block;text-align:left}.stack.prose td::before{display:block;max-width:none}
.desk{display:none}.phone{display:block}
nav ol{columns:1}
}
@page{size:A4;margin:15mm 14mm 16mm}
@media print{
body{max-width:none;padding:0;font-size:10.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
h1{font-size:18pt}h2{font-size:13pt;margin-top:22pt;padding-top:8pt}h3{font-size:10.5pt}
.lead{font-size:13pt}.card-figure b{font-size:17pt}.card-figure span:not(.badge){font-size:9.5pt}.card-figure small,.badge{font-size:8pt}
.cards-figures{grid-template-columns:repeat(4,1fr);gap:8pt}.card-figure{padding:8pt}
table{font-size:9pt}.note,figcaption,.legend{font-size:9pt}
.desk{display:block}.phone,.alt,nav{display:none}
.cards{grid-template-columns:1fr 1fr}
.wide{overflow:visible}.confusion td{white-space:normal}
h2,h3,thead{break-after:avoid}
figure,.card,.card-figure,tr,dl.pairs>div,.warnings li,pre{break-inside:avoid}
thead{display:table-header-group}
p{orphans:3;widows:3}
a{color:inherit;text-decoration:none}
}
`;
