// Results of 'lockstep chaos': a list of them, and one with its timeline and its faults.
import { ago, ask, badge, count, decimals, element, section } from "/board.js";

const table = (heads, rows) => element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads[0] },
    element("table", { class: "runs" }, element("thead", {}, element("tr", {}, heads.map(head => element("th", { scope: "col" }, head)))),
        element("tbody", {}, rows.map(cells => element("tr", {}, cells.map(cell => element("td", {}, cell)))))));
const seconds = value => value === null || value === undefined ? "–" : `${decimals(value, 3)} s`;
const outcome = found => badge(found.result.outcome === "same" ? "the same bytes" : found.result.outcome, found.kind);

/** A section with all results; nothing where there are none. */
export async function listChaos() {
    const all = await (await ask("/api/chaos")).json();
    return all.length === 0 ? "" : section("Trainings under faults", table(
        ["chaos", "weights", "faults", "steps", "longest wait", "ended"],
        all.map(found => [
            element("a", { href: `#/chaos/${encodeURIComponent(found.name)}` }, found.name), outcome(found), count(found.faults.length),
            count(found.result.steps), seconds(found.result.longestWaitSeconds), ago(found.ended)])));
}

export async function showChaos(main, name) {
    const address = `/api/chaos/${encodeURIComponent(name)}`, found = await (await ask(address)).json(), { result } = found;
    const equal = { true: "equal", false: "different", null: "–" };
    main.replaceChildren(
        element("header", { class: "run" }, element("h1", {}, name, " ", outcome(found)),
            element("p", { class: result.message ? found.kind : "soft" },
                result.message ?? "Compared with the same training, undisturbed, after every step.")),
        element("div", { class: "tiles" }, [
            [count(found.faults.length), found.faults.length === 1 ? "fault" : "faults"],
            [count(result.steps), "steps"],
            [seconds(result.longestWaitSeconds), "longest wait for a step"],
            [count(result.examplesPerSecond), "examples a second, faults included"],
            [result.weightsSha256?.slice(0, 8) ?? "–", "sha256 under faults, begins"],
            [result.undisturbedSha256?.slice(0, 8) ?? "–", "sha256 undisturbed, begins"],
        ].map(([value, label]) => element("div", { class: "tile" }, element("b", {}, value), element("span", {}, label)))),
        found.hasPicture ? section("Timeline", element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Timeline" },
            element("img", { class: "timeline", src: `${address}/timeline.svg`, alt: "Faults, throughput, processes and recovery times over time; the table below has the figures." }))) : "",
        section("Faults", result.faults.length === 0 ? element("p", { class: "soft" }, "None happened.") : table(
            ["fault", "at", "step", "recovered in", "steps repeated", "weights after it"],
            result.faults.map((fault, index) => [
                `${fault.number} ${found.faults[index]}`, seconds(fault.at), count(fault.step), seconds(fault.secondsToRecover),
                count(fault.stepsRepeated), equal[fault.weightsEqual]]))));
}
