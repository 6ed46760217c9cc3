// All runs: a table to sort and filter, and curves of chosen ones over each other.
import { ago, ask, badge, count, decimals, element, percent, section } from "/board.js";
import { listChaos } from "/chaos.js";
import { Chart } from "/chart.js";

const LookEvery = 3000, MostCompared = 8;

export async function showRuns(main, names) {
    const [answer, chaos] = await Promise.all([ask("/api/runs"), listChaos()]);
    let runs = await answer.json();
    let sort = { of: run => Date.parse(run.changed), down: true, name: "changed" }, filter = "", shown = 100;
    const chosen = new Set(names), whole = new Map();
    const score = (run, value) => run.hasTargets ? decimals(value, 4) : percent(value);
    const columns = () => [
        ["run", run => run.name, run => element("a", { href: `#/run/${encodeURIComponent(run.name)}` }, run.name)],
        ["state", run => run.state, run => badge(run.state, run.kind)],
        ["model", run => run.model ?? "", run => run.model ?? "–"],
        ["data", run => run.dataset ?? "", run => run.dataset ?? "–"],
        ["step", run => run.step, run => count(run.step) + (run.totalSteps && run.totalSteps > run.step ? ` of ${count(run.totalSteps)}` : ""), true],
        ["validation", run => run.validation ?? -Infinity, run => score(run, run.validation), true],
        ["test", run => run.test ?? -Infinity, run => score(run, run.test), true],
        ["changed", run => Date.parse(run.changed), run => ago(run.changed), true],
        ...differing(runs).map(option => [option, run => value(run, option), run => run.options[option] ?? "–"]),
    ];
    const value = (run, option) => isNaN(+run.options[option]) ? run.options[option] ?? "" : +run.options[option];

    const table = element("table", { class: "runs" }), more = element("p", { class: "soft" });
    const compared = element("div", { class: "charts" }), comparison = section("Chosen runs over each other", compared);
    const loss = new Chart("Validation loss", "epoch", number => `${+number.toPrecision(4)}`);
    const accuracy = new Chart("Validation accuracy, or R²", "epoch", number => `${+number.toPrecision(4)}`);
    compared.append(loss.figure, accuracy.figure);
    const pair = element("div", { role: "status" });
    comparison.append(pair);
    const search = element("input", {
        type: "search", placeholder: "Filter: words of name, model, data, options", "aria-label": "Filter the runs",
        oninput: event => { filter = event.target.value.toLowerCase(); paint(); },
    });

    function paint() {
        const words = filter.split(/\s+/).filter(word => word);
        const text = run => [run.name, run.state, run.model, run.dataset, ...Object.entries(run.options).map(pair => pair.join("="))].join(" ").toLowerCase();
        const found = runs.filter(run => { const all = text(run); return words.every(word => all.includes(word)); });
        found.sort((a, b) => { const [x, y] = [sort.of(a), sort.of(b)]; return (x < y ? -1 : x > y ? 1 : 0) * (sort.down ? -1 : 1); });
        const heads = columns().map(([name, of]) => element("th", { "aria-sort": sort.name === name ? sort.down ? "descending" : "ascending" : null },
            element("button", { onclick: () => { sort = { of, name, down: sort.name === name ? !sort.down : typeof of(runs[0]) === "number" }; paint(); } }, name)));
        const rows = found.slice(0, shown).map(run => element("tr", {},
            element("td", {}, element("input", {
                type: "checkbox", "aria-label": `Compare ${run.name}`, ...(chosen.has(run.name) ? { checked: "" } : {}),
                onchange: event => choose(run.name, event.target.checked),
            })),
            ...columns().map(([, , cell, isNumber]) => element("td", isNumber ? { class: "number" } : {}, cell(run)))));
        table.replaceChildren(element("thead", {}, element("tr", {}, element("th", {}, element("span", { class: "hidden" }, "compare")), heads)), element("tbody", {}, rows));
        more.replaceChildren(`${count(found.length)} of ${count(runs.length)} runs`, ...(found.length <= shown ? [] : [
            ", ", element("button", { onclick: () => { shown *= 4; paint(); } }, `show more than ${count(shown)}`)]));
        comparison.hidden = chosen.size === 0;
    }

    async function choose(name, isChosen) {
        if (isChosen && chosen.size < MostCompared)
            chosen.add(name);
        else
            chosen.delete(name);
        history.replaceState(null, "", chosen.size === 0 ? "#/" : `#/runs/${[...chosen].map(encodeURIComponent).join(",")}`);
        paint();
        await compare();
    }

    async function compare() {
        await Promise.all([...chosen].filter(name => !whole.has(name)).map(
            async name => whole.set(name, await (await ask(`/api/runs/${encodeURIComponent(name)}`)).json())));
        if (![...chosen].every(name => whole.has(name)))
            return; // One was chosen meanwhile, and is drawn when it is there.
        const line = of => [...chosen].map(name => ({ name, points: whole.get(name).metrics.map(row => [row.epoch, of(row)]) }));
        loss.draw(line(row => row.validationLoss));
        accuracy.draw(line(row => row.validationR2 ?? row.validationAccuracy));
        pair.replaceChildren();
        if (chosen.size === 2)
            await showPair(pair, ...chosen);
    }

    if (runs.length === 0) {
        main.replaceChildren(element("h1", { class: "hidden" }, "Runs"), section("No runs yet", element("p", {}, "Train one: ", element("code", {}, "lockstep train"))), chaos);
    } else {
        main.replaceChildren(element("h1", { class: "hidden" }, "Runs"), comparison, section("Runs", search, element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs" }, table), more), chaos);
        paint();
        await compare();
    }

    const timer = setInterval(async () => {
        try {
            const now = await (await ask("/api/runs")).json();
            const isNew = JSON.stringify(now) !== JSON.stringify(runs), wasEmpty = runs.length === 0;
            runs = now;
            if (isNew && wasEmpty)
                location.reload();
            else if (isNew && !table.contains(document.activeElement))
                paint();
        } catch { /* The server is gone; what is shown stays. */ }
    }, LookEvery);
    return () => clearInterval(timer);
}

/** Options that are not the same in all runs, but for those that name places. */
function differing(runs) {
    const names = new Set(runs.flatMap(run => Object.keys(run.options)));
    return [...names].filter(name => !["model", "dataset", "out", "dataDir", "workers"].includes(name)
        && new Set(runs.map(run => run.options[name] ?? "")).size > 1).slice(0, 8);
}

/** Whether two runs have the same weights, step by step; if not, from which step on, and where. */
async function showPair(place, a, b) {
    place.replaceChildren(element("p", { class: "soft" }, "Comparing all steps…"));
    try {
        const found = await (await ask(`/api/runs/${encodeURIComponent(a)}/difference?to=${encodeURIComponent(b)}`)).json();
        const { difference } = found, value = difference.largestDifference;
        const after = number => number === 0 ? "Before the first step" : `After step ${count(number)}`;
        place.replaceChildren(
            element("h3", {}, `${a} (A) and ${b} (B)`),
            element("p", { class: difference.identical ? "good" : "bad" }, difference.sameSteps === null && difference.identical
                ? "They have no step in common that could be compared."
                : difference.identical
                    ? `The same weights, to the bit, up to step ${count(difference.sameSteps)}: A has ${count(found.lastStepA)} steps, B ${count(found.lastStepB)}.`
                    : difference.firstDifferentStep === 0 ? "The weights differ from the beginning."
                        : `The weights differ from step ${count(difference.firstDifferentStep)} on${difference.byTrace ? "" : ", by the checkpoints; earlier steps may differ, too"}.`),
            difference.spec.length === 0 ? "" : element("table", { class: "numbers" },
                element("thead", {}, element("tr", {}, ["setting", "A", "B"].map(head => element("th", { scope: "col" }, head)))),
                element("tbody", {}, difference.spec.map(setting => element("tr", {}, element("th", { scope: "row" }, setting.name), element("td", {}, setting.a ?? "–"), element("td", {}, setting.b ?? "–"))))),
            value ? element("p", {}, `${after(value.step)}, ${count(value.differing)} of ${count(value.compared)} weights differ; most of all `
                + `${value.parameter}[${value.index.join(", ")}]: ${value.a} in A, ${value.b} in B.`) : "",
            found.picture ? element("figure", {}, element("figcaption", {}, `B minus A in ${value.parameter}: red larger, blue smaller, grey the same`),
                element("img", { class: "difference", src: `data:image/png;base64,${found.picture}`, alt: `Where ${value.parameter} differs` })) : "",
            ...found.notes.map(note => element("p", { class: "soft" }, note)));
    } catch (problem) {
        place.replaceChildren(element("p", { class: "bad" }, problem.message));
    }
}
