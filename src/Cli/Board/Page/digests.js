// The end of a run's trace: after each step a digest of the weights, and beside it that of another run.
import { ask, count, element } from "/board.js";

const address = name => `/api/runs/${encodeURIComponent(name)}/trace`;

export class Digests {
    constructor(name) {
        this.name = name;
        this.newest = [];
        this.isAsking = false;
        this.upTo = element("input", { type: "number", min: "1", placeholder: "the newest", onchange: () => this.paint() });
        this.other = element("select", { onchange: () => this.paint() }, element("option", { value: "" }, "no other"));
        this.lines = element("div", { class: "scroll digests", tabindex: "0", role: "region", "aria-label": "Digests by step" });
        this.part = element("details", { ontoggle: () => this.open() },
            element("summary", {}, "Digests of the last steps"),
            element("p", { class: "soft" }, "Runs are the same up to a step, to the bit, if their chains are the same there."),
            element("p", { class: "asked" }, element("label", {}, "up to step ", this.upTo), element("label", {}, "beside run ", this.other)),
            this.lines);
    }

    /** Takes the newest lines of the trace. */
    show(lines) {
        this.newest = lines;
        this.part.hidden = lines.length === 0;
        if (!this.upTo.value)
            this.paint();
    }

    async open() {
        if (!this.part.open)
            return;
        if (this.other.options.length === 1) {
            const runs = await (await ask("/api/runs")).json();
            this.other.append(...runs.filter(run => run.name !== this.name).map(run => element("option", { value: run.name }, run.name)));
        }

        this.paint();
    }

    /** What is asked for while an answer is on its way is asked for afterwards. */
    async paint() {
        if (!this.part.open)
            return;
        this.isStale = this.isAsking;
        if (this.isAsking)
            return;
        this.isAsking = true;
        try {
            const to = this.upTo.value, other = this.other.value;
            const lines = to ? await (await ask(`${address(this.name)}?to=${to}`)).json() : this.newest;
            const beside = other && lines.length > 0 ? await (await ask(`${address(other)}?to=${lines.at(-1).step}`)).json() : [];
            this.lines.replaceChildren(table(lines, other, new Map(beside.map(line => [line.step, line]))));
        } catch (problem) {
            this.lines.replaceChildren(element("p", { class: "bad" }, problem.message));
        }

        this.isAsking = false;
        if (this.isStale)
            this.paint();
    }
}

function table(lines, other, beside) {
    const verdict = line => {
        const found = beside.get(line.step);
        return [element("td", {}, found?.chain ?? "not there"), element("td", { class: !found ? "soft" : found.chain === line.chain ? "good" : "bad" },
            !found ? "–" : found.chain === line.chain ? "same" : found.weights === line.weights ? "other start, same weights" : "different")];
    };
    const heads = ["step", "weights", "chain", ...(other ? [`chain of ${other}`, ""] : [])];
    return element("table", {},
        element("thead", {}, element("tr", {}, heads.map(text => text ? element("th", { scope: "col" }, text) : element("td", {})))),
        element("tbody", {}, [...lines].reverse().map(line => element("tr", {},
            element("th", { scope: "row" }, count(line.step)), element("td", {}, line.weights), element("td", {}, line.chain),
            ...(other ? verdict(line) : [])))));
}
