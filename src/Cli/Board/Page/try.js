// What the network of a run says of a drawing, or of rows, of the reader's own.
import { ask, element, percent } from "/board.js";
import { drawing } from "/draw.js";
import { rows } from "/rows.js";

const MostClasses = 10;

export function trying(name) {
    const place = element("div", {}, element("p", { class: "soft" }, "Reading the newest checkpoint…"));

    async function look() {
        try {
            const inputs = await (await ask(`/api/runs/${encodeURIComponent(name)}/inputs`)).json();
            place.replaceChildren(inputs.problem ? element("p", { class: "soft" }, inputs.problem)
                : inputs.columns ? rows(name, inputs) : drawing(name));
        } catch (problem) {
            place.replaceChildren(element("p", { class: "bad" }, problem.message), element("button", { onclick: look }, "Look again"));
        }
    }

    look();
    return place;
}

/** The most probable class, and the probabilities of the first ones. */
export function verdict(answer, classes, probabilities) {
    const order = probabilities.map((share, index) => [share, classes[index]]).sort((a, b) => b[0] - a[0]).slice(0, MostClasses);
    return [
        element("p", { class: "answer" }, answer),
        element("div", {}, order.map(([share, label]) => element("div", { class: "share" },
            element("span", {}, label), element("meter", { min: 0, max: 1, value: share, "aria-label": label }),
            element("span", { class: "number" }, percent(share))))),
    ];
}
