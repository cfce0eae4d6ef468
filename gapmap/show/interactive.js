// What the interactive page does. Every text from data goes in by textContent, so none is markup.
"use strict";

function gapmapPage(map) {
  const data = JSON.parse(document.getElementById("gapmap-data").textContent);
  const say = (n) => data.strings[n];
  const $ = (id) => document.getElementById(id);
  const now = { level: data.levels[0].code, what: 0, date: 0, chosen: null };
  const svgNS = "http://www.w3.org/2000/svg";
  const box = map.getContainer();
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Map. The list beside it says the same in words.");

  // -- small makers -----------------------------------------------------------------------------
  function make(tag, text, className) {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    if (className) element.className = className;
    return element;
  }
  function fill(parent, ...children) {
    parent.replaceChildren(...children.filter((child) => child !== null));
    return parent;
  }
  function drawn(tag, attributes, ...children) {
    const element = document.createElementNS(svgNS, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const number = (value, places) =>
    value.toLocaleString("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places });

  // -- patterns: the same looks as on the printed maps ---------------------------------------------
  function pattern(look) {
    const id = `gapmap-${look.hatch === "////" ? "slant" : "lines"}-${(look.fill + look.ink).replace(/#/g, "")}`;
    if (!$(id)) {
      const slant = look.hatch === "////";
      const tile = drawn("pattern", {
        id, width: 7, height: 7, patternUnits: "userSpaceOnUse",
        ...(slant ? { patternTransform: "rotate(45)" } : {}),
      }, drawn("rect", { width: 7, height: 7, fill: look.fill }),
      drawn("rect", slant ? { width: 1.3, height: 7, fill: look.ink }
        : { width: 7, height: 1.6, fill: look.ink }));
      $("gapmap-patterns").append(tile);
    }
    return `url(#${id})`;
  }
  const paint = (look) => (look.hatch ? pattern(look) : look.fill);
  function swatch(look) {
    return drawn("svg", { width: 30, height: 18, "aria-hidden": "true" },
      drawn("rect", { x: 0.5, y: 0.5, width: 29, height: 17, fill: paint(look), stroke: "#3d3d3d" }));
  }
  const shapes = {
    universal: { d: "M8 2 A6 6 0 1 1 7.99 2 Z", word: "circle" },
    targeted: { d: "M2.5 2.5 H13.5 V13.5 H2.5 Z", word: "square" },
    specialist: { d: "M8 1 L15 14 H1 Z", word: "triangle" },
  };
  const plainShape = { d: "M8 1 L15 8 L8 15 L1 8 Z", word: "diamond" };
  function mark(tier) {
    const shape = shapes[tier] || plainShape;
    return drawn("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" },
      drawn("path", { d: shape.d, fill: "#801650", stroke: "#fff", "stroke-width": 1.2 }));
  }

  // -- areas ------------------------------------------------------------------------------------
  const level = () => data.levels.find((one) => one.code === now.level);
  const measure = () => data.measures[now.what];
  function cell(code) {
    const found = data.dates[now.date].states[now.level];
    const row = found && found[measure().key] && found[measure().key][code];
    if (!row) return { state: 3, services: 0, wider: 0, people: null, rate: null, last: "", stale: 0, why: "" };
    return { state: row[0], services: row[1], wider: row[2], people: row[3], rate: row[4],
      last: say(row[5]), stale: row[6], why: say(row[7]) };
  }
  function look(one) {
    const state = data.states[one.state];
    return one.stale && one.state < 2 ? { ...state, fill: state.faded } : state;
  }
  function words(one) {
    const state = data.states[one.state].label;
    return one.stale && one.state < 2 ? `${state} (last known ${one.last.slice(0, 4)})` : state;
  }
  const renderer = L.svg({ padding: 0.5 });
  let layer = null;
  const paths = new Map();
  function style(feature) {
    const one = cell(feature.id);
    const chosen = now.chosen === feature.id;
    return { renderer, fillColor: paint(look(one)), fillOpacity: 1,
      color: chosen ? "#f46a25" : one.state > 1 || one.stale ? "#5a5a5a" : "#fff",
      weight: chosen ? 3 : 1, opacity: 1 };
  }
  function drawAreas() {
    if (layer) layer.remove();
    paths.clear();
    layer = L.geoJSON(level().shapes, {
      renderer,
      style,
      onEachFeature(feature, path) {
        paths.set(feature.id, path);
        path.on("click", () => choose(feature.id, true));
        path.bindTooltip(() => {
          const tip = make("div");
          tip.append(make("strong", level().names[feature.id]), make("br"), words(cell(feature.id)));
          return tip;
        }, { sticky: true });
      },
    }).addTo(map);
    layer.bringToBack();
    drawNames();
  }
  // -- names on the map: a name that would run into another waits for a closer look ---------------
  const namesPane = map.createPane("gapmap-names");
  namesPane.style.zIndex = 610;
  namesPane.style.pointerEvents = "none";
  namesPane.setAttribute("aria-hidden", "true");
  let labels = [];
  function drawNames() {
    for (const label of labels) label.remove();
    labels = level().spots.map(([code, text, lat, lon]) => L.marker([lat, lon], {
      pane: "gapmap-names", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "name", html: make("span", text), iconSize: null }),
    }).addTo(map));
    // A name is no mark that could be pressed.
    for (const label of labels) label.getElement().classList.remove("leaflet-marker-icon");
    tidyNames();
  }
  function tidyNames() {
    const taken = [];
    for (const label of labels) {
      const span = label.getElement().firstChild;
      span.style.visibility = "visible";
      const room = span.getBoundingClientRect();
      const clash = taken.some((one) => room.left < one.right + 2 && one.left < room.right + 2 &&
        room.top < one.bottom && one.top < room.bottom);
      if (clash) span.style.visibility = "hidden";
      else taken.push(room);
    }
  }
  map.on("zoomend", tidyNames);

  function choose(code, focus) {
    now.chosen = code;
    layer.setStyle(style);
    const path = paths.get(code);
    if (path) path.bringToFront();
    showCard(code);
    if (focus) {
      $("card").focus({ preventScroll: true });
      $("card").scrollIntoView({ block: "nearest" });
    }
  }
  map.createPane("gapmap-services").style.zIndex = 620;

  // -- the card of one area -----------------------------------------------------------------------
  function pairs(entries) {
    const list = make("dl");
    for (const [term, text] of entries) list.append(make("dt", term), make("dd", text));
    return list;
  }
  function counted(one) {
    const parts = [];
    if (one.services || !one.wider) parts.push(`${one.services} of its own`);
    if (one.wider) parts.push(`${one.wider} of a wider area`);
    return parts.join(", ");
  }
  function showCard(code) {
    const card = $("card");
    if (!code) { card.hidden = true; return; }
    card.hidden = false;
    const one = cell(code);
    const entries = [["What is there", words(one)], ["Services", counted(one)]];
    if (one.people !== null) entries.push([data.people_label, number(one.people, 0)]);
    if (one.rate !== null && one.services) entries.push(["Per 1,000", `${number(one.rate, 2)} services`]);
    if (one.last && one.state < 2) entries.push(["Last known", one.last]);
    const parts = [make("h3", level().names[code]), make("p", measure().label, "small"), pairs(entries)];
    if (one.why) parts.push(make("p", one.why));
    const trip = (((data.travel[now.level] || {})[measure().value] || {})[code]);
    if (trip && now.date === 0) {
      parts.push(make("h4", "How far, by car, roughly"));
      const far = [];
      if (trip[0] !== null) far.push(["Half are within", say(trip[0])], ["Nine in ten within", say(trip[1])]);
      for (const [minutes, share] of trip[2]) far.push([`Within ${minutes} minutes`, say(share)]);
      parts.push(pairs(far));
      for (const [status, share] of trip[3]) parts.push(make("p", `${say(status)}: ${say(share)}`, "small"));
    }
    const gaps = data.gaps.filter((gap) => gap.code === code && gap.level === now.level);
    if (gaps.length && now.date === 0) {
      parts.push(make("h4", `Gaps (${gaps.length})`));
      const list = make("ul", null, "plain");
      for (const gap of gaps) list.append(make("li", say(gap.reason)));
      parts.push(list);
    }
    const table = make("details");
    table.append(make("summary", "Every kind of service here"));
    const rows = make("table");
    const found = data.dates[now.date].states[now.level] || {};
    const body = make("tbody");
    data.measures.forEach((kind) => {
      const row = found[kind.key] && found[kind.key][code];
      if (!row) return;
      const line = make("tr");
      const head = make("th", kind.label);
      head.scope = "row";
      line.append(head, make("td", data.states[row[0]].label));
      body.append(line);
    });
    rows.append(make("caption", "What families can get here"), body);
    table.append(rows);
    parts.push(table);
    const close = make("button", "Close this card", "more");
    close.type = "button";
    close.addEventListener("click", () => {
      now.chosen = null;
      layer.setStyle(style);
      showCard(null);
      $("what").focus();
    });
    parts.push(close);
    fill(card, ...parts);
  }

  // -- legend, finding, list ------------------------------------------------------------------------
  function showLegend() {
    const counts = [0, 0, 0, 0];
    let stale = 0;
    const codes = Object.keys(level().names);
    for (const code of codes) {
      const one = cell(code);
      counts[one.state] += 1;
      if (one.stale && one.state < 2) stale += 1;
    }
    const rows = data.states.map((state, n) => {
      const row = make("li");
      row.append(swatch(state), `${state.label} (${counts[n]})`);
      return row;
    });
    if (stale) {
      const row = make("li");
      row.append(swatch({ ...data.states[0], fill: data.states[0].faded }),
        `Paler: last known years ago (${stale})`);
      rows.splice(2, 0, row);
    }
    fill($("key"), ...rows);
    const parts = [];
    const have = counts[0] + counts[1];
    parts.push(have ? `in ${have} of ${codes.length} ${level().many}` : `in none of ${codes.length} ${level().many} that we know of`);
    if (counts[1]) parts.push(`in ${counts[1]} of them for some families only`);
    if (counts[2]) parts.push(`looked in ${counts[2]}, found none`);
    if (counts[3]) parts.push(`${counts[3]} not yet known`);
    $("finding").textContent = `${measure().label}: ${parts.join("; ")}.`;
  }
  function showList() {
    const body = make("tbody");
    const codes = Object.keys(level().names).sort((a, b) =>
      level().names[a].localeCompare(level().names[b], "en"));
    for (const code of codes) {
      const one = cell(code);
      const row = make("tr");
      const head = make("th");
      head.scope = "row";
      const button = make("button", level().names[code], "area");
      button.type = "button";
      button.addEventListener("click", () => {
        choose(code, true);
        const path = paths.get(code);
        if (path) map.fitBounds(path.getBounds(), { maxZoom: 8.5, padding: [60, 60], animate: false });
      });
      head.append(button);
      row.append(head, make("td", words(one)), make("td", counted(one), "n"));
      body.append(row);
    }
    const head = make("thead");
    const top = make("tr");
    for (const [text, kind] of [[level().one, ""], ["What is there", ""], ["Services", "n"]]) {
      const cellHead = make("th", text, kind);
      cellHead.scope = "col";
      top.append(cellHead);
    }
    head.append(top);
    fill($("areas"), make("caption", `${measure().label}, ${data.dates[now.date].label}`), head, body);
  }
  function listed(place, items, maker, shown) {
    const list = make("ul", null, "plain");
    const more = make("button", null, "more");
    more.type = "button";
    let until = shown;
    function draw() {
      fill(list, ...items.slice(0, until).map(maker));
      more.hidden = until >= items.length;
      more.textContent = `Show ${Math.min(shown, items.length - until)} more of ${items.length - until}`;
    }
    more.addEventListener("click", () => { until += shown; draw(); });
    draw();
    fill(place, list, more);
  }
  function showGaps() {
    const of = data.gaps.filter((gap) => gap.level === now.level &&
      (measure().dimension !== "category" || $("every-gap").checked || gap.value === measure().value));
    $("gap-count").textContent = now.date === 0
      ? `${of.length} for ${level().many}${measure().dimension === "category" && !$("every-gap").checked ? `, ${measure().label}` : ""}.`
      : "Gaps are worked out for the study's own date only.";
    listed($("gaps"), now.date === 0 ? of : [], (gap) => {
      const item = make("li");
      const button = make("button", level().names[gap.code] || gap.name, "area");
      button.type = "button";
      button.addEventListener("click", () => {
        const wanted = data.measures.findIndex((kind) => kind.key === `category:${gap.value}`);
        if (wanted >= 0) { now.what = wanted; $("what").value = String(wanted); refresh(); }
        choose(gap.code, true);
      });
      item.append(button, make("div", say(gap.reason)));
      if (gap.evidence) item.append(make("div", say(gap.evidence), "small"));
      return item;
    }, 12);
  }

  // -- services -------------------------------------------------------------------------------------
  const marks = L.layerGroup().addTo(map);
  function about(service) {
    const card = make("div");
    card.append(make("h3", service.name));
    const lines = [[say(service.category), ""], [`${say(service.tier)} · ${say(service.sector)}`, "small"]];
    for (const [text, kind] of lines) card.append(make("p", text, kind));
    if (service.known) card.append(make("p", say(service.known), "small"));
    if (service.lines) for (const text of service.lines) card.append(make("p", say(text), "small"));
    return card;
  }
  function wanted(service) {
    const tier = $("tier-filter").value, sector = $("sector-filter").value;
    const same = $("only-kind").checked;
    const what = measure();
    const fits = !same || (what.dimension === "tier" ? service.tier_code === what.value
      : what.dimension === "category" ? service.category_code === what.value : true);
    return fits && (!tier || service.tier_code === tier) && (!sector || service.sector_code === sector);
  }
  function showServices() {
    marks.clearLayers();
    const of = data.services.filter(wanted);
    const placed = of.filter((service) => service.at);
    if ($("show-services").checked) {
      for (const service of placed) {
        const one = L.marker(service.at, {
          icon: L.divIcon({ className: "mark", html: mark(service.tier_code), iconSize: [16, 16] }),
          pane: "gapmap-services", alt: service.name.slice(0, 100), title: service.name.slice(0, 100),
          keyboard: true, riseOnHover: true,
        });
        one.bindPopup(() => about(service), { maxWidth: 300, pane: "popupPane" });
        marks.addLayer(one);
      }
    }
    $("service-count").textContent =
      `${of.length} of ${data.services.length} services; ${placed.length} of them have a place on the map, ${of.length - placed.length} are known by their area only or have none.`;
    listed($("services"), of, (service) => {
      const item = about(service);
      const line = make("li");
      line.append(...item.childNodes);
      if (service.at) {
        const button = make("button", "Show on the map", "area small");
        button.type = "button";
        button.setAttribute("aria-label", `Show on the map: ${service.name.slice(0, 100)}`);
        button.addEventListener("click", () => {
          map.setView(service.at, Math.max(map.getZoom(), 9), { animate: false });
          L.popup({ maxWidth: 300 }).setLatLng(service.at).setContent(about(service)).openOn(map);
        });
        line.append(button);
      }
      return line;
    }, 10);
  }

  // -- controls -------------------------------------------------------------------------------------
  function refresh() {
    if (now.chosen && !(now.chosen in level().names)) now.chosen = null;
    layer.setStyle(style);
    showLegend();
    showList();
    showGaps();
    showServices();
    showCard(now.chosen);
  }
  data.levels.forEach((one, n) => {
    const label = make("label");
    const radio = make("input");
    radio.type = "radio";
    radio.name = "level";
    radio.value = one.code;
    radio.checked = n === 0;
    radio.addEventListener("change", () => { now.level = one.code; now.chosen = null; drawAreas(); refresh(); });
    label.append(radio, one.title);
    $("levels").append(label);
  });
  let group = null;
  data.measures.forEach((kind, n) => {
    if (!group || group.label !== kind.group) {
      group = make("optgroup");
      group.label = kind.group;
      $("what").append(group);
    }
    const option = make("option", kind.label);
    option.value = String(n);
    group.append(option);
  });
  $("what").addEventListener("change", () => { now.what = Number($("what").value); refresh(); });
  data.dates.forEach((one, n) => {
    const label = make("label");
    const radio = make("input");
    radio.type = "radio";
    radio.name = "date";
    radio.value = String(n);
    radio.checked = n === 0;
    radio.addEventListener("change", () => { now.date = n; refresh(); });
    label.append(radio, one.label);
    $("dates").append(label);
  });
  $("dates-field").hidden = data.dates.length < 2;
  for (const [id, options] of [["tier-filter", data.tiers], ["sector-filter", data.sectors]]) {
    for (const [code, text] of options) {
      const option = make("option", text);
      option.value = code;
      $(id).append(option);
    }
    $(id).addEventListener("change", showServices);
  }
  for (const id of ["show-services", "only-kind"]) $(id).addEventListener("change", showServices);
  $("every-gap").addEventListener("change", showGaps);
  for (const [code, text] of data.tiers) {
    const row = make("li");
    row.append(mark(code), `${text} service (${(shapes[code] || plainShape).word})`);
    $("marks").append(row);
  }

  // -- search ---------------------------------------------------------------------------------------
  let opened = null;
  async function openSearch() {
    if (opened) return opened;
    const from = data.search;
    const squeezed = Uint8Array.from(atob(from.packed), (c) => c.charCodeAt(0));
    const stream = new Blob([squeezed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let at = 0;
    const parts = from.sizes.map((size) => bytes.slice(at, (at += size)));
    const whole = (Kind) => new Kind(parts.shift().buffer);
    const postcodes = [];
    for (const part of new TextDecoder().decode(parts.shift()).split("|")) {
      const [sector, ends] = part.split(":");
      for (let n = 0; n < ends.length; n += 2) postcodes.push(sector + ends.slice(n, n + 2));
    }
    const sum = (steps) => { let total = 0; return Array.from(steps, (step) => (total += step)); };
    opened = {
      postcodes,
      number: new Map(postcodes.map((code, n) => [code.replace(/\s/g, ""), n])),
      lat: sum(whole(Int32Array)), lon: sum(whole(Int32Array)),
      council: whole(Uint16Array),
      kinds: from.kinds.map((kind) => ({
        ...kind,
        answer: whole(kind.wide ? Uint16Array : Uint8Array),
        minutes: kind.told ? whole(Int16Array) : null,
      })),
    };
    return opened;
  }
  const simple = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/^nhs /, "").replace(/[^a-z0-9]+/g, " ").trim();
  let pin = null;
  function told(found, n) {
    const council = data.search.councils[found.council[n]];
    const board = data.search.boards[found.council[n]];
    const names = [council, board].map((code) => {
      const home = data.levels.find((one) => code in one.names);
      return home ? home.names[code] : null;
    }).filter(Boolean);
    const box = make("div");
    box.append(make("h3", found.postcodes[n]), make("p", names.join(", ")));
    const table = make("table");
    table.append(make("caption", "The nearest of each kind, from here"));
    const body = make("tbody");
    for (const measureOf of data.measures) {
      if (measureOf.dimension !== "category") continue;
      const kind = found.kinds.find((one) => one.category === measureOf.value);
      if (!kind) continue;
      const [status, service, comes] = kind.answers[kind.answer[n]];
      const minutes = kind.minutes ? kind.minutes[n] : -1;
      const row = make("tr");
      const head = make("th", measureOf.label);
      head.scope = "row";
      const cellOf = make("td");
      if (minutes >= 0) {
        const way = say(status);
        cellOf.append(make("strong", `${say(data.search.times[String(minutes)])}`), ` ${way[0].toLowerCase()}${way.slice(1)}`);
      } else cellOf.append(say(status));
      if (say(service)) cellOf.append(make("div", say(service), "small"));
      if (comes && minutes >= 0) cellOf.append(make("div", "One that serves them comes to the family", "small"));
      row.append(head, cellOf);
      body.append(row);
    }
    table.append(body);
    box.append(table, make("p", "Roughly, by car without traffic, to services whose place we know. The nearest may be full.", "small"));
    const place = [found.lat[n] * data.search.step, found.lon[n] * data.search.step];
    if (pin) pin.remove();
    pin = L.marker(place, {
      icon: L.divIcon({ className: "place", iconSize: [26, 34], iconAnchor: [13, 33],
        html: drawn("svg", { width: 26, height: 34, viewBox: "0 0 26 34", "aria-hidden": "true" },
          drawn("path", { d: "M13 33 C5 21 1 17 1 12 A12 12 0 0 1 25 12 C25 17 21 21 13 33 Z", fill: "#1a1a1a", stroke: "#fff", "stroke-width": 1.5 }),
          drawn("circle", { cx: 13, cy: 12, r: 4.5, fill: "#fff" })) }),
      pane: "gapmap-services", keyboard: false, alt: found.postcodes[n],
    }).addTo(map);
    map.setView(place, Math.max(map.getZoom(), 9), { animate: false });
    if (council in level().names) choose(council, false);
    else if (board in level().names) choose(board, false);
    return box;
  }
  async function search(text) {
    const wanted = text.replace(/\s/g, "").toUpperCase();
    const plainly = simple(text);
    if (!plainly) return make("p", "Write a postcode or a name.");
    let found;
    try {
      found = await openSearch();
    } catch (error) {
      return make("p", "This browser is too old to open the list of postcodes. The list of areas below works.");
    }
    if (found.number.has(wanted)) return told(found, found.number.get(wanted));
    const towns = Object.entries(data.search.towns);
    const town = towns.find(([name]) => simple(name) === plainly) || towns.find(([name]) => simple(name).startsWith(plainly) && plainly.length > 3);
    for (const one of data.levels) {
      const code = Object.keys(one.names).find((code) => simple(one.names[code]) === plainly);
      if (code && !town) {
        now.level = one.code;
        for (const radio of document.getElementsByName("level")) radio.checked = radio.value === one.code;
        drawAreas();
        refresh();
        choose(code, false);
        map.fitBounds(paths.get(code).getBounds(), { animate: false });
        return make("p", `${one.names[code]} is marked on the map, and its card is above.`);
      }
    }
    if (town) {
      const box = told(found, town[1]);
      box.prepend(make("p", `The middle of ${town[0]}:`));
      return box;
    }
    const near = found.postcodes.filter((code) => code.replace(/\s/g, "").startsWith(wanted)).slice(0, 8);
    const box = make("div");
    box.append(make("p", `“${text.slice(0, 60)}” is no live postcode, town or area of this study.`));
    if (near.length && wanted.length > 2) box.append(make("p", `Postcodes that begin so: ${near.join(", ")}.`));
    return box;
  }
  if (data.search) {
    $("find").addEventListener("submit", async (event) => {
      event.preventDefault();
      fill($("found"), make("p", "Looking…"));
      fill($("found"), await search($("place").value));
    });
  }

  drawAreas();
  $("what").value = "0";
  map.fitBounds(layer.getBounds(), { padding: [8, 8], animate: false });
  map.setMaxBounds(layer.getBounds().pad(0.6));
  refresh();
  window.addEventListener("beforeprint", () => map.invalidateSize({ animate: false }));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
}
