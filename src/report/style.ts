/** The most methods that the tabs of one theft can show. */
export const MOST_TABS = 12;

/**
 * The style of the page. Colours are those that Okabe and Ito (2008) chose to be told apart by colour-blind readers, darkened
 * for text on white; each also has a word or a pattern, so that nothing hangs on colour alone.
 */
export function styleText(): string {
  return `${COLOURS}${PAGE}${TABLES}${FLOW}${tabRules()}${PRINT}`;
}

const COLOURS = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f6f7f9;--text:#1b1f24;--soft:#57606a;--line:#d5dae0;--theft:#b84300;--way:#7d8896;--end:#0067a3;--hatch:#bcdcf0;--ask:#00795a;--mixer:#9b3f83;--bridge:#2b86b8;--suspect:#b07700;--final:#3b4046;--alarm:#a40000;--alarm-ground:#fff0ee;--veil:.34}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--panel:#1d2126;--text:#e6e9ed;--soft:#a3acb7;--line:#363d46;--theft:#f0813f;--way:#8d99a8;--end:#5db3e6;--hatch:#1f4a66;--ask:#37bf94;--mixer:#d685bf;--bridge:#7cc8f0;--suspect:#e6ad3c;--final:#b6bdc6;--alarm:#ff8a7a;--alarm-ground:#3a1a16;--veil:.4}}
`;

const PAGE = `
*{box-sizing:border-box}
html{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK KR",sans-serif;background:var(--ground);color:var(--text)}
body{margin:0 auto;padding:24px 28px 60px;max-width:1340px}
header{border-bottom:3px solid var(--theft);padding-bottom:12px;margin-bottom:16px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px}
h2{font-size:1.25rem;margin:34px 0 8px;border-bottom:1px solid var(--line);padding-bottom:3px}
h3{font-size:1.05rem;margin:24px 0 6px}
p{max-width:54rem;margin:8px 0}
ul{margin:6px 0;padding-left:22px}
li{max-width:54rem;margin:3px 0}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0}
a{color:var(--end)}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.plain{font-size:1.06rem}
.note,.alarm{border-left:4px solid var(--suspect);background:var(--panel);padding:8px 12px}
.alarm,.simulated{border-left:4px solid var(--alarm);background:var(--alarm-ground);color:var(--alarm);font-weight:600}
.simulated{border:3px solid var(--alarm);padding:10px 14px;font-size:1.15rem;max-width:none;text-align:center}
.check{color:var(--ask)}
.check::before{content:"✓ "}
.small,.kind,.chain{color:var(--soft);font-size:.87em;font-weight:400}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
details{margin:6px 0}
summary{cursor:pointer}
summary:focus-visible,label:focus-visible{outline:2px solid var(--end)}
details.service{border:1px solid var(--line);border-radius:6px;padding:6px 12px}
details.service summary{display:flex;flex-wrap:wrap;gap:2px 14px;align-items:baseline}
details.service summary::before{content:"▸"}
details.service[open]>summary::before{content:"▾"}
summary .amount{margin-left:auto;font-variant-numeric:tabular-nums}
.yes{color:var(--ask);font-weight:600}
.edge{color:var(--end)}
`;

const TABLES = `
.scroll{overflow-x:auto;margin:8px 0}
table{border-collapse:collapse;font-size:.9rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:4px 10px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--soft);font-size:.82rem;font-weight:600;border-bottom:2px solid var(--line);vertical-align:bottom}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.t{white-space:nowrap;font-variant-numeric:tabular-nums}
.a{font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere;min-width:15em}
thead .a{font:inherit;font-size:.82rem;font-weight:600}
.x small{display:inline-block;text-align:left;color:var(--soft);font-size:.78em}
.x small.w{width:14ch}
.x small.v{width:4ch}
tbody th:not(.a){min-width:8em}
.sub{padding-left:14px;color:var(--soft)}
tr.sum th,tr.sum td{font-weight:600}
.mix{display:block;width:100%;max-width:1100px;height:auto;font:12px system-ui,sans-serif}
.mix text{fill:var(--text)}
.mix .inside,.mix .above{font-weight:600;paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.mix .inside{fill:#fff;stroke:rgb(0 0 0/.5);stroke-width:2px}
.mix .above{stroke:var(--ground)}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:8px 0;font-size:.87rem}
.key li{display:flex;align-items:center;gap:6px}
.key svg{width:20px;height:12px;flex:none}
`;

const FLOW = `
.flowbox{overflow-x:auto;border:1px solid var(--line);border-radius:8px;padding:8px;background:var(--ground)}
svg.flow{display:block;width:100%;min-width:900px;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.flow .heads text{fill:var(--soft);font-size:11px;font-weight:600}
.flow .labels text{fill:var(--text);paint-order:stroke;stroke:var(--ground);stroke-width:3px;stroke-linejoin:round}
.flow .labels .figure{fill:var(--soft)}
.r{fill-opacity:var(--veil)}
.r:hover{fill-opacity:.75}
.back{fill:none;stroke:var(--way);stroke-dasharray:5 4;stroke-opacity:.7}
.theft{fill:var(--theft)}.way{fill:var(--way)}.end{fill:var(--end)}.ask{fill:var(--ask)}.mixer{fill:var(--mixer)}.bridge{fill:var(--bridge)}.suspect{fill:var(--suspect)}.final{fill:var(--final)}
.held{stroke:var(--end);stroke-width:.8}
.held.solid{fill:var(--end)}
.hatch-ground{fill:var(--hatch)}
.hatch-line{stroke:var(--end);stroke-width:3}
.lost{fill:var(--final)}.low{fill:var(--way)}
`;

/** Tabs without script: radio buttons before their panels, matched by position. */
function tabRules(): string {
  const positions = Array.from({ length: MOST_TABS }, (_, index) => index + 1);
  const shown = positions.map((n) => `.tabs>input:nth-of-type(${n}):checked~section:nth-of-type(${n})`);
  const chosen = positions.map((n) => `.tabs>input:nth-of-type(${n}):checked~.names>label:nth-of-type(${n})`);
  const focused = positions.map((n) => `.tabs>input:nth-of-type(${n}):focus-visible~.names>label:nth-of-type(${n})`);
  return `
.tabs>input{position:absolute;opacity:0;pointer-events:none}
.tabs>section{display:none}
${shown.join(',')}{display:block}
.names{display:flex;flex-wrap:wrap;gap:4px;border-bottom:2px solid var(--line);margin-top:10px}
.names label{padding:6px 14px;cursor:pointer;border:1px solid var(--line);border-bottom:0;border-radius:6px 6px 0 0;background:var(--panel)}
${chosen.join(',')}{background:var(--text);color:var(--ground);font-weight:600}
${focused.join(',')}{outline:2px solid var(--end);outline-offset:2px}
.printonly{display:none}
`;
}

const PRINT = `
@page{size:A4;margin:14mm}
@page wide{size:A4 landscape;margin:10mm}
@media print{
:root{color-scheme:light;--ground:#fff;--panel:#f6f7f9;--text:#000;--soft:#444;--line:#bbb;--theft:#b84300;--way:#7d8896;--end:#0067a3;--hatch:#bcdcf0;--ask:#00795a;--mixer:#9b3f83;--bridge:#2b86b8;--suspect:#b07700;--final:#3b4046;--alarm:#a40000;--alarm-ground:#fff;--veil:.34}
html{font-size:10.5px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{max-width:none;padding:0}
nav,.names{display:none}
.printonly{display:block}
.flowpage{page:wide;break-inside:avoid}
.flowbox{border:0;padding:0;overflow:visible}
svg.flow{min-width:0;max-height:146mm}
.scroll{overflow:visible}
.a,code{font-size:8.5px;min-width:0}
h2,h3{break-after:avoid}
tr{break-inside:avoid}
thead{display:table-header-group}
}
`;
