// The board: which page is shown for which address, and what all pages use.
import { showChaos } from "/chaos.js";
import { showRuns } from "/runs.js";
import { showRun } from "/run.js";

const main = document.getElementById("main"), crumbs = document.getElementById("crumbs"), link = document.getElementById("link");
let leave = () => { };

/** An element with attributes and children; a child may be a text. Attributes that begin with "on" are listeners. */
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on"))
            made.addEventListener(key.slice(2), value);
        else if (value !== null && value !== undefined && value !== false)
            made.setAttribute(key, value === true ? "" : value);
    }

    made.append(...children.flat().filter(child => child !== null && child !== undefined));
    return made;
}

/** A card with a heading. */
export const section = (title, ...children) => element("section", {}, element("h2", {}, title), ...children);

/** The answer to a request, or an error that says what the server said. */
export async function ask(path, options) {
    const answer = await fetch(path, options);
    if (answer.ok)
        return answer;
    const text = await answer.text();
    let problem = text.trim();
    try {
        problem = JSON.parse(text).problem;
    } catch { /* It is a plain text. */ }
    throw new Error(problem || `${answer.status} ${answer.statusText}`);
}

export const count = number => number.toLocaleString("en-US", { maximumFractionDigits: 0 });
export const percent = share => share === null || share === undefined ? "–" : `${(share * 100).toFixed(2)}%`;
export const decimals = (value, digits = 4) => value === null || value === undefined ? "–" : value.toFixed(digits);

export function duration(seconds) {
    if (seconds === null || !isFinite(seconds))
        return "–";
    const whole = Math.round(seconds), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${whole % 60} s` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

/** How long ago a time was. */
export function ago(text) {
    const seconds = (Date.now() - Date.parse(text)) / 1000;
    return seconds < 90 ? "just now" : seconds < 5400 ? `${Math.round(seconds / 60)} min ago`
        : seconds < 129600 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`;
}

/** Says whether the page hears from the server; nothing while there is nothing to hear. */
export function linkState(text, kind) {
    link.textContent = text;
    link.className = kind ?? "";
}

export const badge = (word, kind) => element("span", { class: `badge ${kind}` }, word);

async function show() {
    leave();
    leave = () => { };
    linkState("");
    const [, page, rest] = /^#\/([^/]*)\/?(.*)$/.exec(location.hash) ?? [null, "", ""];
    const names = rest.split(",").filter(name => name).map(decodeURIComponent);
    crumbs.replaceChildren(...(page === "run" || page === "chaos" ? ["› ", element("b", {}, names[0])] : page === "runs" ? ["› comparison"] : []));
    document.title = names.length > 0 ? `${names.join(", ")} – Lockstep` : "Lockstep";
    main.replaceChildren(element("p", { class: "soft" }, "Reading…"));
    try {
        leave = (page === "run" ? await showRun(main, names[0]) : page === "chaos" ? await showChaos(main, names[0]) : await showRuns(main, names)) ?? leave;
    } catch (problem) {
        main.replaceChildren(element("p", { class: "bad", role: "alert" }, problem.message));
    }
}

window.addEventListener("hashchange", () => show().then(() => main.focus()));
show();
