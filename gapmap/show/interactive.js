// What the interactive page does. Every text from data goes in by textContent, so none is markup.
"use strict";

function gapmapPage(map) {
  const data = JSON.parse(document.getElementById("gapmap-data").textContent);
  const say = (n) => (n === null || n === undefined ? "" : data.strings[n]);
  const $ = (id) => document.getElementById(id);
  const now = { layer: "state", level: data.levels[0].code, what: 0, date: 0, chosen: null, service: null };
  const svgNS = "http://www.w3.org/2000/svg";
  const box = map.getContainer();
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Map. Arrow keys move it; Tab goes to its areas and points. The lists beside it say the same in words.");

  // -- small makers -----------------------------------------------------------------------------
  function make(tag, text, className) {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    if (className) element.className = className;
    return element;
  }
  function fill(parent, ...children) {
    parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
    return parent;
  }
  function drawn(tag, attributes, ...children) {
    const element = document.createElementNS(svgNS, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  function button(text, className, act) {
    const element = make("button", text, className);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }
  function pairs(entries) {
    const list = make("dl");
    for (const [term, text] of entries) list.append(make("dt", term), make("dd", text));
    return list;
  }
  const lower = (text) => (/^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text);
  const number = (value, places) =>
    value.toLocaleString("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places });
  const count = (n, one, many) => (n === 1 ? `1 ${one}` : `${number(n, 0)} ${many || `${one}s`}`);
  function tell(text) { $("said").textContent = text; }
  function goTo(element) {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  }
  // A page inside a notebook has no address of its own: links within it must not leave it.
  for (const link of document.querySelectorAll("a[data-to]")) {
    link.addEventListener("click", (event) => { event.preventDefault(); goTo($(link.dataset.to)); });
  }

  // -- patterns: the same looks as on the printed maps --------------------------------------------
  const hatches = {
    "////": ["slant", 7, (tile, ink) => tile.append(drawn("rect", { width: 1.3, height: 7, fill: ink }))],
    "---": ["lines", 7, (tile, ink) => tile.append(drawn("rect", { width: 7, height: 1.6, fill: ink }))],
    "||": ["bars", 7, (tile, ink) => tile.append(drawn("rect", { width: 1.6, height: 7, fill: ink }))],
    xxx: ["cross", 6, (tile, ink) => tile.append(drawn("path", { d: "M0 0 L6 6 M6 0 L0 6", stroke: ink, "stroke-width": 1 }))],
    "...": ["dots", 6, (tile, ink) => tile.append(drawn("circle", { cx: 3, cy: 3, r: 1, fill: ink }))],
  };
  function pattern(look) {
    const [name, size, ink] = hatches[look.hatch] || hatches["////"];
    const id = `gapmap-${name}-${(look.fill + look.ink).replace(/#/g, "")}`;
    if (!$(id)) {
      const tile = drawn("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse",
        ...(name === "slant" ? { patternTransform: "rotate(45)" } : {}) },
      drawn("rect", { width: size, height: size, fill: look.fill }));
      ink(tile, look.ink);
      $("gapmap-patterns").append(tile);
    }
    return `url(#${id})`;
  }
  const paint = (look) => (look.hatch ? pattern(look) : look.fill);
  function swatch(look) {
    return drawn("svg", { width: 30, height: 18, "aria-hidden": "true", class: "swatch" },
      drawn("rect", { x: 0.5, y: 0.5, width: 29, height: 17, fill: paint(look), stroke: "#3d3d3d" }));
  }
  const shapes = {
    circle: "M8 2 A6 6 0 1 1 7.99 2 Z",
    square: "M2.5 2.5 H13.5 V13.5 H2.5 Z",
    triangle: "M8 1 L15 14 H1 Z",
    down: "M8 15 L1 2 H15 Z",
    diamond: "M8 1 L15 8 L8 15 L1 8 Z",
    plus: "M6 1.5 H10 V6 H14.5 V10 H10 V14.5 H6 V10 H1.5 V6 H6 Z",
    cross: "M2 4.5 L4.5 2 L8 5.5 L11.5 2 L14 4.5 L10.5 8 L14 11.5 L11.5 14 L8 10.5 L4.5 14 L2 11.5 L5.5 8 Z",
  };
  function shape(kind, colour, edge, size = 16) {
    return drawn("svg", { width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": "true", class: "swatch" },
      drawn("path", { d: shapes[kind], fill: colour, stroke: edge, "stroke-width": 1.2 }));
  }
  const tierMark = (tier) => data.tier_looks[tier] || ["#3D3D3D", "diamond"];
  // Among places that are marked by how far they are, a service has a mark of its own.
  const mark = (tier) => (isPoints() ? shape("plus", "#fff", "#1a1a1a", 18) : shape(tierMark(tier)[1], tierMark(tier)[0], "#fff", 18));
  const plainLand = { fill: "#ECECEC", hatch: "", ink: "#ffffff" };

  // -- areas: what stands in which class ------------------------------------------------------------
  const level = () => data.levels.find((one) => one.code === now.level);
  const measure = () => data.measures[now.what];
  const nameOf = (code) => level().names[code];
  const unknownCell = [3, 0, 0, null, null, 0, 0, 0, null];
  function rowOf(code, key, date = now.date, at = now.level) {
    const found = data.dates[date].states[at];
    return (found && found[key] && found[key][code]) || unknownCell;
  }
  const stateWords = (row) => data.states[row[0]][1] +
    (row[6] && row[0] < 2 ? ` (last known ${(say(row[5]).match(/\d{4}/) || [say(row[5])])[0]})` : "");
  const layersAt = (date) => (date === 0 ? data.layers : data.dates[date].layers);
  const layerAt = (date, code = now.layer) => layersAt(date).find((one) => one.code === code);
  const hasDate = (date) => now.layer === "state" || Boolean(layerAt(date));
  const isPoints = () => now.layer === "rural";
  function group(code = now.layer, key = measure().key, date = now.date) {
    const layer = layerAt(date, code);
    const of = layer && layer.groups[now.level];
    return of ? of.all || of[key] || null : null;
  }
  function cell(code) {
    if (now.layer === "state") {
      const row = rowOf(code, measure().key);
      return { look: data.looks[row[8] === null ? data.states[3][2] : row[8]], words: stateWords(row), kind: row[0],
        quiet: row[0] > 1 || (row[6] && row[0] < 2) };
    }
    if (isPoints()) {
      const n = data.rural.places.filter((one) => one.value === measure().value && one.areas.includes(code)).length;
      return { look: plainLand, words: n ? count(n, "place") : "no place listed", kind: -1, quiet: true };
    }
    const of = group();
    const told = of && of.told[code];
    if (!told) return { look: data.looks[data.states[3][2]], words: data.states[3][1], kind: -1, quiet: true };
    const look = data.looks[of.classes[told[0]][0]];
    return { look, words: say(told[1]), kind: told[0], quiet: Boolean(look.hatch) };
  }
  function legendRows() {
    const codes = Object.keys(level().names);
    if (isPoints()) return [];
    if (now.layer === "state") {
      const counts = [0, 0, 0, 0];
      const paler = new Map();
      for (const code of codes) {
        const row = rowOf(code, measure().key);
        counts[row[0]] += 1;
        if (row[6] && row[0] < 2) paler.set(row[8], (paler.get(row[8]) || 0) + 1);
      }
      const rows = data.states.map(([, text, look], n) => ({ look: data.looks[look], text: `${text} (${counts[n]})` }));
      if (paler.size) {
        const total = [...paler.values()].reduce((a, b) => a + b, 0);
        rows.splice(2, 0, { look: data.looks[[...paler.keys()][0]], text: `Paler: last known over ${data.stale_years} years before (${total})` });
      }
      return rows;
    }
    const of = group();
    if (!of) return [];
    const counts = of.classes.map(() => 0);
    let rest = 0;
    for (const code of codes) if (of.told[code]) counts[of.told[code][0]] += 1; else rest += 1;
    const rows = of.classes.map(([look, text], n) => ({ look: data.looks[look], text: `${say(text)} (${counts[n]})` }));
    if (rest) rows.push({ look: data.looks[data.states[3][2]], text: `${data.states[3][1]} (${rest})` });
    return rows;
  }
  function finding() {
    if (now.layer === "state") {
      const counts = [0, 0, 0, 0];
      const codes = Object.keys(level().names);
      for (const code of codes) counts[rowOf(code, measure().key)[0]] += 1;
      if (codes.length === 1) return `${measure().label} in ${nameOf(codes[0])}: ${lower(stateWords(rowOf(codes[0], measure().key)))}.`;
      const total = codes.length, whole = counts[0], some = counts[1], many = level().many;
      const parts = [whole + some === 0 ? `in none of ${total} ${many} that we know of`
        : whole === 0 ? `in ${some} of ${total} ${many}, for some families only`
          : some === 0 ? (whole < total ? `in ${whole} of ${total} ${many}` : `in all ${total} ${many}`)
            : `in ${whole + some} of ${total} ${many}, in ${some} of them for some families only`];
      if (counts[2]) parts.push(`looked in ${counts[2]}, found none`);
      if (counts[3]) parts.push(`${counts[3]} not yet known`);
      return `${measure().label}: ${parts.join("; ")}.`;
    }
    if (isPoints()) {
      const of = farPlaces();
      return of.length
        ? `${count(of.length, "remote or island place is", "remote and island places are")} more than ${data.rural.threshold} from the nearest ${lower(measure().label)} that we know.`
        : `${measure().label}: no remote or island place is on the list.`;
    }
    const of = group();
    return of ? say(of.finding) : `${measure().label}: nothing is known of this for ${level().many}.`;
  }
  const farPlaces = () => data.rural.places.filter((one) => one.value === measure().value);

  // -- areas on the map ---------------------------------------------------------------------------
  function rings(flat) {
    const found = [];
    let x = 0, y = 0;
    for (let n = 0; n < flat.length; n += 2) {
      x += flat[n]; y += flat[n + 1];
      found.push([x / 1e4, y / 1e4]);
    }
    return found;
  }
  function features(of) {
    if (!of.features) {
      of.features = of.shapes.map(([code, parts]) => ({
        type: "Feature", id: code, properties: {},
        geometry: { type: "MultiPolygon", coordinates: parts.filter((part) => part.length).map((part) => part.map(rings)) },
      }));
    }
    return { type: "FeatureCollection", features: of.features };
  }
  const renderer = L.svg({ padding: 0.5 });
  let layer = null;
  const paths = new Map();
  function style(feature) {
    const one = cell(feature.id);
    const chosen = now.chosen === feature.id;
    return { renderer, fillColor: paint(one.look), fillOpacity: data.tiles ? 0.72 : 1,
      color: chosen ? "#1a1a1a" : one.quiet ? "#5a5a5a" : "#fff", weight: chosen ? 3.5 : 1, opacity: 1 };
  }
  function drawAreas() {
    if (layer) layer.remove();
    paths.clear();
    layer = L.geoJSON(features(level()), {
      renderer,
      style,
      onEachFeature(feature, path) {
        paths.set(feature.id, path);
        path.on("click", (event) => { L.DomEvent.stopPropagation(event); choose(feature.id, true); });
        path.bindTooltip(() => {
          const tip = make("div");
          tip.append(make("strong", nameOf(feature.id)), make("br"), cell(feature.id).words);
          return tip;
        }, { sticky: true });
      },
    }).addTo(map);
    layer.bringToBack();
    // One stop of the Tab key for all areas; arrow keys go from each to its neighbours.
    const order = level().spots.map((spot) => spot[0]);
    for (const [code, path] of paths) {
      const element = path.getElement();
      element.id = `area-${code}`;
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", code === order[0] ? "0" : "-1");
      element.addEventListener("keydown", (event) => areaKey(event, code));
      element.addEventListener("focus", () => path.openTooltip(path.getBounds().getCenter()));
      element.addEventListener("blur", () => path.closeTooltip());
    }
    drawNames();
  }
  function nameAreas() {
    for (const [code, path] of paths) path.getElement().classList.toggle("chosen", code === now.chosen);
    for (const [code, path] of paths) path.getElement().setAttribute("aria-label", `${nameOf(code)}: ${cell(code).words}`);
  }
  const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  // Of the points, the one that lies most nearly in the direction of the arrow; null for none.
  function towards(from, points, [dx, dy]) {
    let best = null, least = Infinity;
    for (const [key, point] of points) {
      const x = point.x - from.x, y = point.y - from.y;
      const along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
      if (along <= 1) continue;
      const cost = along + 2.5 * aside;
      if (cost < least) { least = cost; best = key; }
    }
    return best;
  }
  function areaKey(event, code) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(code, true);
    } else if (Object.hasOwn(arrows, event.key)) {
      event.preventDefault();
      event.stopPropagation();
      const at = new Map(level().spots.map(([one, , lat, lon]) => [one, map.latLngToContainerPoint([lat, lon])]));
      const next = towards(at.get(code), [...at].filter(([one]) => one !== code), arrows[event.key]);
      if (next !== null) roveTo(next);
    }
  }
  function roveTo(code) {
    for (const [one, path] of paths) path.getElement().setAttribute("tabindex", one === code ? "0" : "-1");
    const path = paths.get(code);
    path.bringToFront();
    const spot = level().spots.find((one) => one[0] === code);
    if (!map.getBounds().contains([spot[2], spot[3]])) map.panTo([spot[2], spot[3]], { animate: false });
    path.getElement().focus({ preventScroll: true });
  }

  const marks = L.layerGroup().addTo(map);
  // -- names on the map: a name that would run into another waits for a closer look ---------------
  const namesPane = map.createPane("gapmap-names");
  namesPane.style.zIndex = 610;
  namesPane.style.pointerEvents = "none";
  namesPane.setAttribute("aria-hidden", "true");
  let labels = [];
  function drawNames() {
    for (const label of labels) label.remove();
    labels = level().spots.map(([, text, lat, lon]) => L.marker([lat, lon], {
      pane: "gapmap-names", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "name", html: make("span", text), iconSize: null }),
    }).addTo(map));
    // A name is no mark that could be pressed.
    for (const label of labels) label.getElement().classList.remove("leaflet-marker-icon");
    tidyNames();
  }
  function tidyNames() {
    const over = (one, other) => one.left < other.right + 2 && other.left < one.right + 2 && one.top < other.bottom && other.top < one.bottom;
    const points = marks.getLayers().filter((one) => one.getElement && one.options.icon).map((one) => one.getElement().getBoundingClientRect());
    const taken = [];
    for (const label of labels) {
      const span = label.getElement().firstChild;
      span.style.visibility = "visible";
      span.style.marginTop = "0";
      const room = span.getBoundingClientRect();
      // A little above or below its spot, if a mark would lie upon it.
      const moved = (by) => ({ left: room.left, right: room.right, top: room.top + by, bottom: room.bottom + by });
      const free = [0, -13, 13, -22, 22].filter((by) => !taken.some((one) => over(moved(by), one)));
      const best = free.find((by) => !points.some((one) => over(moved(by), one)));
      const by = best === undefined ? free[0] : best;
      if (by === undefined || (by !== 0 && best === undefined)) { span.style.visibility = "hidden"; continue; }
      span.style.marginTop = `${by}px`;
      taken.push(moved(by));
    }
  }

  let cameFrom = null;
  function choose(code, focus) {
    if (focus) cameFrom = document.activeElement;
    now.chosen = code;
    layer.setStyle(style);
    nameAreas();
    const path = code && paths.get(code);
    if (path) path.bringToFront();
    showCard(code);
    remember();
    if (focus && code) {
      $("card").focus({ preventScroll: true });
      $("card").scrollIntoView({ block: "nearest" });
    }
  }
  function closeCard() {
    choose(null, false);
    const back = cameFrom && cameFrom.isConnected && cameFrom !== document.body ? cameFrom : $("what");
    back.focus();
  }
  map.createPane("gapmap-services").style.zIndex = 620;

  // -- the card of one area -----------------------------------------------------------------------
  function counted(row) {
    const parts = [];
    if (row[1] || !row[2]) parts.push(`${row[1]} of its own`);
    if (row[2]) parts.push(`${row[2]} of a wider area`);
    return parts.join(", ");
  }
  const at = (table, ...keys) => keys.reduce((found, key) => (found === null || found === undefined ? null : found[key]), table);
  function showCard(code) {
    const card = $("card");
    if (!code) { card.hidden = true; card.replaceChildren(); return; }
    card.hidden = false;
    const key = measure().key, value = measure().value;
    const row = rowOf(code, key);
    const kind = measure().dimension === "category";
    const unknown = [];
    const parts = [make("h3", nameOf(code)),
      make("p", `${level().one}, ${code}. ${measure().label}, ${data.dates[now.date].label}.`, "small")];
    const entries = [["What is there", stateWords(row)], ["Services", counted(row)]];
    if (row[3] !== null) entries.push([data.people_label, number(row[3], 0)]);
    if (row[4] !== null && row[1]) entries.push(["Per 1,000", `${number(row[4], 2)} services`]);
    if (say(row[5]) && row[0] < 2) entries.push(["Last known", say(row[5])]);
    parts.push(pairs(entries));
    if (say(row[7])) parts.push(make("p", say(row[7])));
    parts.push(...changeLines(code));
    if (now.date === 0) {
      const edge = at(data.bounds, now.level, key, code);
      if (edge) {
        parts.push(make("h4", "Whatever is not known"), pairs([
          ["At least", edge[0] === 2 ? "none" : lower(data.states[edge[0]][1])],
          ["At most", edge[1] === 2 ? "none" : lower(data.states[edge[1]][1])],
          ["Reach", say(edge[2])]]));
      }
      const trip = kind && at(data.travel, now.level, value, code);
      if (trip) {
        parts.push(make("h4", `How far, ${data.by}`));
        parts.push(pairs([...trip[0], ...trip[1]].map((one) => one.map(say))));
        if (!trip[0].length) unknown.push("How far families live from it: no base is recorded well enough.");
      }
      const ending = layerAt(0, "fragile");
      const left = ending && at(ending.groups, now.level, key);
      if (left && left.told[code] && row[0] < 2) {
        const told = left.told[code];
        parts.push(make("h4", ending.title), make("p", `${say(left.classes[told[0]][1])}. ${say(told[1])}.`));
      }
      const gaps = data.gaps.filter((gap) => gap.code === code && gap.level === now.level);
      if (gaps.length) {
        parts.push(make("h4", `Gaps (${gaps.length}, of every kind of service)`));
        const list = make("ul", null, "plain");
        for (const gap of gaps) list.append(make("li", say(gap.reason)));
        parts.push(list);
      }
      const far = data.rural.places.filter((one) => one.areas.includes(code) && (!kind || one.value === value));
      if (far.length) {
        parts.push(make("h4", `Remote and island places beyond ${data.rural.threshold} (${far.length})`));
        const list = make("ul", null, "plain");
        for (const one of far.slice(0, 5)) list.append(make("li", `${one.name}: ${say(one.told)}`));
        if (far.length > 5) list.append(make("li", `and ${far.length - 5} more, in the list below`));
        parts.push(list);
      }
      const looked = kind && at(data.evidence, now.level, value, code);
      parts.push(make("h4", "How sure we are, and whom to ask"));
      if (looked) parts.push(make("p", say(looked)));
      if (edge && say(edge[3])) parts.push(make("p", say(edge[3])));
      else if (edge && edge[0] === edge[1]) parts.push(make("p", "Nothing that we do not know could change this."));
    }
    // -- what is not known is always said
    const kinds = data.measures.filter((one) => one.dimension === "category");
    const silent = kinds.filter((one) => rowOf(code, one.key)[0] === 3);
    if (row[0] === 3) unknown.unshift(`Whether there is any ${lower(measure().label)} here.`);
    if (silent.length) unknown.push(`Of ${kinds.length} kinds of service, ${silent.length} here: ${silent.map((one) => lower(one.label)).join(", ")}.`);
    unknown.push("Services that nobody has told us of.");
    const mystery = make("div", null, "unknown");
    mystery.append(make("h4", "What is not known"));
    const list = make("ul", null, "lines");
    for (const line of unknown) list.append(make("li", line));
    mystery.append(list);
    parts.push(mystery);

    const every = make("details");
    every.append(make("summary", "Every kind of service here"));
    const body = make("tbody");
    for (const one of data.measures.filter((kind) => kind.dimension === "category" || kind.dimension === "tier")) {
      const line = make("tr"), head = make("th", one.label);
      head.scope = "row";
      line.append(head, make("td", stateWords(rowOf(code, one.key))));
      body.append(line);
    }
    const table = make("table");
    table.append(make("caption", `What families can get here, ${data.dates[now.date].label}`), body);
    every.append(table);
    parts.push(every, actions(card, `${nameOf(code)}`), button("Close this card", "more", closeCard));
    fill(card, ...parts);
  }
  function changeLines(code) {
    const lines = [];
    const other = now.date === 0 ? data.dates.map((_, n) => n).slice(1) : [now.date];
    for (const n of other) {
      const because = at(data.dates[n].changes, now.level, measure().key, code);
      if (because === null || because === undefined) continue;
      const then = stateWords(rowOf(code, measure().key, now.date === 0 ? n : 0));
      lines.push(make("p", `On ${data.dates[now.date === 0 ? n : 0].label}: ${lower(then)}. ` + (because
        ? "A service that serves it is known to have opened or closed between."
        : "Only the evidence changed: no service of this kind that serves it is known to have opened or closed between."), "small"));
    }
    return lines;
  }
  // Buttons that hand on what a card says.
  function actions(place, title) {
    const row = make("div", null, "row actions");
    row.append(button("Copy the text", "more", (event) => {
      const text = textOf(place);
      copy(`${title}\n${text}`.replace(`${title}\n${title}`, title), event.currentTarget);
    }));
    if (hasAddress) row.append(button("Copy a link to this", "more", (event) => copy(location.href, event.currentTarget)));
    return row;
  }
  function textOf(place) {
    const lines = [];
    (function walk(node) {
      for (const child of node.children) {
        if (child.matches("button, .actions, summary, svg")) continue;
        if (child.matches("dl")) {
          const terms = [...child.children];
          for (let n = 0; n < terms.length; n += 2) lines.push(`${terms[n].textContent}: ${terms[n + 1].textContent}`);
        } else if (child.matches("tr")) lines.push([...child.children].map((one) => [...(one.children.length ? one.childNodes : [one])].map((part) => part.textContent.trim()).filter(Boolean).join(", ")).join(": "));
        else if (child.matches("li")) lines.push(`- ${child.innerText.replace(/\s*\n\s*/g, " ").trim()}`);
        else if (child.matches("h3, h4, p, caption") || !child.children.length) lines.push((/^H/.test(child.tagName) && lines.length ? "\n" : "") + child.textContent.trim());
        else walk(child);
      }
    })(place);
    lines.push("", `${document.title}. ${$("method").textContent}`);
    return lines.join("\n");
  }
  async function copy(text, from) {
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch (error) { done = false; }
    if (!done) {
      // Where the browser forbids the clipboard (a notebook, a file), a selected text still copies.
      const area = make("textarea", null, "unseen");
      area.value = text;
      area.setAttribute("aria-hidden", "true");
      document.body.append(area);
      area.select();
      try { done = document.execCommand("copy"); } catch (error) { done = false; }
      area.remove();
      from.focus();
    }
    const before = from.dataset.text || from.textContent;
    from.dataset.text = before;
    from.textContent = done ? "Copied" : "Could not copy";
    tell(from.textContent);
    setTimeout(() => { from.textContent = before; }, 2500);
    return done;
  }

  // -- legend, list -------------------------------------------------------------------------------
  function showLegend() {
    const of = now.layer === "state" ? { unit: "What families can get", method: "A state follows the evidence: none is said only where somebody looked. Services of a wider area count too.", date: data.dates[now.date].label }
      : isPoints() ? { unit: `Places where half of the families or more are farther than ${data.rural.threshold} from the nearest, and nothing comes to them`, method: `${data.how} A place whose nearest base is not recorded is not on the list.`, date: data.dates[0].label }
        : layerAt(now.date) || layerAt(0);
    $("finding").textContent = finding();
    $("unit").textContent = `${of.unit}. ${level().title}, ${of.date}.`;
    $("method").textContent = of.method;
    fill($("key"), ...legendRows().map((one) => {
      const row = make("li");
      row.append(swatch(one.look), one.text);
      return row;
    }));
    const points = [];
    const add = (icon, text) => { const row = make("li"); row.append(icon, text); points.push(row); };
    if (isPoints()) {
      const of = farPlaces().filter((one) => one.at);
      data.rural.steps.forEach(([look, text], n) => {
        add(shape("circle", data.looks[look].fill, "#3d3d3d"), `${say(text)} (${of.filter((one) => one.step === n && one.mark < 3).length})`);
      });
      farMarks.forEach((kind, n) => {
        const many = of.filter((one) => one.mark === n).length;
        if (many || n < 2) add(shape(kind, "#fff", "#1a1a1a"), `${["By road all the way", "With a ferry on the way", "With a boat that takes no cars", "No way by car or ferry"][n]} (${many})`);
      });
    }
    if (isPoints() && shownPlaces().length) add(mark(), `${$("only-kind").checked ? measure().label : "Service"}, place known (${shownPlaces().length})`);
    else if (shownPlaces().length) {
      const held = new Set(shownPlaces().map((one) => one.service.tier_code));
      for (const [code, text] of data.tiers) if (held.has(code)) add(mark(code), `${text} service (${tierMark(code)[1]})`);
    }
    fill($("marks"), ...points);
    $("marks").hidden = !points.length;
  }
  function showList() {
    const body = make("tbody");
    const codes = Object.keys(level().names).sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en"));
    const services = now.layer === "state";
    for (const code of codes) {
      const row = make("tr"), head = make("th");
      head.scope = "row";
      head.append(button(nameOf(code), "area", () => {
        const path = paths.get(code);
        if (path) map.fitBounds(path.getBounds(), { maxZoom: 8.5, padding: [60, 60], animate: false });
        choose(code, true);
      }));
      row.append(head, make("td", cell(code).words));
      if (services) row.append(make("td", counted(rowOf(code, measure().key)), "n"));
      body.append(row);
    }
    const head = make("thead"), top = make("tr");
    const titles = [[level().one, ""], [services ? "What is there" : layerTitle(), ""]];
    if (services) titles.push(["Services", "n"]);
    for (const [text, kind] of titles) {
      const one = make("th", text, kind);
      one.scope = "col";
      top.append(one);
    }
    head.append(top);
    const of = group() && layerAt(now.date).groups[now.level].all ? "Every kind of service" : measure().label;
    fill($("areas"), make("caption", `${of}, ${data.dates[now.date].label}`), head, body);
  }
  const layerTitle = () => $("layer").selectedOptions[0].textContent;
  // A list that shows a few, more at a press, and all of them on paper.
  const lists = new Set();
  function listed(place, items, maker, shown) {
    const list = make("ul", null, "plain");
    let until = shown;
    const more = button(null, "more", () => {
      const first = until;
      until += shown;
      draw();
      const next = list.children[first] && list.children[first].querySelector("button, summary");
      if (next) next.focus();
    });
    function draw(all) {
      const end = all ? items.length : until;
      fill(list, ...items.slice(0, end).map(maker));
      more.hidden = end >= items.length;
      more.textContent = `Show ${Math.min(shown, items.length - until)} more of ${items.length - until}`;
    }
    draw();
    fill(place, list, more);
    for (const old of lists) if (old.place === place) lists.delete(old);
    lists.add({ place, draw });
  }
  function showGaps() {
    if (!$("gaps")) return;
    const kind = measure().dimension === "category";
    const all = $("every-gap").checked || !kind || now.layer === "gaps";
    const of = data.gaps.filter((gap) => gap.level === now.level && (all || gap.value === measure().value));
    $("gap-count").textContent = now.date !== 0 ? "Gaps are worked out for the study's own date only."
      : `${of.length ? count(of.length, "gap") : "No gap"} for ${level().many}, ${all ? "every kind of service" : lower(measure().label)}.`;
    listed($("gaps"), now.date === 0 ? of : [], (gap) => {
      const item = make("li");
      item.append(button(nameOf(gap.code) || gap.name, "area", () => {
        const wanted = data.measures.findIndex((one) => one.key === `category:${gap.value}`);
        if (wanted >= 0) { now.what = wanted; now.layer = "state"; refresh(); }
        choose(gap.code, true);
      }), make("div", say(gap.reason)));
      const notes = [say(gap.certainty), say(gap.settled)].filter(Boolean).join(". ");
      if (notes) item.append(make("div", notes, "small"));
      return item;
    }, 12);
  }

  // -- remote places ------------------------------------------------------------------------------
  const farMarks = ["circle", "triangle", "down", "cross"];
  const farLayer = L.layerGroup().addTo(map);
  function showFar() {
    farLayer.clearLayers();
    if (!$("rural")) return;
    const of = farPlaces();
    $("rural-count").textContent = `${measure().label}: ${count(of.length, "place")} farther than ${data.rural.threshold} from the nearest that we know, where nothing comes to the family. Worked out for ${data.dates[0].label}.`;
    if (isPoints()) {
      for (const one of [...of].reverse()) {
        if (!one.at) continue;
        const size = 9 + 2.5 * one.step + (one.mark ? 2 : 0);
        L.marker(one.at, {
          icon: L.divIcon({ className: "mark", html: shape(farMarks[one.mark], one.mark === 3 ? "#1a1a1a" : data.looks[data.rural.steps[one.step][0]].fill, one.mark === 3 ? "#fff" : "#3d3d3d", size), iconSize: [size, size] }),
          pane: "gapmap-services", keyboard: false,
        }).bindTooltip(() => make("div", `${one.name}: ${say(one.told)}`))
          .on("click", () => openPopup(one.at, aboutFar(one))).addTo(farLayer);
      }
    }
    listed($("rural"), of, (one) => {
      const item = make("li");
      item.append(make("strong", `${one.name}, ${one.area}`), make("div", say(one.reason)));
      if (one.at) {
        const show = button("Show on the map", "area small", () => {
          if (!isPoints()) setLayer("rural");
          look(one.at);
          openPopup(one.at, aboutFar(one), show);
        });
        show.setAttribute("aria-label", `Show on the map: ${one.name}`);
        item.append(show);
      }
      return item;
    }, 10);
  }
  function aboutFar(one) {
    const card = make("div");
    card.append(make("h3", one.name), make("p", one.area, "small"), make("p", say(one.reason)));
    return card;
  }

  // -- services -----------------------------------------------------------------------------------
  let popupFrom = null;
  function openPopup(where, content, from) {
    popupFrom = from || null;
    L.popup({ maxWidth: 300, autoPanPadding: [20, 20] }).setLatLng(where).setContent(content).openOn(map);
  }
  map.on("popupopen", (event) => {
    const element = event.popup.getElement();
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-label", (element.querySelector("h3") || element).textContent);
    const close = element.querySelector(".leaflet-popup-close-button");
    if (close) {
      // Its address would leave the page when it stands in a notebook.
      close.removeAttribute("href");
      close.setAttribute("tabindex", "0");
      close.addEventListener("keydown", (key) => { if (key.key === "Enter" || key.key === " ") { key.preventDefault(); map.closePopup(); } });
      if (popupFrom) close.focus({ preventScroll: true });
    }
  });
  map.on("popupclose", () => {
    now.service = null;
    remember();
    // A list that was drawn anew has another button of the same name.
    const name = popupFrom && popupFrom.getAttribute("aria-label");
    const back = popupFrom && (popupFrom.isConnected ? popupFrom
      : [...document.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === name));
    if (back) back.focus({ preventScroll: true });
    popupFrom = null;
  });
  const counts = (service) => service.counts[now.date];
  function about(service) {
    const card = make("div");
    card.append(make("h3", service.name), make("p", say(service.category)),
      make("p", `${say(service.tier)} · ${say(service.sector)}`, "small"));
    if (say(service.known)) card.append(make("p", say(service.known), "small"));
    for (const text of service.lines) card.append(make("p", say(text), "small"));
    if (service.comes) card.append(make("p", "Comes to the family.", "small"));
    if (service.at.length > 1) card.append(make("p", `It has ${service.at.length} places.`, "small"));
    if (service.hidden) card.append(make("p", "Its place is not told.", "small"));
    if (!counts(service)) card.append(make("p", `Not counted on ${data.dates[now.date].label}. ${say(service.why[now.date])}`, "small"));
    return card;
  }
  const plainText = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const haystack = new Map();
  function holds(service, words) {
    if (!haystack.has(service)) haystack.set(service, plainText([service.name, say(service.category), say(service.sector), ...service.lines.map(say)].join(" ")));
    return words.every((word) => haystack.get(service).includes(word));
  }
  function wanted(service, words) {
    const tier = $("tier-filter").value, sector = $("sector-filter").value, which = $("counts-filter").value;
    const what = measure();
    const fits = !$("only-kind").checked || (what.dimension === "tier" ? service.tier_code === what.value
      : what.dimension === "category" ? service.category_code === what.value : true);
    return fits && (!tier || service.tier_code === tier) && (!sector || service.sector_code === sector) &&
      (!which || Boolean(counts(service)) === (which === "yes")) &&
      (!$("only-comes").checked || service.comes) && holds(service, words);
  }
  function filtered() {
    const words = plainText($("text-filter").value).split(/\s+/).filter(Boolean);
    return data.services.filter((service) => wanted(service, words));
  }
  let chosenServices = [];
  const shownPlaces = () => ($("show-services").checked
    ? chosenServices.flatMap((service) => service.at.map((where) => ({ service, where }))) : []);
  // Marks that would lie on each other are drawn as one with their number; those that no closer
  // look parts stand in a ring.
  const NEAR = 19;
  function drawMarks() {
    marks.clearLayers();
    const groups = [];
    for (const one of shownPlaces()) {
      const point = map.latLngToLayerPoint(one.where);
      const near = groups.find((held) => held.point.distanceTo(point) < NEAR);
      if (near) near.members.push(one);
      else groups.push({ point, members: [one] });
    }
    const stops = [];
    for (const { members } of groups) {
      const middle = L.latLngBounds(members.map((one) => one.where)).getCenter();
      const apart = map.project(members[0].where, 13);
      const same = members.length > 1 && members.every((one) => map.project(one.where, 13).distanceTo(apart) < NEAR);
      if (members.length === 1) stops.push(single(members[0], members[0].where));
      else if (same && map.getZoom() >= 9) {
        const centre = map.latLngToLayerPoint(middle);
        const far = Math.max(18, (members.length * 20) / (2 * Math.PI));
        members.forEach((one, n) => {
          const turn = (2 * Math.PI * n) / members.length - Math.PI / 2;
          const spot = map.layerPointToLatLng(centre.add([far * Math.cos(turn), far * Math.sin(turn)]));
          L.polyline([middle, spot], { color: "#1a1a1a", weight: 1, interactive: false, pane: "gapmap-services" }).addTo(marks);
          stops.push(single(one, spot));
        });
      } else stops.push(cluster(members, middle));
    }
    // One stop of the Tab key for all marks; arrow keys go from one to the next.
    stops.forEach((stop, n) => {
      const element = stop.getElement();
      if (!element) return;
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", n === 0 ? "0" : "-1");
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); stop.fire("click"); }
        if (!(Object.hasOwn(arrows, event.key))) return;
        event.preventDefault();
        event.stopPropagation();
        const points = stops.map((other, m) => [m, map.latLngToContainerPoint(other.getLatLng())]);
        const next = towards(points[n][1], points.filter(([m]) => m !== n), arrows[event.key]);
        if (next === null) return;
        for (const other of stops) other.getElement().setAttribute("tabindex", "-1");
        const to = stops[next].getElement();
        to.setAttribute("tabindex", "0");
        if (!map.getBounds().contains(stops[next].getLatLng())) map.panTo(stops[next].getLatLng(), { animate: false });
        to.focus({ preventScroll: true });
      });
    });
    tidyNames();
  }
  function single(one, where) {
    const made = L.marker(where, {
      icon: L.divIcon({ className: "mark", html: mark(one.service.tier_code), iconSize: [18, 18] }),
      pane: "gapmap-services", keyboard: false, riseOnHover: true, title: one.service.name.slice(0, 100),
    }).addTo(marks);
    made.getElement().setAttribute("aria-label", one.service.name.slice(0, 100));
    made.on("click", () => { now.service = one.service.id; openPopup(where, about(one.service), made.getElement()); remember(); });
    return made;
  }
  function cluster(members, where) {
    const text = `${members.length} places: ${members.slice(0, 4).map((one) => one.service.name.slice(0, 60)).join(", ")}${members.length > 4 ? "…" : ""}`;
    const made = L.marker(where, {
      icon: L.divIcon({ className: "mark cluster", html: make("span", String(members.length)), iconSize: [26, 26] }),
      pane: "gapmap-services", keyboard: false, riseOnHover: true, title: text,
    }).addTo(marks);
    made.getElement().setAttribute("aria-label", `${text}. Look closer.`);
    made.on("click", () => {
      const bounds = L.latLngBounds(members.map((one) => one.where));
      const closer = Math.min(13, Math.max(map.getZoom() + 1.5, map.getBoundsZoom(bounds.pad(0.3))));
      map.setView(bounds.getCenter(), closer, { animate: false });
      const first = marks.getLayers().find((one) => one.getElement && one.getElement() && one.getElement().tabIndex === 0);
      if (first && first.getElement()) first.getElement().focus({ preventScroll: true });
    });
    return made;
  }
  function look(where) { map.setView(where, Math.max(map.getZoom(), 9), { animate: false }); }
  function showServices() {
    chosenServices = filtered();
    const placed = chosenServices.filter((service) => service.at.length);
    drawMarks();
    showLegend();
    $("service-count").textContent = `${count(chosenServices.length, "service")} of ${data.services.length}; ${placed.length} with a place on the map, ${chosenServices.length - placed.length} known by area only, confidential, or of no known place.`;
    listed($("services"), chosenServices, (service) => {
      const line = make("li");
      line.append(...about(service).childNodes);
      if (service.at.length) {
        const show = button("Show on the map", "area small", () => showService(service, show));
        show.setAttribute("aria-label", `Show on the map: ${service.name.slice(0, 100)}`);
        line.append(show);
      }
      return line;
    }, 10);
  }
  function showService(service, from) {
    if (service.at.length > 1) map.fitBounds(L.latLngBounds(service.at), { maxZoom: 10, padding: [60, 60], animate: false });
    else if (service.at.length) look(service.at[0]);
    if (service.at.length) openPopup(service.at[0], about(service), from);
    now.service = service.id;
    remember();
  }
  function findService(service) {
    $("text-filter").value = "";
    $("tier-filter").value = "";
    $("sector-filter").value = "";
    $("counts-filter").value = counts(service) ? "yes" : "no";
    $("only-comes").checked = false;
    const wanted = data.measures.findIndex((one) => one.key === `category:${service.category_code}`);
    if (wanted >= 0) now.what = wanted;
    refresh();
    showService(service, $("place"));
  }

  // -- choices ------------------------------------------------------------------------------------
  // What can be shown follows what is known: a kind of service without a figure cannot be picked.
  function offered() {
    const layerNow = layerAt(now.date);
    const groups = layerNow && layerNow.groups[now.level];
    const all = Boolean(groups && groups.all);
    const options = [...$("what").options];
    for (const option of options) {
      const one = data.measures[Number(option.value)];
      option.disabled = !(now.layer === "state" || all || (isPoints() ? data.rural.places.some((far) => far.value === one.value)
        : Boolean(groups && groups[one.key])));
    }
    $("what").disabled = all;
    if (!all && options[now.what] && optionOf(now.what).disabled) {
      const free = options.find((option) => !option.disabled);
      if (free) now.what = Number(free.value);
    }
    $("what").value = String(now.what);
    $("what-note").textContent = all ? "This layer is of every kind of service." : options.some((option) => option.disabled)
      ? "Kinds of service that nothing is known of here cannot be picked." : "";
    data.dates.forEach((one, n) => { document.getElementsByName("date")[n].disabled = !hasDate(n); });
    $("date-note").textContent = data.dates.every((one, n) => hasDate(n)) ? "" : `This layer is worked out for ${data.dates[0].label} only.`;
    for (const option of $("layer").options) {
      const one = layerAt(0, option.value);
      option.disabled = Boolean(one) && !one.groups[now.level];
    }
  }
  const optionOf = (n) => [...$("what").options].find((option) => option.value === String(n));
  function refresh() {
    if (now.chosen && !Object.hasOwn(level().names, now.chosen)) now.chosen = null;
    if (layerAt(0) && !layerAt(0).groups[now.level]) now.layer = "state";
    if (!hasDate(now.date)) now.date = 0;
    $("layer").value = now.layer;
    offered();
    for (const radio of document.getElementsByName("level")) radio.checked = radio.value === now.level;
    document.getElementsByName("date").forEach((radio, n) => { radio.checked = n === now.date; });
    layer.setStyle(style);
    nameAreas();
    showList();
    showGaps();
    showFar();
    showServices();
    showCard(now.chosen);
    showChanges();
    remember();
    tell($("finding").textContent);
  }
  function setLayer(code) { now.layer = code; refresh(); }
  function setLevel(code) {
    const stay = atHome();
    now.level = code;
    now.chosen = null;
    drawAreas();
    refresh();
    if (stay) whole();
  }
  function radios(place, name, items, act) {
    items.forEach(([value, text], n) => {
      const label = make("label"), radio = make("input");
      Object.assign(radio, { type: "radio", name, value, checked: n === 0 });
      radio.addEventListener("change", () => act(value, n));
      label.append(radio, text);
      place.append(label);
    });
  }
  function options(select, items) {
    for (const [value, text] of items) {
      const option = make("option", text);
      option.value = value;
      select.append(option);
    }
  }
  options($("layer"), [["state", "What is there"], ...data.layers.map((one) => [one.code, one.title]),
    ...(data.rural.places.length ? [["rural", "Remote places beyond reach"]] : [])]);
  let heap = null;
  data.measures.forEach((kind, n) => {
    if (!heap || heap.label !== kind.group) {
      heap = make("optgroup");
      heap.label = kind.group;
      $("what").append(heap);
    }
    options(heap, [[String(n), kind.label]]);
  });
  radios($("levels"), "level", data.levels.map((one) => [one.code, one.title]), setLevel);
  radios($("dates"), "date", data.dates.map((one) => [one.code, one.label]), (_, n) => { now.date = n; refresh(); });
  $("dates-field").hidden = data.dates.length < 2;
  options($("tier-filter"), data.tiers);
  options($("sector-filter"), data.sectors);
  $("layer").addEventListener("change", () => setLayer($("layer").value));
  $("what").addEventListener("change", () => { now.what = Number($("what").value); refresh(); });
  for (const id of ["tier-filter", "sector-filter", "counts-filter", "show-services", "only-kind", "only-comes"]) {
    $(id).addEventListener("change", () => { showServices(); tell($("service-count").textContent); });
  }
  $("text-filter").addEventListener("input", showServices);
  if ($("every-gap")) $("every-gap").addEventListener("change", showGaps);
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());

  // -- what changed between two dates -----------------------------------------------------------
  function showChanges() {
    for (const place of document.querySelectorAll("[data-change]")) {
      const n = Number(place.dataset.change);
      const moved = at(data.dates[n].changes, now.level, measure().key) || {};
      const codes = Object.keys(moved).filter((code) => Object.hasOwn(level().names, code));
      const only = codes.filter((code) => !moved[code]);
      const all = Object.keys(level().names).length;
      place.textContent = codes.length && all === 1
        ? `${measure().label}: ${nameOf(codes[0])} is not as it was; ${only.length ? "only the evidence changed" : "a service that serves it is known to have opened or closed"}.`
        : codes.length
        ? `${measure().label}: ${codes.length} of ${all} ${level().many} ${codes.length === 1 ? "is" : "are"} not as before; ${only.length === 0 ? "in each a service that serves it is known to have opened or closed" : only.length === codes.length ? "in all of them only the evidence changed" : `in ${only.length} of them only the evidence changed`}${only.length && only.length < 8 ? ` (${only.map(nameOf).join(", ")})` : ""}.`
        : `${measure().label}: no ${lower(level().one)} differs.`;
    }
  }

  // -- the page's address says what it shows, so that it can be sent -------------------------------
  const hasAddress = !/^about:/.test(location.href);
  let still = true;
  function remember() {
    if (!hasAddress || still) return;
    const said = new URLSearchParams();
    if (now.layer !== "state") said.set("show", now.layer);
    said.set("kind", measure().key);
    said.set("areas", now.level);
    if (now.date) said.set("date", data.dates[now.date].code);
    if (now.chosen) said.set("area", now.chosen);
    if (now.place) said.set("place", now.place);
    if (now.service) said.set("service", now.service);
    try { history.replaceState(null, "", `#${said}`); } catch (error) { /* a page that may not write its address works without */ }
  }
  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    if (![...said.keys()].length) return null;
    const known = (list, value) => list.findIndex((one) => one === value);
    const what = known(data.measures.map((one) => one.key), said.get("kind"));
    const date = known(data.dates.map((one) => one.code), said.get("date"));
    if (what >= 0) now.what = what;
    now.date = Math.max(0, date);
    if (data.levels.some((one) => one.code === said.get("areas"))) now.level = said.get("areas");
    if ([...$("layer").options].some((one) => one.value === said.get("show"))) now.layer = said.get("show");
    else now.layer = "state";
    now.chosen = Object.hasOwn(level().names, said.get("area") || "") ? said.get("area") : null;
    return { place: (said.get("place") || "").slice(0, 80), service: said.get("service") };
  }
  async function open() {
    const said = recall();
    fit();
    drawAreas();
    whole();
    refresh();
    still = false;
    if (!said) return;
    if (now.chosen) {
      map.fitBounds(paths.get(now.chosen).getBounds(), { maxZoom: 8.5, padding: [60, 60], animate: false });
      choose(now.chosen, false);
    }
    if (said.place && finder) {
      $("place").value = said.place;
      await finder.answer(said.place);
    }
    const service = said.service && data.services.find((one) => one.id === said.service);
    if (service) findService(service);
  }

  // -- keys, sizes, paper -------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (document.querySelector(".leaflet-popup")) map.closePopup();
    else if (!$("card").hidden) closeCard();
  });
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  function fit() {
    document.body.classList.toggle("tight", $("map-part").clientWidth < 36 * rem());
    const legend = $("legend");
    if (legend.scrollHeight > legend.clientHeight + 1) legend.tabIndex = 0;
    else legend.removeAttribute("tabindex");
  }
  function whole() {
    // The legend lies over the left of a wide map: what is shown keeps clear of it.
    const over = getComputedStyle($("legend")).position === "absolute";
    const left = over && box.clientWidth > 640 ? $("legend").offsetWidth * 0.55 : 8;
    const bounds = layer.getBounds();
    if (!bounds.isValid()) return;
    map.fitBounds(bounds, { paddingTopLeft: [left, 8], paddingBottomRight: [8, 8], animate: false });
    home = [map.getZoom(), map.getCenter()];
  }
  // A window of another size still shows the whole, until somebody has looked closer.
  let home = null;
  const atHome = () => home && home[0] === map.getZoom() && home[1].distanceTo(map.getCenter()) < 20000;
  function resized() {
    const stay = atHome();
    fit();
    map.invalidateSize({ animate: false });
    if (stay) whole();
  }
  map.on("zoomend", drawMarks);
  let finder = null;
  if (data.search) finder = gapmapSearch({ map, data, say, make, fill, drawn, button, lower, count, now, level, rowOf, stateWords, choose, setLevel, setWhat: (n) => { now.what = n; refresh(); }, findService, actions, remember, tell, paths });
  open();
  map.setMaxBounds(layer.getBounds().pad(0.8));
  window.addEventListener("hashchange", () => { still = true; open(); });
  function forPaper(on) {
    document.body.classList.toggle("paper", on);
    for (const one of lists) one.draw(on);
    for (const one of document.querySelectorAll("#side details")) {
      if (on) { one.dataset.open = one.open ? "yes" : ""; one.open = true; } else one.open = one.dataset.open === "yes";
    }
    const stay = on || atHome();
    map.invalidateSize({ animate: false });
    if (stay) whole();
  }
  window.addEventListener("beforeprint", () => forPaper(true));
  window.addEventListener("afterprint", () => forPaper(false));
  new ResizeObserver(resized).observe(box);
  new ResizeObserver(fit).observe($("legend"));
}
