/** The report's look: calm, dense, prints on A4, reads on a phone. */
export const STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:#1b1b1b;background:#fff;margin:0 auto;padding:24px 20px 60px;max-width:960px;font-variant-numeric:tabular-nums}
header{border-bottom:2px solid #1b1b1b;padding-bottom:10px;margin-bottom:18px}
h1{font-size:24px;margin:0 0 2px}
h2{font-size:18px;margin:34px 0 8px;padding-top:10px;border-top:1px solid #d0d0d0}
h3{font-size:14px;margin:0;overflow-wrap:anywhere}
header p{margin:0;color:#555}
.badge{display:inline-block;border:1px solid #0072b2;color:#0072b2;border-radius:3px;padding:0 8px;font-weight:600}
.simulated .badge{border-color:#d55e00;color:#fff;background:#d55e00}
.band{background:repeating-linear-gradient(-45deg,#fbe3d6 0 12px,#fff 12px 24px);padding:4px 10px;font-weight:600}
.lead{font-size:18px;line-height:1.45;margin:8px 0 16px}
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:12px}
.figure{border:1px solid #d0d0d0;border-radius:4px;padding:10px 12px}
.figure b{display:block;font-size:26px;line-height:1.2}
.figure span{display:block}
.figure small{color:#555}
table{border-collapse:collapse;width:100%;margin:8px 0}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-bottom:1px solid #e4e4e4}
th{font-weight:600;color:#555}
td.n,th.n{text-align:right}
.pairs td.n{text-align:left}
.pairs td:first-child{color:#555;width:32%}
figure{margin:10px 0 18px}
figure svg{width:100%;height:auto;display:block}
figcaption{color:#555;font-size:14px}
.cards{display:grid;grid-template-columns:repeat(2,1fr);gap:14px}
.card{border:1px solid #d0d0d0;border-radius:4px;padding:10px;break-inside:avoid}
.card p{margin:2px 0 6px}
.picture{display:flex;gap:6px}
.picture img{width:calc(50% - 3px);image-rendering:auto;background:#eee}
.map{width:60%;display:block;margin:0 auto}
code,pre{font:13px/1.4 ui-monospace,Consolas,monospace}
pre{background:#f4f4f4;padding:10px;overflow-x:auto;white-space:pre-wrap}
.hash{overflow-wrap:anywhere}
.wide{overflow-x:auto}
.warnings li{margin-bottom:6px}
details{margin:8px 0}
summary{cursor:pointer;color:#0072b2}
dt{font-weight:600}dd{margin:0 0 6px}
@media (max-width:640px){body{padding:14px 12px 40px}.figures,.cards{grid-template-columns:1fr 1fr}.cards{grid-template-columns:1fr}.lead{font-size:16px}.figure b{font-size:20px}}
@media print{@page{size:A4;margin:14mm}body{max-width:none;padding:0;font-size:11px}h2{break-after:avoid}figure,table,.figure,.card{break-inside:avoid}.lead{font-size:14px}details>*{display:revert}.figure b{font-size:18px}}
`;
