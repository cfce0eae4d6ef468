// Finding a place with no network: postcodes and parts of them, names, mistyped ones, and what
// serves the place that was found.
function gapmapSearch(tools) {
  const { map, data, say, make, fill, drawn, button, lower, count, now, level, rowOf, stateWords } = tools;
  const $ = (id) => document.getElementById(id);
  const from = data.search;
  const SCOTLAND = "S92000003";

  // -- opening what is packed ---------------------------------------------------------------------
  let opening = null;
  async function unpack() {
    const squeezed = Uint8Array.from(atob(from.packed), (c) => c.charCodeAt(0));
    const stream = new Blob([squeezed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let at = 0;
    const parts = from.sizes.map((size) => bytes.slice(at, (at += size)));
    const whole = (Kind) => new Kind(parts.shift().buffer);
    const texts = () => {
      const codes = [], text = new TextDecoder().decode(parts.shift());
      for (const part of text ? text.split("|") : []) {
        const [sector, ends] = part.split(":");
        for (let n = 0; n < ends.length; n += 2) codes.push(sector + ends.slice(n, n + 2));
      }
      return codes;
    };
    const sum = (steps) => { let total = 0; return Int32Array.from(steps, (step) => (total += step)); };
    const found = { codes: texts(), lat: sum(whole(Int32Array)), lon: sum(whole(Int32Array)), home: whole(Uint16Array) };
    found.retired = texts();
    found.instead = sum(whole(Int32Array));
    found.kinds = new Map(from.kinds.map((kind) => [kind.category, {
      ...kind,
      answer: whole(kind.wide ? Uint16Array : Uint8Array),
      minutes: kind.told ? whole(Int16Array) : null,
      aboard: kind.ferry ? whole(Uint8Array) : null,
    }]));
    return found;
  }
  const openSearch = () => (opening = opening || unpack());
  (window.requestIdleCallback || ((act) => setTimeout(act, 300)))(() => openSearch().catch(() => {}));

  // Where a text stands, or would stand, in a sorted list.
  function place(list, text) {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle] < text) low = middle + 1; else high = middle;
    }
    return low;
  }
  const indexIn = (list, text) => { const n = place(list, text); return list[n] === text ? n : -1; };
  function beginning(list, prefix) {
    const start = place(list, prefix);
    return [start, place(list, prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1))];
  }

  // -- postcodes ----------------------------------------------------------------------------------
  const compact = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");
  const spaced = (code) => (code.length > 4 ? `${code.slice(0, -3)} ${code.slice(-3)}` : code);
  const asLetter = { 0: "O", 1: "I", 2: "Z", 5: "S", 8: "B" };
  const asDigit = { O: "0", Q: "0", I: "1", L: "1", Z: "2", S: "5", B: "8" };
  const isPostcode = (text) => /^[A-Z]{1,2}\d[A-Z\d]?\s*(\d([A-Z]{1,2})?)?$/i.test(text.trim());
  // A letter typed for a digit that looks like it, and the other way round.
  function reread(code) {
    const found = new Set();
    if (code.length < 5 || code.length > 7) return [];
    const out = code.slice(0, -3), end = code.slice(-3);
    const inward = (asDigit[end[0]] || end[0]) + [...end.slice(1)].map((one) => asLetter[one] || one).join("");
    const letters = (text) => [...text].map((one) => asLetter[one] || one).join("");
    const digits = (text) => [...text].map((one) => asDigit[one] || one).join("");
    for (const n of [1, 2]) if (out.length > n) found.add(`${letters(out.slice(0, n))}${digits(out.slice(n))}${inward}`);
    found.delete(code);
    return [...found].map(spaced);
  }
  // Every postcode that one slip of the finger away.
  function slips(found, code) {
    const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const tried = new Set();
    for (let n = 0; n <= code.length; n += 1) {
      const a = code.slice(0, n), b = code.slice(n);
      if (b) tried.add(a + b.slice(1));
      if (b.length > 1) tried.add(a + b[1] + b[0] + b.slice(2));
      for (const sign of signs) {
        tried.add(a + sign + b);
        if (b) tried.add(a + sign + b.slice(1));
      }
    }
    const likes = [...tried].map(spaced).filter((one) => indexIn(found.codes, one) >= 0);
    const same = (one) => { let n = 0; while (n < one.length && one.replace(" ", "")[n] === code[n]) n += 1; return n; };
    return likes.sort((a, b) => same(b) - same(a) || (a < b ? -1 : 1)).slice(0, 6);
  }
  // Postcodes that begin as a text does; where it may be read in two ways, the shorter district.
  function partOf(found, text) {
    const typed = text.trim().toUpperCase().replace(/\s+/g, " ");
    const code = compact(text);
    const tries = typed.includes(" ") ? [typed] : [`${code} `];
    if (!typed.includes(" ")) {
      for (const k of [code.length - 1, code.length - 2]) {
        if (k >= 2 && /^\d[A-Z]?$/.test(code.slice(k))) tries.push(`${code.slice(0, k)} ${code.slice(k)}`);
      }
      tries.push(code);
    }
    for (const prefix of tries) {
      const [start, end] = beginning(found.codes, prefix);
      if (end > start) return { prefix: prefix.trim(), start, end };
    }
    return null;
  }
  const elsewhere = (() => {
    const towns = {};
    const add = (nation, text) => { for (const one of text.split(",")) { const n = one.indexOf(" "); towns[one.slice(0, n)] = [nation, one.slice(n + 1)]; } };
    add("England", "AL St Albans,B Birmingham,BA Bath,BB Blackburn,BD Bradford,BH Bournemouth,BL Bolton,BN Brighton,BR Bromley,BS Bristol,CA Carlisle,CB Cambridge,CH Chester,CM Chelmsford,CO Colchester,CR Croydon,CT Canterbury,CV Coventry,CW Crewe,DA Dartford,DE Derby,DH Durham,DL Darlington,DN Doncaster,DT Dorchester,DY Dudley,E London,EC London,EN Enfield,EX Exeter,FY Blackpool,GL Gloucester,GU Guildford,HA Harrow,HD Huddersfield,HG Harrogate,HP Hemel Hempstead,HR Hereford,HU Hull,HX Halifax,IG Ilford,IP Ipswich,KT Kingston upon Thames,L Liverpool,LA Lancaster,LE Leicester,LN Lincoln,LS Leeds,LU Luton,M Manchester,ME Rochester,MK Milton Keynes,N London,NE Newcastle upon Tyne,NG Nottingham,NN Northampton,NR Norwich,NW London,OL Oldham,OX Oxford,PE Peterborough,PL Plymouth,PO Portsmouth,PR Preston,RG Reading,RH Redhill,RM Romford,S Sheffield,SE London,SG Stevenage,SK Stockport,SL Slough,SM Sutton,SN Swindon,SO Southampton,SP Salisbury,SR Sunderland,SS Southend-on-Sea,ST Stoke-on-Trent,SW London,SY Shrewsbury,TA Taunton,TF Telford,TN Tonbridge,TQ Torquay,TR Truro,TS Middlesbrough,TW Twickenham,UB Southall,W London,WA Warrington,WC London,WD Watford,WF Wakefield,WN Wigan,WR Worcester,WS Walsall,WV Wolverhampton,YO York");
    add("Wales", "CF Cardiff,LD Llandrindod Wells,LL Llandudno,NP Newport,SA Swansea");
    add("Northern Ireland", "BT Belfast");
    add("the Isle of Man", "IM Douglas");
    add("the Channel Islands", "GY Guernsey,JE Jersey");
    return towns;
  })();
  const scottish = new Set("AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE".split(" "));
  const isScottish = from.scottish;
  const covers = () => data.levels[0].spots.length === 1 ? Object.values(data.levels[0].names)[0] : null;
  function notHere(code) {
    const area = (code.match(/^[A-Z]{1,2}(?=\d)/) || code.match(/^[A-Z]{1,2}/) || [""])[0];
    if (!isScottish) return "";
    if (elsewhere[area]) {
      const [nation, town] = elsewhere[area];
      return `${area} is the postcode area of ${town}, in ${nation}${area === "SY" || area === "CH" || area === "HR" ? " and Wales" : ""}. This page is of Scotland: services across the border are not counted, and how far they are is not told.`;
    }
    if (area === "TD" && /^TD(12|15)/.test(code)) return "Berwick and the country around it (TD12, TD15) are mostly in England, of which this page tells nothing.";
    if (!scottish.has(area) && area) return `No postcode of Scotland begins with ${area}.`;
    return "";
  }

  // -- names --------------------------------------------------------------------------------------
  const simple = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/['’]/g, "").replace(/[^a-z0-9]+/g, " ").trim();
  const bare = (name) => simple(name).replace(/^(nhs|city of|isle of|the) /, "").replace(/ (city|islands)$/, "");
  let named = null;
  function everyName() {
    if (named) return named;
    named = [];
    for (const one of data.levels) {
      for (const [code, text] of Object.entries(one.names)) {
        named.push({ text, plain: bare(text), note: one.one, rank: 1, go: () => { showArea(one.code, code); return areaFound(one, code); } });
      }
      for (const [alias, code] of Object.entries(one.also)) {
        named.push({ text: one.names[code], plain: bare(alias), note: one.one, rank: 1, go: () => { showArea(one.code, code); return areaFound(one, code); } });
      }
    }
    const words = ["town or village", "island", "place"];
    for (const [text, n, kind, where] of from.names) {
      named.push({ text, plain: bare(text), note: words[kind], rank: kind === 2 ? 3 : kind === 1 ? 0 : 0, n,
        go: async () => told(await openSearch(), n, kind === 1
          ? `${text}, an island: answered for ${where}. Other parts of it may be nearer or farther.`
          : kind === 0 ? `The middle of ${text}:` : `Nearest to ${text}:`, text) });
    }
    for (const service of data.services) {
      named.push({ text: service.name, plain: simple(service.name), note: "service", rank: 4,
        go: () => { tools.findService(service); return serviceFound(service); } });
    }
    return named;
  }
  // Letters to put in, leave out, change or swap to make one text of the other; past a limit, more.
  function apart(a, b, limit) {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    let before = [], last = Array.from({ length: b.length + 1 }, (_, n) => n);
    for (let i = 1; i <= a.length; i += 1) {
      const row = [i];
      let least = i;
      for (let j = 1; j <= b.length; j += 1) {
        const same = a[i - 1] === b[j - 1];
        let best = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2] + 1);
        row.push(best);
        if (best < least) least = best;
      }
      if (least > limit) return limit + 1;
      before = last; last = row;
    }
    return last[b.length];
  }
  function byName(text) {
    const plain = bare(text);
    if (!plain) return [];
    const slack = plain.length >= 8 ? 2 : plain.length >= 4 ? 1 : 0;
    const found = [];
    for (const one of everyName()) {
      let score = null;
      if (one.plain === plain) score = 0;
      else if (one.plain.startsWith(plain)) score = 1;
      else if (one.plain.includes(` ${plain}`)) score = 2;
      else if (plain.length > 3 && one.plain.includes(plain)) score = 3;
      else if (slack && one.rank < 4) {
        const off = Math.min(apart(plain, one.plain, slack), apart(plain, one.plain.slice(0, plain.length), slack) + 0.5);
        if (off <= slack) score = 3 + off;
      }
      if (score !== null) found.push({ ...one, score });
    }
    found.sort((a, b) => a.score - b.score || a.rank - b.rank || a.plain.length - b.plain.length || (a.plain < b.plain ? -1 : 1));
    // An area is found by each of its names, and offered once.
    const met = new Set();
    return found.filter((one) => {
      const key = `${one.text}|${one.note}|${one.n}`;
      return one.rank === 1 ? !met.has(key) && met.add(key) : true;
    });
  }
  const homeNames = (found, n) => from.homes[found.home[n]].map(nameOfArea).filter((one, m, all) => one && all.indexOf(one) === m);
  function nameOfArea(code) {
    const of = data.levels.find((one) => Object.hasOwn(one.names, code));
    return of ? of.names[code] : null;
  }

  // -- offers while somebody types ------------------------------------------------------------------
  const input = $("place"), list = $("offers");
  let offers = [], active = -1;
  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  async function offer() {
    const text = input.value;
    const found = await openSearch().catch(() => null);
    if (text !== input.value) return;
    offers = [];
    if (found && /^[A-Z]{1,2}\d/i.test(text.trim())) {
      const part = partOf(found, text);
      if (part) {
        const { prefix, start, end } = part;
        if (end - start > 1) offers.push({ text: prefix, note: count(end - start, "postcode") });
        for (let n = start; n < Math.min(end, start + 6); n += 1) offers.push({ text: found.codes[n], note: homeNames(found, n)[0] || "" });
      }
    } else if (text.trim().length > 1) {
      offers = byName(text).slice(0, 8).map((one) => ({ ...one, note: one.n !== undefined && found ? `${one.note}, ${homeNames(found, one.n)[0] || ""}` : one.note }));
    }
    active = -1;
    fill(list, ...offers.map((one, n) => {
      const item = make("li");
      item.id = `offer-${n}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(make("span", one.text), " ", make("span", one.note, "small"));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(n); });
      return item;
    }));
    list.hidden = !offers.length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }
  function take(n) {
    const one = offers[n];
    input.value = one.text;
    close();
    if (one.go) run(() => one.go(), one.text); else answer(one.text);
  }
  function step(by) {
    if (list.hidden || !offers.length) return;
    active = (active + by + offers.length + (active < 0 && by < 0 ? 1 : 0)) % offers.length;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    input.setAttribute("aria-activedescendant", `offer-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  }
  input.addEventListener("focus", () => openSearch().catch(() => {}));
  input.addEventListener("input", offer);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) offer(); else step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      if (!list.hidden) { event.preventDefault(); close(); }
      else if (input.value) { event.preventDefault(); input.value = ""; clear(); }
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(active);
    }
  });
  $("find").addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    answer(input.value);
  });

  // -- what serves a place --------------------------------------------------------------------------
  let pin = null;
  function setPin(where, name) {
    if (pin) pin.remove();
    pin = L.marker(where, {
      icon: L.divIcon({ className: "pin", iconSize: [26, 34], iconAnchor: [13, 33],
        html: drawn("svg", { width: 26, height: 34, viewBox: "0 0 26 34", "aria-hidden": "true" },
          drawn("path", { d: "M13 33 C5 21 1 17 1 12 A12 12 0 0 1 25 12 C25 17 21 21 13 33 Z", fill: "#1a1a1a", stroke: "#fff", "stroke-width": 1.5 }),
          drawn("circle", { cx: 13, cy: 12, r: 4.5, fill: "#fff" })) }),
      pane: "gapmap-services", keyboard: false, interactive: false, alt: name,
    }).addTo(map);
  }
  function clear() {
    if (pin) { pin.remove(); pin = null; }
    now.place = null;
    fill($("found"));
    tools.remember();
  }
  const minutesWords = (minutes) => say(from.times[String(minutes)]);
  // Of the areas around a place, the smallest that the page tells of.
  function around(n, found) {
    for (const code of from.homes[found.home[n]]) {
      const of = data.levels.find((one) => Object.hasOwn(one.names, code));
      if (of) return { level: of.code, code, name: of.names[code] };
    }
    return null;
  }
  // The area around a place at the level that the map shows, if it lies in one.
  const shownAround = (n, found) => from.homes[found.home[n]].find((code) => Object.hasOwn(level().names, code));
  function serviceButton(index) {
    const service = data.services[index];
    if (!service) return null;
    if (!service.at.length) return make("div", service.name, "small");
    const show = button(service.name, "area small", () => tools.findService(service));
    return show;
  }
  function told(found, n, intro, typed) {
    const box = make("div");
    const code = found.codes[n];
    if (intro) box.append(make("p", intro));
    box.append(make("h3", code), make("p", homeNames(found, n).join(", ")));
    const here = around(n, found);
    const table = make("table"), body = make("tbody");
    table.append(make("caption", "The nearest of each kind, from here"));
    const unknown = [], bases = [];
    let boat = false;
    const codes = new Set(from.homes[found.home[n]]);
    for (const kind of data.measures.filter((one) => one.dimension === "category")) {
      const of = found.kinds.get(kind.value);
      if (!of) continue;
      const [status, service, comes, reached, foot] = of.answers[of.answer[n]];
      const minutes = of.minutes ? of.minutes[n] : -1;
      const aboard = of.aboard ? of.aboard[n] * from.aboard : 0;
      const row = make("tr"), head = make("th", kind.label), cell = make("td");
      head.scope = "row";
      if (minutes >= 0) {
        cell.append(make("strong", minutesWords(minutes)), ` ${lower(say(status))}`);
        if (aboard) cell.append(make("div", `of it ${minutesWords(aboard)} aboard${foot ? `, with ${data.foot_ferry[0]} on the way` : ""}`, "small"));
        boat = boat || foot;
        const link = serviceButton(service);
        if (link) cell.append(link.tagName === "DIV" ? link : wrap(link));
        if (comes) cell.append(make("div", "One that serves them comes to the family", "small"));
      } else if (reached === "comes_to_family" || reached === "site_not_known") {
        const { some, who } = serving(kind.value, codes, reached === "comes_to_family");
        cell.append(some ? data.for_some[reached] : say(status));
        if (who) cell.append(make("div", who, "small"));
      } else cell.append(say(status));
      if (here) {
        const state = rowOf(here.code, kind.key, 0, here.level);
        if (minutes < 0 || state[0] > 1) cell.append(make("div", `In ${here.name}: ${lower(stateWords(state))}`, "small"));
        if (reached === "no_known_service" && state[0] === 3) unknown.push(lower(kind.label));
      } else if (reached === "no_known_service") unknown.push(lower(kind.label));
      if (reached === "site_not_known") bases.push(lower(kind.label));
      row.append(head, cell);
      body.append(row);
    }
    table.append(body);
    box.append(table, make("p", `${data.how} To services whose place we know. The nearest may be full.${boat ? ` ${data.foot_ferry[1]}` : ""}`, "small"));
    box.append(...comesHere(found, n), road(found, n));
    const mystery = make("div", null, "unknown"), lines = make("ul", null, "lines");
    mystery.append(make("h4", "What is not known"));
    if (unknown.length) lines.append(make("li", `Whether there is any of: ${unknown.join(", ")}.`));
    if (bases.length) lines.append(make("li", `How far the base is of: ${bases.join(", ")}.`));
    lines.append(make("li", "Services that nobody has told us of, and whether the nearest has room."));
    mystery.append(lines);
    box.append(mystery, tools.actions(box, code));
    const where = [found.lat[n] * from.step, found.lon[n] * from.step];
    setPin(where, code);
    now.place = typed || code;
    const shown = shownAround(n, found);
    if (!shown && here) tools.setLevel(here.level);
    map.setView(where, Math.max(map.getZoom(), 9), { animate: false });
    if (here) tools.choose(shown || here.code, false);
    return box;
  }
  function wrap(child) { const line = make("div"); line.append(child); return line; }
  // Whether a service says that it serves a place: "" for no, "part" where only parts are named.
  function serves(index, codes) {
    const [whole, part] = data.homes[index];
    const near = (list) => list.some((code) => code === SCOTLAND || codes.has(code));
    return near(whole) ? "whole" : near(part) ? "part" : "";
  }
  // Whom a service that serves a place is not for: "" where it is for every family there.
  function limits(index, codes) {
    const told = [];
    if (data.services[index].narrow) told.push("for some families only");
    if (serves(index, codes) === "part") told.push("in part of the area only");
    return told.join(", ");
  }
  function limited(index, codes) {
    const told = limits(index, codes);
    return data.services[index].name + (told ? ` (${told})` : "");
  }
  // The services on which a status rests, those for every family first, and whether there are such.
  function serving(category, codes, comes) {
    const of = data.services.map((one, m) => m).filter((m) => data.services[m].category_code === category &&
      data.services[m].counts[0] && (!comes || data.services[m].comes) && serves(m, codes));
    of.sort((a, b) => Boolean(limits(a, codes)) - Boolean(limits(b, codes)));
    const names = of.map((m) => limited(m, codes));
    return { some: of.length > 0 && limits(of[0], codes) !== "",
      who: names.length > 3 ? `${names.slice(0, 2).join("; ")} and ${names.length - 2} more` : names.join("; ") };
  }
  function comesHere(found, n) {
    const codes = new Set(from.homes[found.home[n]]);
    const come = data.services.map((one, m) => m).filter((m) => data.services[m].comes && data.services[m].counts[0] && serves(m, codes));
    if (!come.length) return [make("p", "No service that comes to the family is known to serve this place.")];
    const list = make("ul", null, "lines");
    for (const m of come) {
      const one = data.services[m], told = limits(m, codes);
      list.append(make("li", `${one.name} (${lower(say(one.category))})${told ? `, ${told}` : ""}`));
    }
    return [make("h4", `Comes to the family (${come.length})`), list];
  }

  // -- a family's road from conception to five ------------------------------------------------------
  const FIRST = -9, LAST = 60;
  function age(month) {
    if (month <= FIRST) return "conception";
    if (month < 0) return count(-month, "month") + " before birth";
    if (month === 0) return "birth";
    return month % 12 === 0 && month >= 24 ? `${month / 12} years` : count(month, "month");
  }
  const ages = (start, end) => `${age(start)[0].toUpperCase()}${age(start).slice(1)} to ${age(end)}`;
  function road(found, n) {
    const codes = new Set(from.homes[found.home[n]]);
    const open = [], sure = {}, maybe = {};
    for (const [tier] of data.tiers) { sure[tier] = new Set(); maybe[tier] = new Set(); }
    data.services.forEach((service, m) => {
      if (!service.counts[0]) return;
      const of = found.kinds.get(service.category_code);
      const answer = of && of.answers[of.answer[n]];
      const minutes = answer && answer[1] === m && of.minutes ? of.minutes[n] : -1;
      const claims = data.homes[m];
      const stated = claims[0].length + claims[1].length > 0;
      const reach = serves(m, codes);
      if (stated ? !reach : minutes < 0) return;
      const [from_, to] = service.ages;
      const start = from_ === null ? FIRST : Math.max(FIRST, from_), end = to === null ? LAST : Math.min(LAST, to);
      if (start >= end) return;
      if (!service.narrow && sure[service.tier_code]) {
        const months = from_ !== null && to !== null ? sure : maybe;
        for (let month = start; month < end; month += 1) months[service.tier_code].add(month);
      }
      let how = minutes >= 0 ? minutesWords(minutes) + (answer[3] === "by_ferry" ? ` with ${answer[4] ? data.foot_ferry[0] : "a ferry"}` : "")
        : service.comes ? "comes to the family"
          : service.at.length && service.precise ? "at a base farther off than the nearest of its kind" : "serves them, base not recorded";
      if (minutes >= 0 && service.comes) how += ", or it comes to them";
      const notes = [say(service.refers) ? `way in: ${say(service.refers)}` : "who can refer is not known"];
      if (from_ === null || to === null) notes.push("its ages are not all known");
      if (service.narrow) notes.push("for some families only");
      if (reach === "part") notes.push("it serves a part of the area: ask whether this is in it");
      open.push({ start, end, tier: service.tier_code, text: `${ages(start, end)}: ${service.name}, ${how}; ${notes.join("; ")}.` });
    });
    const order = data.tiers.map(([tier]) => tier);
    open.sort((a, b) => a.start - b.start || order.indexOf(a.tier) - order.indexOf(b.tier) || (a.text < b.text ? -1 : 1));
    const breaks = [];
    for (const [tier, word] of data.tiers) {
      for (let month = FIRST; month < LAST; month += 1) {
        if (sure[tier].has(month)) continue;
        const start = month;
        let doubt = false;
        while (month < LAST && !sure[tier].has(month)) { doubt = doubt || maybe[tier].has(month); month += 1; }
        breaks.push(`${ages(start, month)}: no ${lower(word)} service is known to be open to any family there${doubt ? "; one whose ages we do not know may be" : ""}.`);
      }
    }
    const details = make("details");
    details.append(make("summary", "A family's road from here, conception to five"));
    const list = make("ul", null, "lines"), gaps = make("ul", null, "lines");
    for (const one of open) list.append(make("li", one.text));
    for (const one of breaks) gaps.append(make("li", one));
    details.append(make("h4", `Open to them (${open.length})`), list);
    if (breaks.length) details.append(make("h4", "Where the road breaks"), gaps);
    return details;
  }

  // -- many postcodes at once -----------------------------------------------------------------------
  function toldMany(found, { prefix, start, end }) {
    const total = end - start;
    const box = make("div");
    const homes = [...new Set(found.home.slice(start, end))].flatMap((one) => from.homes[one].slice(0, 1)).map(nameOfArea).filter(Boolean);
    box.append(make("h3", `${prefix}: ${count(total, "postcode")}`), make("p", [...new Set(homes)].sort().join(", ")));
    const table = make("table"), body = make("tbody");
    table.append(make("caption", "The nearest of each kind, over its postcodes"));
    for (const kind of data.measures.filter((one) => one.dimension === "category")) {
      const of = found.kinds.get(kind.value);
      if (!of) continue;
      const known = [], rest = new Map(), names = new Map();
      let comes = 0;
      for (let n = start; n < end; n += 1) {
        const answer = of.answers[of.answer[n]];
        comes += answer[2];
        if (of.minutes && of.minutes[n] >= 0) {
          known.push(of.minutes[n]);
          names.set(answer[1], (names.get(answer[1]) || 0) + 1);
        } else rest.set(answer[0], (rest.get(answer[0]) || 0) + 1);
      }
      const row = make("tr"), head = make("th", kind.label), cell = make("td");
      head.scope = "row";
      if (known.length) {
        known.sort((a, b) => a - b);
        const near = known[0], far = known[known.length - 1], half = known[Math.floor((known.length - 1) / 2)];
        cell.append(make("strong", near === far ? minutesWords(near) : `${minutesWords(near)} to ${minutesWords(far).replace(/^about /, "")}`));
        if (near !== far) cell.append(make("div", `half within ${minutesWords(half)}`, "small"));
        const services = [...names.keys()].map((one) => data.services[one]).filter(Boolean).map((one) => one.name).sort();
        if (services.length) cell.append(make("div", services.length > 3 ? `${services.slice(0, 2).join(", ")} and ${services.length - 2} more` : services.join(", "), "small"));
      }
      for (const [status, many] of rest) cell.append(make("div", many === total ? say(status) : `${say(status)}: ${many} of ${total} postcodes`, known.length ? "small" : null));
      if (comes && known.length) cell.append(make("div", "One that serves them comes to the family", "small"));
      row.append(head, cell);
      body.append(row);
    }
    table.append(body);
    box.append(table, make("p", `Of postcodes, not of people. ${data.how} To services whose place we know; the nearest may be full.`, "small"));
    const next = new Map();
    const inward = prefix.split(" ")[1];
    for (let n = start; n < end; n += 1) {
      const code = found.codes[n];
      const key = !inward && total > 40 ? (prefix === code.split(" ")[0] ? code.slice(0, -2) : code.split(" ")[0]) : code;
      next.set(key, (next.get(key) || 0) + 1);
    }
    const parts = make("div", null, "row parts-of");
    for (const [key] of [...next].slice(0, 60)) parts.append(button(key, "more", () => { input.value = key; answer(key); }));
    if (next.size > 1) box.append(make("h4", "Closer"), parts);
    if (next.size > 60) box.append(make("p", `and ${next.size - 60} more`, "small"));
    box.append(tools.actions(box, prefix));
    if (pin) { pin.remove(); pin = null; }
    now.place = prefix;
    const at = (list) => [Math.min(...list.slice(start, end)), Math.max(...list.slice(start, end))].map((one) => one * from.step);
    const [south, north] = at(found.lat), [west, east] = at(found.lon);
    map.fitBounds([[south, west], [north, east]], { maxZoom: 10, padding: [50, 50], animate: false });
    tools.remember();
    return box;
  }
  function showArea(levelCode, code) {
    if (now.level !== levelCode) tools.setLevel(levelCode);
    map.fitBounds(tools.paths.get(code).getBounds(), { maxZoom: 8.5, padding: [60, 60], animate: false });
    tools.choose(code, false);
  }
  function areaFound(of, code) {
    now.place = of.names[code];
    const box = make("div");
    box.append(make("p", `${of.names[code]} (${lower(of.one)}) is marked on the map.`), button("Go to its card", "more", () => {
      $("card").focus({ preventScroll: true });
      $("card").scrollIntoView({ block: "start" });
    }));
    return box;
  }
  function serviceFound(service) {
    const box = make("div");
    box.append(make("h3", service.name), make("p", `${say(service.category)}. ${service.at.length ? "It is marked on the map." : "Its place is not known, or not told."} It is listed under Services.`));
    return box;
  }
  function maybe(intro, items) {
    const box = make("div");
    if (intro) box.append(make("p", intro));
    if (items.length) {
      const list = make("ul", null, "plain");
      for (const one of items) {
        const item = make("li");
        item.append(button(one.text, "area", () => { input.value = one.text; if (one.go) run(() => one.go(), one.text); else answer(one.text); }), one.note ? make("span", ` ${one.note}`, "small") : "");
        list.append(item);
      }
      box.append(make("p", "Did you mean:"), list);
    }
    return box;
  }
  function findCode(found, code) {
    const n = indexIn(found.codes, code);
    if (n >= 0) return told(found, n);
    const old = indexIn(found.retired, code);
    if (old < 0) return null;
    const near = found.instead[old];
    const gone = `${code} is a postcode that is no longer in use.`;
    return near >= 0 ? told(found, near, `${gone} Nobody is counted there; this is the nearest one in use:`, code)
      : maybe(gone, []);
  }
  async function resolve(typed) {
    const found = await openSearch();
    // Marks that turn the direction of what follows would scramble the answer's own words.
    const text = typed.replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, "").trim();
    const service = data.services.find((one) => one.id === text);
    if (service) { tools.findService(service); return serviceFound(service); }
    const inside = text.toUpperCase().match(/\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b/);
    const code = inside ? compact(inside[0]) : compact(text);
    const whole = findCode(found, spaced(code));
    if (whole) return whole;
    const names = byName(text);
    if (names.length && names[0].score <= 1 && !isPostcode(text)) {
      const best = names.filter((one) => one.score === names[0].score);
      const same = best.filter((one) => one.plain === best[0].plain);
      if (names[0].score === 0 && same.length > 1) {
        const first = same.find((one) => one.rank === 0) || same[0];
        const made = await first.go();
        const others = same.filter((one) => one !== first && one.rank < 4).slice(0, 5);
        if (others.length) made.prepend(alsoNamed("Also of this name: ", others, found));
        return made;
      }
      if (best.length === 1 || names[0].score === 0) {
        const made = await names[0].go();
        const like = names.slice(1).filter((one) => one.score > 3 && one.rank < 4).slice(0, 4);
        if (like.length) made.prepend(alsoNamed("Or did you mean: ", like, found));
        return made;
      }
      return maybe(`Several names begin with “${text.slice(0, 60)}”.`, noted(names.slice(0, 8), found));
    }
    // One name only is a slip away: it is taken, and said.
    const nearest = names.filter((one) => one.score === (names[0] || {}).score);
    if (nearest.length && nearest[0].score > 3 && nearest[0].score <= 4 && nearest.every((one) => one.plain === nearest[0].plain) && !isPostcode(text)) {
      const first = nearest.find((one) => one.rank === 0) || nearest[0];
      const made = await first.go();
      const others = names.filter((one) => one !== first && one.rank < 4).slice(0, 5);
      if (others.length) made.prepend(alsoNamed("Or did you mean: ", others, found));
      made.prepend(make("p", `“${text.slice(0, 60)}” was read as ${first.text}.`));
      return made;
    }
    const part = isPostcode(text) || (code.length <= 4 && /^[A-Z]{1,2}\d*$/.test(code) && !names.length) ? partOf(found, text) : null;
    if (part) return part.end - part.start === 1 ? told(found, part.start) : toldMany(found, part);
    for (const one of reread(code)) {
      const made = findCode(found, one);
      if (made) { made.prepend(make("p", `“${text.slice(0, 20)}” was read as ${one}: letters and figures are easily mistaken.`)); return made; }
    }
    const like = /\d/.test(code) && code.length >= 4 && code.length <= 8 ? slips(found, code) : [];
    if (like.length || /^[A-Z]{1,2}\d/.test(code)) {
      const why = notHere(code);
      return maybe(`${text.toUpperCase().slice(0, 12)} is not a postcode in use${covers() ? ` in ${covers()}, of which alone this page tells` : isScottish ? " in Scotland" : " of this study"}. ${why}`.trim(),
        like.map((one) => ({ text: one, note: homeNames(found, indexIn(found.codes, one))[0] || "" })));
    }
    return maybe(`“${text.slice(0, 60)}” is no live postcode, town, area or service of ${covers() || "this study"}.`, noted(names.slice(0, 8), found));
  }
  const noted = (names, found) => names.map((one) => ({ ...one, note: one.n !== undefined ? `${one.note}, ${homeNames(found, one.n)[0] || ""}` : one.note }));
  function alsoNamed(intro, others, found) {
    const line = make("p", intro, "small");
    noted(others, found).forEach((one, n) => {
      if (n) line.append(", ");
      line.append(button(`${one.text} (${lower(one.note)})`, "area small", () => run(() => one.go(), one.text)));
    });
    return line;
  }
  async function run(act, text) {
    let made;
    try {
      made = await act();
    } catch (error) {
      if (typeof DecompressionStream !== "undefined") throw error;
      made = make("p", "This browser is too old to open the list of postcodes. The list of areas below works.");
    }
    fill($("found"), made);
    const head = made.querySelector && (made.querySelector("h3") || made.querySelector("p"));
    tools.tell(head ? head.textContent : made.textContent);
    tools.remember();
    return text;
  }
  async function answer(text) {
    now.service = null;
    if (!simple(text)) {
      clear();
      fill($("found"), make("p", "Write a postcode or a name."));
      return null;
    }
    return run(() => resolve(text), text);
  }
  return { answer };
}
