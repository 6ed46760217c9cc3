// How the newest checkpoint does on the test examples: evaluated when somebody asks, because it takes time and reads the data.
import { ask, element, section } from "/board.js";

export function evaluating(name) {
    const said = element("p", { class: "soft", role: "status" }, "Scores, confusions and the worst mistakes of the newest checkpoint, as in a report.");
    const found = element("div"), button = element("button", { onclick: evaluate }, "Evaluate");
    let isAsking = false;

    async function evaluate() {
        if (isAsking)
            return;
        isAsking = true;
        said.className = "soft";
        said.textContent = "Reading the test examples and evaluating…";
        try {
            found.innerHTML = await (await ask(`/api/runs/${encodeURIComponent(name)}/evaluation`, { method: "POST" })).text();
            said.textContent = "Evaluated; the results follow.";
        } catch (problem) {
            said.className = "bad";
            said.textContent = problem.message;
        }

        isAsking = false;
    }

    return [section("Evaluation", said, button), found];
}
