// Rows of a table: a form with a field a column, or CSV, and what the network says of them.
import { ask, count, element, percent } from "/board.js";
import { verdict } from "/try.js";

const MostFields = 64, MostShown = 100;

export function rows(name, { columns, mayBeMissing }) {
    const said = element("div", { class: "said", role: "status" }, element("p", { class: "soft" }, "Change a value, or press Ask."));
    // Columns of a table without a header are told by their places.
    const arePlaces = columns.every(column => /^column\d+$/.test(column.name));
    let asking = 0;

    async function show(csv) {
        const mine = ++asking;
        try {
            const answer = await (await ask(`/api/runs/${encodeURIComponent(name)}/rows`, { method: "POST", body: csv })).json();
            if (mine === asking)
                said.replaceChildren(...told(answer));
        } catch (problem) {
            if (mine === asking)
                said.replaceChildren(element("p", { class: "bad" }, problem.message));
        }
    }

    const fields = columns.length > MostFields ? [] : columns.map(column => column.categories
        ? element("select", {}, ...(mayBeMissing ? [element("option", { value: "" }, "(missing)")] : []),
            column.categories.map((text, index) => element("option", { selected: index === 0 }, text)))
        : element("input", { type: "text", inputmode: "decimal", value: column.usual, placeholder: mayBeMissing ? "missing" : "", size: 10 }));

    function askForm() {
        const problems = [];
        fields.forEach((field, index) => {
            const isNumber = columns[index].categories || (field.value.trim() === "" ? mayBeMissing : isFinite(field.value));
            field.setAttribute("aria-invalid", !isNumber);
            if (!isNumber)
                problems.push(field.value.trim() === "" ? `${columns[index].name}: a value is missing.`
                    : `${columns[index].name}: '${field.value}' is no number. Write it as 1234.5 or 1e-3.`);
        });
        if (problems.length > 0) {
            asking++;
            said.replaceChildren(...problems.map(problem => element("p", { class: "bad" }, problem)));
        } else {
            show(below(line(fields.map((field, index) => columns[index].categories ? field.value : field.value.trim()), ","), ","));
        }
    }

    /** Rows below the names of their columns. */
    const below = (csv, separator) => arePlaces ? csv : `${line(columns.map(column => column.name), separator)}\n${csv}`;

    /** The same for rows that may have names. */
    function withNames(csv) {
        const first = csv.split("\n", 1)[0], separator = ["\t", ";", ","].find(one => first.includes(one)) ?? ",";
        const cells = first.split(separator).map(cell => cell.trim().replace(/^"(.*)"$/, "$1"));
        return columns.some(column => cells.includes(column.name)) ? csv : below(csv, separator);
    }

    const form = element("form", { class: "fields", onchange: askForm, onsubmit: event => { event.preventDefault(); askForm(); } },
        ...fields.map((field, index) => element("label", {}, element("span", {}, columns[index].name), field)),
        element("p", {}, element("button", {}, "Ask")));
    const text = element("textarea", { rows: 5, spellcheck: "false", placeholder: columns.map(column => column.name).join(",") });
    const askText = () => text.value.trim() === "" ? text.focus() : show(withNames(text.value.trim() + "\n"));
    const take = async file => { text.value = await file.text(); askText(); };
    const file = element("input", { type: "file", accept: ".csv,.tsv,.txt,text/*", "aria-label": "A CSV file", onchange: () => file.files[0] && take(file.files[0]) });
    text.addEventListener("dragover", event => event.preventDefault());
    text.addEventListener("drop", event => { if (event.dataTransfer.files[0]) { event.preventDefault(); take(event.dataTransfer.files[0]); } });
    return element("div", { class: "try" }, element("div", { class: "question" }, fields.length > 0 ? form : null,
        element("details", { open: fields.length === 0 }, element("summary", {}, "Several rows"),
            element("label", {}, element("span", {}, "Paste rows as CSV, with or without a header, or drop a file"), text),
            element("p", {}, element("button", { onclick: askText }, "Ask for these"), " ", file))), said);
}

/** A line of CSV. */
const line = (values, separator) => values.map(value => /["\s,;]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value).join(separator);

/** An answer: of one row in large, of several as a table. */
function told({ classes, targets, warnings }) {
    const { step, predictions } = classes ?? targets, number = value => value === null ? "not finite" : `${+value.toPrecision(6)}`;
    const one = predictions[0];
    const answer = predictions.length === 1
        ? classes ? verdict(one.answerName, classes.classes, one.probabilities)
            : targets.targets.map((target, index) => element("div", {}, element("p", { class: "answer" }, number(one.values[index])), element("p", { class: "soft" }, target)))
        : [element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers" }, element("table", { class: "numbers" },
            element("thead", {}, element("tr", {}, ["row", ...(classes ? ["answer", "probability"] : targets.targets)].map(head => element("th", { scope: "col" }, head)))),
            element("tbody", {}, predictions.slice(0, MostShown).map(row => element("tr", {}, element("th", { scope: "row" }, count(row.row + 1)),
                (classes ? [row.answerName, percent(row.probabilities[row.answer])] : row.values.map(number)).map(cell => element("td", {}, cell))))))),
        predictions.length > MostShown ? element("p", { class: "soft" }, `The first ${MostShown} of ${count(predictions.length)}.`) : null];
    return [
        ...answer.filter(child => child), ...warnings.map(warning => element("p", { class: "bad" }, warning)),
        element("p", { class: "soft" }, `checkpoint of step ${count(step)}`)];
}
