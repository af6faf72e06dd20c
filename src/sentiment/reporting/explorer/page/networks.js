"use strict";
// The arithmetic: texts to words, and words to what a network holds after each. A run's arrays have
// a row for each place and a column for each unit.

const DATA = JSON.parse(document.getElementById("data").textContent);
// A place that holds a zero vector: padding, or a word left blank.
const BLANK = -1;

const bytes = (packed) => Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
const floats = (packed) => new Float32Array(bytes(packed).buffer);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

function unpacked(network) {
  const words = DATA.words[network.words];
  return {
    ...network,
    words,
    rows: new Map(words.map((word, row) => [word, row])),
    kernel: floats(network.kernel),
    ways: network.ways.map((way) => ({
      ...way,
      blank: floats(way.blank),
      inputs: new Int8Array(bytes(way.inputs).buffer),
      scales: floats(way.scales),
      recurrent: floats(way.recurrent),
      inner: floats(way.inner),
    })),
  };
}

// ---- Texts to words, as the protocol cuts them.

const markup = /<[^<>]*>/g;
const replaced = (text, rules) => rules.reduce(
  (left, [pattern, flags, result]) => left.replace(new RegExp(pattern, flags), result), text);

const TOKENIZERS = {
  treebank(text) {
    const { first, last } = DATA.treebank;
    return replaced(` ${replaced(text.trimEnd(), first)} `, last).split(/\s+/).filter(Boolean);
  },
  words(text) {
    const word = /[\p{L}\p{N}_]+(?:['’][\p{L}\p{N}_]+)*|[^\p{L}\p{N}_\s]/gu;
    return text.replace(markup, " ").toLowerCase().match(word) ?? [];
  },
  unicode(text) {
    const segments = new Intl.Segmenter("en", { granularity: "word" });
    const folded = text.replace(markup, " ").toLowerCase().replace(/ß/g, "ss");
    return [...segments.segment(folded)].map((one) => one.segment).filter((word) => word.trim());
  },
};

// Every token with its row among the network's words; undefined if it is not there.
function tokens(network, text) {
  return TOKENIZERS[network.tokens](text).map((word) => ({ word, row: network.rows.get(word) }));
}

// ---- One step of a layer, in Keras' order of gates. `at` is where the step's row begins.

const STEPS = {
  simple(x, inner, run, at, before, units) {
    for (let u = 0; u < units; u++) run.state[at + u] = Math.tanh(x[u] + inner[u]);
  },
  lstm(x, inner, run, at, before, units) {
    const { input, forget, candidate, output } = run.gates;
    for (let u = 0; u < units; u++) {
      const i = sigmoid(x[u] + inner[u]);
      const f = sigmoid(x[units + u] + inner[units + u]);
      const g = Math.tanh(x[2 * units + u] + inner[2 * units + u]);
      const o = sigmoid(x[3 * units + u] + inner[3 * units + u]);
      const c = f * (before < 0 ? 0 : run.cell[before + u]) + i * g;
      input[at + u] = i; forget[at + u] = f; candidate[at + u] = g; output[at + u] = o;
      run.cell[at + u] = c;
      run.state[at + u] = o * Math.tanh(c);
    }
  },
  gru(x, inner, run, at, before, units) {
    const { update, reset, candidate } = run.gates;
    for (let u = 0; u < units; u++) {
      const z = sigmoid(x[u] + inner[u]);
      const r = sigmoid(x[units + u] + inner[units + u]);
      const g = Math.tanh(x[2 * units + u] + r * inner[2 * units + u]);
      update[at + u] = z; reset[at + u] = r; candidate[at + u] = g;
      run.state[at + u] = z * (before < 0 ? 0 : run.state[before + u]) + (1 - z) * g;
    }
  },
};
const GATES = {
  simple: [], lstm: ["forget", "input", "candidate", "output"],
  gru: ["update", "reset", "candidate"],
};

// A direction through all places, from zero states.
function walk(network, way, places) {
  const { units } = network, width = way.blank.length, size = places.length * units;
  const run = {
    backwards: way.backwards,
    state: new Float32Array(size),
    cell: new Float32Array(network.cell === "lstm" ? size : 0),
    gates: Object.fromEntries(GATES[network.cell].map((name) => [name, new Float32Array(size)])),
  };
  const x = new Float64Array(width), inner = new Float64Array(width), step = STEPS[network.cell];
  const { blank, inputs, scales, recurrent } = way;
  let before = BLANK;
  for (let turn = 0; turn < places.length; turn++) {
    const time = way.backwards ? places.length - 1 - turn : turn;
    const row = places[time];
    x.set(blank);
    if (row !== BLANK) {
      const start = row * width, scale = scales[row];
      for (let g = 0; g < width; g++) x[g] += scale * inputs[start + g];
    }
    if (way.inner.length) inner.set(way.inner); else inner.fill(0);
    for (let u = 0; before >= 0 && u < units; u++) {
      const held = run.state[before + u], start = u * width;
      for (let g = 0; g < width; g++) inner[g] += held * recurrent[start + g];
    }
    step(x, inner, run, time * units, before, units);
    before = time * units;
  }
  return run;
}

// ---- What is read out of the states.

// Logits of the read-out's units, and by place what the states there add to them.
function readOut(network, runs, count) {
  const { units, kernel, bias } = network, outputs = bias.length, width = runs.length * units;
  const added = new Float64Array(count * outputs), logits = Float64Array.from(bias);
  runs.forEach((run, number) => {
    for (let time = 0; time < count; time++) {
      const share = shareOf(network, run, time, count);
      if (!share) continue;
      const from = (network.read_out === "flatten" ? time * width : 0) + number * units;
      for (let u = 0; u < units; u++) {
        const held = share * run.state[time * units + u], row = (from + u) * outputs;
        for (let o = 0; o < outputs; o++) added[time * outputs + o] += held * kernel[row + o];
      }
    }
  });
  added.forEach((value, index) => { logits[index % outputs] += value; });
  return { logits, added };
}

function shareOf(network, run, time, count) {
  if (network.read_out === "mean") return 1 / count;
  if (network.read_out === "last") return Number(time === (run.backwards ? 0 : count - 1));
  return 1;
}

function probabilities(logits) {
  if (logits.length === 1) return [1 - sigmoid(logits[0]), sigmoid(logits[0])];
  const most = Math.max(...logits), raised = [...logits].map((one) => Math.exp(one - most));
  const total = raised.reduce((sum, one) => sum + one, 0);
  return raised.map((one) => one / total);
}

// The network on words' rows, of which it reads as many as its length.
function answer(network, rows) {
  const read = rows.slice(0, network.length);
  const padding = network.read_out === "flatten" ? network.length - read.length : 0;
  const places = Int32Array.from([...read, ...new Array(padding).fill(BLANK)]);
  const runs = network.ways.map((way) => walk(network, way, places));
  const { logits, added } = readOut(network, runs, places.length);
  return { runs, logits, added, probabilities: probabilities(logits), words: read.length };
}

// The class that is asked for: the second of two, or of more the one that is called.
function asked(found) {
  const { length } = found.probabilities;
  return length === 2 ? 1 : found.probabilities.indexOf(Math.max(...found.probabilities));
}

// The log odds of the second of two classes, or the logit of class `number` of more.
const score = (found, number) => found.logits[found.logits.length === 1 ? 0 : number];

// ---- How far one word reaches.

// By direction the share of the effect of the word at `place` that is left at each place, in order
// of the text; the word is left blank. Undefined where the direction came by before it.
function reach(network, rows, place, found) {
  const without = rows.slice();
  without[place] = BLANK;
  const other = answer(network, without);
  return found.runs.map((run, number) => {
    const moved = (time) => {
      let sum = 0;
      for (let u = time * network.units; u < (time + 1) * network.units; u++) {
        sum += (run.state[u] - other.runs[number].state[u]) ** 2;
      }
      return Math.sqrt(sum);
    };
    const own = moved(place);
    return Array.from({ length: found.words }, (_, time) => {
      const reads = run.backwards ? time <= place : time >= place;
      return reads && own > 0 ? moved(time) / own : undefined;
    });
  });
}

// Words until half is left, between two of them by a straight line; undefined if it stays above.
function halfLife(shares, place, backwards) {
  const after = backwards ? shares.slice(0, place + 1).reverse() : shares.slice(place);
  const lag = after.findIndex((share) => share < 0.5);
  return lag < 1 ? undefined : lag - (0.5 - after[lag]) / (after[lag - 1] - after[lag]);
}
