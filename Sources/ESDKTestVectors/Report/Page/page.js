"use strict";
(() => {
  const report = JSON.parse(document.getElementById("report").textContent);
  const statuses = ["failed", "skipped", "fact", "passed"];
  const words = { passed: "passed", failed: "failed", skipped: "skipped", fact: "fact" };
  const find = (id) => document.getElementById(id);
  const text = (place) => (place === null || place === undefined ? "" : report.strings[place]);

  // A test is an array, its texts are places in `strings`: twenty thousand tests repeat a few hundred texts.
  const tests = report.tests.map(([id, set, status, suite, keyring, description, reason, more], number) => ({
    number, id, set, status, suite: text(suite) || "?", keyring: text(keyring) || "?",
    description: text(description), reason: text(reason), more: more || {},
    path: report.sets[set].path, producer: report.sets[set].client,
  }));
  for (const test of tests) test.haystack = `${test.id}\n${test.description}\n${test.reason}`.toLowerCase();
  const order = [...tests].sort((a, b) => statuses.indexOf(a.status) - statuses.indexOf(b.status) || a.number - b.number);

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const count = (list) => {
    const counts = { passed: 0, failed: 0, skipped: 0, fact: 0 };
    for (const test of list) counts[test.status] += 1;
    return counts;
  };
  const worst = (counts) => statuses.find((status) => counts[status] > 0);
  const number = (value) => value.toLocaleString("en");

  // The filter lives in the address, so that it can be shared and the back button works.
  const fields = ["text", "status", "suite", "keyring", "set", "producer"];
  let filter = {};
  const readAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    filter = Object.fromEntries(fields.map((name) => [name, given.get(name) || ""]));
    filter.test = given.get("test") || "";
  };
  const writeAddress = (replace) => {
    const given = new URLSearchParams();
    for (const name of [...fields, "test"]) if (filter[name]) given.set(name, filter[name]);
    const address = `${location.pathname}${location.search}${given.size ? `#${given}` : ""}`;
    if (replace) history.replaceState(null, "", address); else history.pushState(null, "", address);
  };
  const change = (changes, replace = false) => {
    Object.assign(filter, changes, { test: "" });
    writeAddress(replace);
    show();
  };
  const toggle = (changes) => {
    const isSet = Object.entries(changes).every(([name, value]) => filter[name] === value);
    change(isSet ? Object.fromEntries(Object.keys(changes).map((name) => [name, ""])) : changes);
    find("tests-title").scrollIntoView({ block: "start" });
  };
  const matches = (test, without = []) => {
    const has = (name) => without.includes(name) || !filter[name] || test[name] === filter[name];
    return (
      has("status") && has("suite") && has("keyring") && has("producer") &&
      (!filter.set || test.path === filter.set) && (!filter.text || test.haystack.includes(filter.text.toLowerCase()))
    );
  };

  function cell(list, changes, name) {
    if (!list || list.length === 0) return element("td", { class: "none" }, "·");
    const counts = count(list);
    const told = statuses.filter((status) => counts[status] > 0).map((status) => `${counts[status]} ${words[status]}`);
    const shown = [];
    if (counts.failed) shown.push(`${number(counts.failed)}✗`);
    if (counts.passed) shown.push(counts.failed || counts.skipped ? `${number(counts.passed)}✓` : number(counts.passed));
    if (counts.skipped) shown.push(`${number(counts.skipped)}–`);
    if (counts.fact) shown.push(`${number(counts.fact)}`);
    const pressed = Object.entries(changes).every(([key, value]) => filter[key] === value);
    const button = element(
      "button",
      { type: "button", "aria-pressed": pressed, "aria-label": `${name}: ${told.join(", ")}`, title: told.join(", "),
        onclick: () => toggle(changes) },
      shown.join(" ")
    );
    return element("td", { class: worst(counts) }, button);
  }
  const group = (list, by) => {
    const groups = new Map();
    for (const test of list) {
      const key = by(test);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(test);
    }
    return groups;
  };
  const names = (list) => [...new Set(list)].sort((a, b) => a.localeCompare(b, "en"));

  function showTotals() {
    const counts = count(tests.filter((test) => matches(test, ["status"])));
    find("totals").replaceChildren(
      ...["passed", "failed", "skipped", "fact"].filter((status) => status !== "fact" || counts.fact).map((status) =>
        element(
          "button",
          { type: "button", class: `total ${status}`, "aria-pressed": filter.status === status,
            onclick: () => change({ status: filter.status === status ? "" : status }) },
          element("b", {}, number(counts[status])), words[status]
        )
      )
    );
    const all = counts.passed + counts.failed + counts.skipped + counts.fact || 1;
    find("share").replaceChildren(
      ...statuses.filter((status) => counts[status]).map((status) => {
        const part = element("span", { class: status });
        part.style.width = `${(100 * counts[status]) / all}%`;
        return part;
      })
    );
  }
  function showMatrix() {
    const chosen = tests.filter((test) => matches(test, ["suite", "keyring", "status"]));
    const cells = group(chosen, (test) => `${test.keyring}\n${test.suite}`);
    const suites = names(chosen.map((test) => test.suite));
    const head = element("tr", {}, element("th", { scope: "col" }, "keyring"));
    for (const suite of suites) head.append(element("th", { scope: "col" }, suite));
    const body = element("tbody");
    for (const keyring of names(chosen.map((test) => test.keyring))) {
      const row = element("tr", {}, element("th", { scope: "row" }, keyring));
      for (const suite of suites) row.append(cell(cells.get(`${keyring}\n${suite}`), { suite, keyring }, `${keyring}, ${suite}`));
      body.append(row);
    }
    find("matrix").replaceChildren(element("table", {}, element("thead", {}, head), body));
  }
  function showSets() {
    const chosen = group(tests.filter((test) => matches(test, ["set", "producer", "status"])), (test) => test.path);
    const head = element("tr", {}, ...["set", "written by", "all", ...["passed", "failed", "skipped"]].map((title) =>
      element("th", { scope: "col" }, title)));
    const body = element("tbody");
    for (const { path, client } of report.sets) {
      const list = chosen.get(path) || [];
      const row = element("tr", {}, element("th", { scope: "row" }, path), element("td", { class: "text" }, client));
      row.append(cell(list, { set: path, status: "" }, path));
      for (const status of ["passed", "failed", "skipped"]) {
        row.append(cell(list.filter((test) => test.status === status), { set: path, status }, `${path}, ${status}`));
      }
      body.append(row);
    }
    find("sets").replaceChildren(element("table", {}, element("thead", {}, head), body));
  }
  function showLegend() {
    const entries = [["passed", "all passed"], ["failed", "some failed (✗)"], ["skipped", "some skipped (–), none failed"]];
    if (tests.some((test) => test.status === "fact")) entries.push(["fact", "a fact without a verdict"]);
    find("legend").replaceChildren(...entries.map(([status, told]) => {
      const swatch = element("i");
      swatch.style.background = `var(--${status}-ground)`;
      swatch.style.border = `1px solid var(--${status})`;
      return element("span", {}, swatch, told);
    }));
  }

  // The bytes of a field; those that differ from what was rebuilt are marked, and what was rebuilt stands below.
  function bytes(field) {
    const isCut = (field.start || 0) + field.bytes.length / 2 < field.length;
    const line = (digits, other) => {
      const made = element("div", {}, field.start ? "…" : "");
      for (let place = 0; place < digits.length;) {
        const differs = (at) => other !== undefined && digits.slice(at, at + 2) !== other.slice(at, at + 2);
        let end = place + 2;
        while (end < digits.length && differs(end) === differs(place)) end += 2;
        const run = digits.slice(place, end);
        made.append(differs(place) ? element("mark", {}, run) : run);
        place = end;
      }
      made.append(isCut ? "…" : "");
      return made;
    };
    const cell = element("td", { class: "bytes" }, line(field.bytes, field.rebuilt));
    if (field.rebuilt !== undefined) {
      cell.append(element("div", { class: "quiet" }, "rebuilt:"), line(field.rebuilt, field.bytes));
    }
    return cell;
  }
  const shellWord = (word) => (/^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  function commandLine(test) {
    if (!report.repeat) return "";
    const path = test.path.startsWith("-") ? `./${test.path}` : test.path;
    return `esdk vectors ${report.repeat.command} ${shellWord(path)} --filter ${shellWord(test.id)}${report.repeat.options}`;
  }
  function indented(json) {
    try { return JSON.stringify(JSON.parse(json), null, 2); } catch { return json; }
  }
  function openTest(test) {
    const box = element("div", { class: "more" });
    const part = (title, ...children) => box.append(element("h3", {}, title), ...children);
    if (test.reason) part("Reason", element("pre", {}, test.reason));
    const cases = test.more.cases || [];
    if (cases.length) {
      part("Cases", element("table", {}, ...cases.map((item) => element(
        "tr", {}, element("td", {}, item.name), element("td", {}, element("span", { class: `mark ${item.status}` }, words[item.status])),
        element("td", {}, item.reason || "")))));
    }
    if (test.more.known) part(test.status === "passed" ? "Passed, but known to fail" : "Known failure", element("pre", {}, test.more.known));
    if (test.more.keys !== undefined) part("Key description", element("pre", {}, indented(text(test.more.keys))));
    const fields = test.more.message || [];
    if (fields.length) {
      const head = element("tr", {}, ...["offset", "length", "field", "bytes"].map((title) => element("th", { scope: "col" }, title)));
      part("Message", element("table", {}, element("thead", {}, head), element("tbody", {}, ...fields.map((field) => element(
        "tr", { class: field.rebuilt === undefined ? null : "differs" }, element("td", { class: "number" }, number(field.offset)),
        element("td", { class: "number" }, number(field.length)),
        element("td", {}, field.field, field.meaning ? element("span", { class: "quiet" }, ` ${field.meaning}`) : ""), bytes(field))))));
    }
    const command = commandLine(test);
    if (command) {
      const copy = element("button", { type: "button", class: "copy", onclick: () => navigator.clipboard?.writeText(command) }, "copy");
      part("Repeat", element("pre", {}, command, copy));
    }
    const link = new URLSearchParams({ set: test.path, test: test.id });
    part("Link", element("a", { href: `#${link}` }, "this test"));
    return box;
  }
  function line(test) {
    const what = [test.suite, test.keyring, test.path, test.description].filter((part) => part && part !== "?").join(" · ");
    const summary = element(
      "summary", {}, element("span", { class: `mark ${test.status}` }, words[test.status]),
      element("span", { class: "name mono" }, test.id), element("span", { class: "what" }, what)
    );
    if (test.more.known) summary.append(element("span", { class: "what" }, `known: ${test.more.known}`));
    if (test.status !== "passed" && test.reason) summary.append(element("span", { class: "what" }, test.reason.split("\n")[0]));
    const box = element("details", { class: "test" }, summary);
    box.addEventListener("toggle", () => {
      if (box.open && box.childElementCount === 1) box.append(openTest(test));
    });
    return box;
  }

  // Lines are made as the reader comes to them: twenty thousand at once would take seconds.
  const portion = 100;
  let listed = [];
  let made = 0;
  function makeLines() {
    const lines = document.createDocumentFragment();
    for (const test of listed.slice(made, made + portion)) lines.append(line(test));
    find("tests").append(lines);
    made = Math.min(made + portion, listed.length);
    const rest = listed.length - made;
    find("rest").hidden = rest === 0;
    find("rest").textContent = `${number(rest)} more`;
  }
  function showTests() {
    listed = filter.test
      ? order.filter((test) => test.id === filter.test && (!filter.set || test.path === filter.set))
      : order.filter((test) => matches(test));
    made = 0;
    find("tests").replaceChildren();
    find("count").textContent = `${number(listed.length)} of ${number(tests.length)} tests`;
    makeLines();
    if (filter.test && listed.length) find("tests").firstElementChild.open = true;
  }
  function showFilters() {
    const form = find("filters");
    const fill = (name, options) => {
      const select = form.elements[name];
      if (!select.options.length) {
        select.append(element("option", { value: "" }, `any ${name === "status" ? "result" : name}`));
        for (const option of options()) select.append(element("option", { value: option }, option));
      }
      select.value = filter[name];
    };
    fill("status", () => statuses.filter((status) => tests.some((test) => test.status === status)));
    fill("suite", () => names(tests.map((test) => test.suite)));
    fill("keyring", () => names(tests.map((test) => test.keyring)));
    fill("set", () => report.sets.map((set) => set.path));
    fill("producer", () => names(report.sets.map((set) => set.client)));
    if (document.activeElement !== form.elements.text) form.elements.text.value = filter.text;
  }
  function show() {
    showFilters();
    showTotals();
    showMatrix();
    showSets();
    showTests();
  }

  find("client").textContent = report.about;
  if (report.gap) find("notice").append(element("p", { class: "notice" }, `${report.gap[0].toUpperCase()}${report.gap.slice(1)}.`));
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").addEventListener("change", (event) => change({ [event.target.name]: event.target.value }));
  find("filters").addEventListener("reset", () => change(Object.fromEntries(fields.map((name) => [name, ""]))));
  find("filters").elements.text.addEventListener("input", (event) => change({ text: event.target.value }, true));
  find("rest").addEventListener("click", makeLines);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && made < listed.length && made > 0) makeLines();
  }, { rootMargin: "600px" }).observe(find("rest"));
  addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      find("filters").elements.text.focus();
    } else if (event.key === "f" && !isTyping) change({ status: filter.status === "failed" ? "" : "failed" });
    else if (event.key === "Escape") {
      find("filters").elements.text.blur();
      change(Object.fromEntries(fields.map((name) => [name, ""])));
    }
  });
  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll("details.test")) if (box.querySelector(".mark.failed")) box.open = true;
  });
  const follow = () => { readAddress(); show(); };
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  readAddress();
  showLegend();
  show();
  document.documentElement.dataset.ready = "yes";
})();
