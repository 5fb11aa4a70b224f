"use strict";

// Makes an element. Text only ever becomes text: nothing here, or anywhere, reads markup.
function el(tag, attributes, ...children) {
  const isSvg = ["svg", "path", "line", "text", "g"].includes(tag);
  const node = isSvg ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Changes the text of an element only where it is another: what the user has marked stays marked.
function say(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

// Keeps one child for each item, in order: makes those that are missing and updates all.
function keep(parent, items, make, update) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  items.forEach((item, at) => {
    if (at === parent.children.length) parent.append(make(item, at));
    update(parent.children[at], item, at);
  });
}

// A number in at most four digits.
function short(number) {
  if (number === null || number === undefined) return "–";
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (number >= size * 10 || (number >= size && unit !== "k")) {
      const value = number / size;
      return String(Number(value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0))) + unit;
    }
  }
  return String(Math.round(number));
}

// A time as people say it.
function time(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return Number((ms / 1000).toFixed(ms < 10000 ? 1 : 0)) + " s";
  const part = (size) => String(Math.floor(seconds / size) % 60).padStart(2, "0");
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${part(1)} min`
    : `${Math.floor(seconds / 3600)}:${part(60)}:${part(1)} h`;
}

function count(number, word) {
  return `${number} ${number === 1 ? word : word === "entry" ? "entries" : word + "s"}`;
}

function percent(share) {
  return share >= 0.9995 ? "100 %" : (share * 100).toFixed(1) + " %";
}

// Round numbers between 0 and a largest one.
function steps(most) {
  const rough = Math.max(most, 1) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((value) => value >= rough);
  const all = [];
  for (let at = 0; at <= most * 1.0001; at += step) all.push(at);
  return all;
}

// Powers of ten between two numbers, few enough to be read.
function decades(least, most) {
  const [first, last] = [Math.ceil(Math.log10(least)), Math.floor(Math.log10(most))];
  const stride = Math.max(1, Math.ceil((last - first + 1) / 6));
  const all = [];
  for (let power = first; power <= last; power += stride) all.push(10 ** power);
  return all;
}

// Draws lines over a common axis, which is logarithmic if it `isLog` and whose `span` is noted in the
// picture. A line has points and may be strong; a mark is a place on the axis.
function chart(svg, { lines, marks, isLog, xText, yText }) {
  const [width, height] = [svg.clientWidth || 600, svg.clientHeight || 240];
  const [left, right, top, bottom] = [48, 12, 8, 24];
  const points = lines.flatMap((line) => line.points);
  const xs = points.map((point) => point[0]).filter((x) => !isLog || x > 0);
  svg.replaceChildren();
  if (xs.length < 2) return;
  const maxX = Math.max(...xs);
  const minX = isLog ? Math.min(...xs) : 0;
  svg.span = [minX, maxX];
  const ys = steps(Math.max(...points.map((point) => point[1])));
  const maxY = Math.max(ys[ys.length - 1], ...points.map((point) => point[1])) || 1;
  const scale = (x) => isLog ? Math.log(x / minX) / Math.log(maxX / minX || 2) : x / (maxX || 1);
  const toX = (x) => left + scale(x) * (width - left - right);
  const toY = (y) => height - bottom - y / maxY * (height - top - bottom);
  for (const y of ys) {
    svg.append(el("line", { class: "grid", x1: left, x2: width - right, y1: toY(y), y2: toY(y) }));
    svg.append(el("text", { x: left - 8, y: toY(y) + 4, "text-anchor": "end" }, yText(y)));
  }
  for (const x of isLog ? decades(minX, maxX) : steps(maxX).slice(1)) {
    const anchor = toX(x) > width - 40 ? "end" : "middle";
    svg.append(el("text", { x: toX(x), y: height - 6, "text-anchor": anchor }, xText(x)));
  }
  for (const x of (marks || []).filter((x) => x >= minX && x <= maxX)) {
    svg.append(el("line", { class: "mark", x1: toX(x), x2: toX(x), y1: top, y2: height - bottom }));
  }
  for (const { points, isStrong } of lines) {
    const shown = points.filter(([x]) => !isLog || x >= minX);
    const steps = shown.map(([x, y], at) => `${at ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`);
    svg.append(el("path", { class: isStrong ? "line strong" : "line", d: steps.join("") }));
  }
}

// Copies a text where the browser lets the page do it.
function copier(text) {
  const copy = async (event) => {
    try {
      await navigator.clipboard.writeText(text());
      say(event.target, "copied");
    } catch {
      say(event.target, "mark it to copy");
    }
    setTimeout(() => say(event.target, "copy"), 2000);
  };
  return el("button", { class: "plain", type: "button", click: copy }, "copy");
}
