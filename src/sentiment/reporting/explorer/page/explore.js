// The page: what is chosen, and what is drawn of it. `networks.js` stands before it.

const NETWORKS = new Map(DATA.networks.map((network) => [network.name, network]));
const ready = new Map();
const choice = { text: "", network: DATA.networks[0].name, beside: "" };
// Milliseconds of work between two looks at what the reader does.
const SLICE = 12;

const byId = (id) => document.getElementById(id);
// With a true minus, and none before what is rounded to zero.
const number = (value, digits = 2) =>
  value.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "\u2212");

function network(name) {
  if (!ready.has(name)) ready.set(name, unpacked(NETWORKS.get(name)));
  return ready.get(name);
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A cell as dark as `share` of what is largest there, in the colour of its sign.
function shaded(cell, share) {
  const colour = share < 0 ? "--less" : "--more", strength = Math.min(Math.abs(share), 1) * 45;
  cell.style.background = `color-mix(in srgb, var(${colour}) ${strength.toFixed(1)}%, transparent)`;
}

const norm = (values, from, units) => {
  let sum = 0;
  for (let u = from; u < from + units; u++) sum += values[u] ** 2;
  return Math.sqrt(sum);
};

const mean = (values, from, units) => {
  let sum = 0;
  for (let u = from; u < from + units; u++) sum += values[u];
  return sum / units;
};

// ---- One network on one text.

class Shown {
  constructor(name, text) {
    this.network = network(name);
    this.tokens = tokens(this.network, text);
    // What is beyond the length is not read, and has no column.
    let read = 0;
    const last = this.tokens.findIndex(
      ({ row }) => row !== undefined && ++read > this.network.length);
    this.unread = last < 0 ? 0 : this.tokens.length - last;
    if (last >= 0) this.tokens = this.tokens.slice(0, last);
    this.rows = this.tokens.map(({ row }) => row).filter((row) => row !== undefined);
    // Of each token the place at which the network reads it.
    let place = 0;
    this.places = this.tokens.map(({ row }) => (row === undefined ? undefined : place++));
    this.section = element("section", { class: "network", "aria-label": `Network ${name}` },
      element("h2", {}, this.title(name)));
    if (!this.rows.length) {
      this.section.append(element("p", {}, this.tokens.length
        ? "None of these words is among those that this page holds for the network."
        : "There is no word yet: type a sentence."));
      return;
    }
    this.found = answer(this.network, this.rows);
    this.asked = asked(this.found);
    this.section.append(this.belief(), ...this.lost(), this.table());
    if (this.network.read_out === "flatten") this.section.append(...this.sum());
  }

  title(name) {
    const { protocol, model, seed, val_acc: accuracy } = this.network;
    const own = name === model ? model : `${name}: ${model}`;
    return `${own}, protocol ${protocol}, seed ${seed}, validation accuracy ${number(accuracy, 3)}`;
  }

  get className() { return this.network.classes[this.asked]; }

  belief() {
    const probability = this.found.probabilities[this.asked];
    const odds = this.found.logits.length === 1 ? "log odds" : "logit";
    return element("p", { class: "belief" }, "Probability of ",
      element("strong", {}, this.className), ": ",
      element("strong", { class: "probability" }, number(probability, 3)),
      ` (${odds} ${number(score(this.found, this.asked))}).`);
  }

  // Which words the page knows, and what of the text the network does not read.
  lost() {
    const { words, coverage, length } = this.network;
    const notes = [`Of the network's words this page holds the ${words.length.toLocaleString("en")} `
      + `most frequent ones, ${number(100 * coverage, 1)} % of what it reads in test reviews.`];
    if (this.tokens.length > this.rows.length) {
      notes[0] += " Words that are struck through are not among them: they are left out, and their "
        + "neighbours close up.";
    }
    if (this.unread) notes.push(`The network reads the first ${length} words and no more.`);
    return notes.map((note) => element("p", { class: "note" }, note));
  }

  table() {
    this.buttons = this.tokens.map(({ word }, index) => this.head(word, this.places[index]));
    const head = element("tr", {}, element("th", { scope: "col" }, "word"), ...this.buttons);
    const body = element("tbody", {});
    this.believed = this.row(body, `probability of ${this.className} up to here`, "bar");
    this.brought = this.row(body, "what the word adds to the log odds");
    this.left = this.found.runs.map((run) => {
      const cells = this.row(body, `effect left, ${this.way(run)}`);
      cells[0].closest("tr").hidden = true;
      return cells;
    });
    this.found.runs.forEach((run) => this.states(body, run));
    const table = element("table", { style: `--columns: ${this.tokens.length}` },
      element("caption", {}, "One column for each word; choose a word to see how far it reaches"),
      element("thead", {}, head), body);
    this.told = element("output", {}, "Choose a word to see how much of its effect is left at the "
      + "others.");
    const box = element("div", {});
    box.append(this.told,
      element("div", { class: "scroll", tabindex: "0", role: "region",
        "aria-label": `Word by word, ${this.network.name}` }, table));
    return box;
  }

  head(word, place) {
    if (place === undefined) {
      return element("th", { scope: "col", class: "unknown", title: "not among the page's words" },
        element("span", { dir: "auto" }, word));
    }
    const button = element("button", { type: "button", dir: "auto", "aria-pressed": "false" }, word);
    button.addEventListener("click", () => this.choose(place, button));
    return element("th", { scope: "col" }, button);
  }

  // A row of empty cells, one for each token; those of words by their place.
  row(body, name, kind = "") {
    const cells = this.tokens.map(() => element("td", kind ? { class: kind } : {}));
    body.append(element("tr", {}, element("th", { scope: "row" }, name), ...cells));
    return cells.filter((_, index) => this.places[index] !== undefined);
  }

  way(run) {
    if (this.found.runs.length === 1) return "reading \u2192";
    return run.backwards ? "reading \u2190, from the end" : "reading \u2192";
  }

  states(body, run) {
    const { units } = this.network, way = this.way(run);
    const filled = (name, values, largest) => this.row(body, name).forEach((cell, place) => {
      cell.textContent = number(values(place * units));
      shaded(cell, values(place * units) / largest);
    });
    for (const [gate, values] of Object.entries(run.gates)) {
      filled(`${gate}, mean of ${units} units`, (from) => mean(values, from, units), 1);
    }
    if (run.cell.length) this.norms(filled, "norm of the cell state", run.cell);
    this.norms(filled, `norm of the state, ${way}`, run.state);
    const held = { ...run.gates, ...(run.cell.length ? { "cell state": run.cell } : {}),
      state: run.state };
    for (const [name, values] of Object.entries(held)) this.heat(body, `${name}, ${way}`, values);
  }

  norms(filled, name, values) {
    const { units } = this.network;
    const every = Array.from({ length: this.found.words }, (_, place) =>
      norm(values, place * units, units));
    const largest = Math.max(...every, 1e-9);
    filled(name, (from) => every[from / units], largest);
  }

  // All units of one array: a column for each word, a row for each unit, folded at first.
  heat(body, name, values) {
    const { units } = this.network;
    const canvas = element("canvas", { tabindex: "0", role: "img",
      "aria-label": `${name}: all ${units} units by word; the arrow keys move over them` });
    canvas.width = this.tokens.length;
    canvas.height = units;
    canvas.style.height = `${Math.min(3 * units, 180)}px`;
    const row = element("tr", { hidden: "" }, element("th", { scope: "row" },
      `${name}, each of ${units} units`),
    element("td", { class: "units", colspan: this.tokens.length }, canvas));
    row.classList.add("unfolded");
    body.append(row);
    const largest = values.reduce((most, one) => Math.max(most, Math.abs(one)), 1);
    const paint = canvas.getContext("2d");
    this.places.forEach((place, column) => {
      for (let u = 0; place !== undefined && u < units; u++) {
        const value = values[place * units + u] / largest;
        paint.fillStyle = value < 0 ? `rgb(194 65 12 / ${-value})` : `rgb(43 123 186 / ${value})`;
        paint.fillRect(column, u, 1, 1);
      }
    });
    this.point(canvas, name, values);
  }

  // The mouse and the arrow keys tell one unit's number.
  point(canvas, name, values) {
    const { units } = this.network, at = { column: 0, unit: 0 };
    const tell = () => {
      const place = this.places[at.column], { word } = this.tokens[at.column];
      if (place === undefined) return;
      const value = number(values[place * units + at.unit], 3);
      this.told.textContent = `${name}, unit ${at.unit + 1} at \u201c${word}\u201d: ${value}`;
    };
    const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
    canvas.addEventListener("mousemove", (event) => {
      const box = canvas.getBoundingClientRect();
      at.column = within(Math.floor((event.clientX - box.left) / box.width * canvas.width),
        canvas.width);
      at.unit = within(Math.floor((event.clientY - box.top) / box.height * units), units);
      tell();
    });
    canvas.addEventListener("focus", tell);
    canvas.addEventListener("keydown", (event) => {
      const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
        ArrowDown: [0, 1] }[event.key] ?? [0, 0];
      if (!across && !down) return;
      event.preventDefault();
      at.column = within(at.column + across, canvas.width);
      at.unit = within(at.unit + down, units);
      tell();
    });
  }

  unfold(isOpen) {
    for (const row of this.section.querySelectorAll(".unfolded")) row.hidden = !isOpen;
  }

  // How much of the effect of the word at `place` is left at every other.
  choose(place, button) {
    for (const each of this.section.querySelectorAll("thead button")) {
      each.setAttribute("aria-pressed", String(each === button));
    }
    const told = reach(this.network, this.rows, place, this.found).map((shares, direction) => {
      const cells = this.left[direction], run = this.found.runs[direction];
      cells[0].closest("tr").hidden = false;
      shares.forEach((share, other) => {
        cells[other].textContent = share === undefined ? "" : `${number(100 * share, 0)} %`;
        cells[other].title = share === undefined ? "read before the chosen word" : "";
        shaded(cells[other], share ?? 0);
      });
      const life = halfLife(shares, place, run.backwards);
      return `${this.way(run)}: ${life === undefined ? "more than a half is left as far as the text "
        + "goes" : `half is left after ${number(life, 1)} words`}`;
    });
    this.told.textContent = `Effect of \u201c${button.textContent}\u201d on the state, against `
      + `leaving it blank; ${told.join("; ")}.`;
  }

  // Where the log odds come from when every place has weights of its own.
  sum() {
    const { added } = this.found, outputs = this.found.logits.length;
    const unit = outputs === 1 ? 0 : this.asked, count = this.network.length, sums = [0];
    for (let time = 0; time < count; time++) {
      sums.push(sums[time] + added[time * outputs + unit]);
    }
    const [low, high] = [Math.min(...sums), Math.max(...sums)];
    const x = (time) => 60 + 720 * time / count;
    const y = (value) => 150 - 130 * (value - low) / (high - low || 1);
    const words = sums[this.found.words], padding = sums[count] - words;
    const path = sums.map((value, time) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const label = `Log odds added up over ${count} places: words ${number(words)}, padding `
      + number(padding);
    return [
      element("h3", {}, "Where the log odds come from"),
      element("p", { class: "note" }, `This network's read-out has weights of its own for each of `
        + `${count} places, and runs on through the padding after the last word. The `
        + `${this.found.words} words bring ${number(words)} of the log odds, the `
        + `${count - this.found.words} places of padding after them ${number(padding)}, and the bias `
        + `${number(this.network.bias[unit])}. The horizontal axis is the place, the words shaded; `
        + "the vertical axis is the log odds added up so far, without the bias."),
      drawn("svg", { viewBox: "0 0 800 180", role: "img", "aria-label": label },
        drawn("rect", { class: "words", x: x(0), y: 10, width: x(this.found.words) - x(0),
          height: 145 }),
        drawn("line", { class: "axis", x1: x(0), x2: x(count), y1: y(0), y2: y(0) }),
        drawn("polyline", { class: "sum", points: path }),
        drawn("text", { x: 52, y: y(high) + 4, "text-anchor": "end" }, number(high)),
        drawn("text", { x: 52, y: y(low) + 4, "text-anchor": "end" }, number(low)),
        drawn("text", { x: x(0), y: 173 }, "first word"),
        drawn("text", { x: x(count), y: 173, "text-anchor": "end" }, `place ${count}`)),
    ];
  }

  // What takes a run for each word, a word at a time.
  * work() {
    if (!this.rows.length) return;
    const whole = score(this.found, this.asked);
    for (let place = 0; place < this.found.words; place++) {
      const { probabilities: chances } = answer(this.network, this.rows.slice(0, place + 1));
      const bar = this.believed[place], chance = chances[this.asked];
      bar.textContent = number(chance);
      bar.style.backgroundImage = `linear-gradient(to top, color-mix(in srgb, var(--more) 40%, transparent) `
        + `${(100 * chance).toFixed(1)}%, transparent 0)`;
      const without = this.rows.slice();
      without[place] = BLANK;
      const brought = whole - score(answer(this.network, without), this.asked);
      this.brought[place].textContent = (brought > 0 ? "+" : "") + number(brought);
      shaded(this.brought[place], brought);
      yield;
    }
  }
}

// ---- The page as a whole.

let turn = 0;

async function show() {
  const own = ++turn;
  const names = [choice.network, choice.beside].filter(Boolean);
  const all = names.map((name) => new Shown(name, choice.text));
  const unfold = element("details", {}, element("summary", {}, "All units, one by one"),
    element("p", { class: "note" }, "In each picture a column is a word and a row a unit; blue is "
      + "above zero, orange below. Point at it, or move over it with the arrow keys, for numbers."));
  unfold.open = byId("shown").querySelector("details")?.open ?? false;
  unfold.addEventListener("toggle", () => all.forEach((each) => each.unfold(unfold.open)));
  byId("shown").replaceChildren(...(all.some((each) => each.rows.length) ? [unfold] : []),
    ...all.map((each) => each.section));
  byId("shown").dataset.state = "working";
  for (const each of all) {
    let until = performance.now() + SLICE;
    for (const _ of each.work()) {
      if (performance.now() < until) continue;
      await new Promise((resolve) => { setTimeout(resolve); });
      if (own !== turn) return;
      until = performance.now() + SLICE;
    }
  }
  byId("shown").dataset.state = "done";
}

function fragment() {
  return `#${new URLSearchParams(Object.entries(choice).filter(([, value]) => value))}`;
}

// What a link says, as far as there are such networks.
function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (NETWORKS.has(given.get("network"))) choice.network = given.get("network");
  choice.beside = NETWORKS.has(given.get("beside")) ? given.get("beside") : "";
  choice.text = given.get("text") ?? DATA.sentences[0]?.text ?? "";
}

function put() {
  byId("text").value = choice.text;
  byId("network").value = choice.network;
  byId("beside").value = choice.beside;
}

function changed() {
  byId("link").href = fragment();
  const sentence = DATA.sentences.find(({ text }) => text === choice.text);
  const look = sentence ? [sentence.look, sentence.measured] : [];
  byId("look")?.replaceChildren(look.filter(Boolean).join(" "));
  show();
}

function begin() {
  const options = () => DATA.networks.map(({ name, model }) =>
    element("option", { value: name }, name === model ? name : `${name} (${model})`));
  byId("network").append(...options());
  byId("beside").append(element("option", { value: "" }, "none"), ...options());
  byId("sentences")?.append(...DATA.sentences.map(({ text }) => {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => { choice.text = text; put(); changed(); });
    return element("li", {}, button);
  }));
  let waiting;
  byId("text").addEventListener("input", (event) => {
    choice.text = event.target.value;
    clearTimeout(waiting);
    waiting = setTimeout(changed, 120);
  });
  for (const name of ["network", "beside"]) {
    byId(name).addEventListener("change", (event) => {
      choice[name] = event.target.value;
      changed();
    });
  }
  window.addEventListener("hashchange", () => { read(); put(); changed(); });
  read();
  put();
  changed();
}

begin();
