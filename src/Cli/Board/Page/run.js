// One run: how it stands, its curves, its workers, what happened, its weights. Live while it is trained.
import { ago, ask, badge, count, decimals, duration, element, linkState, percent, section } from "/board.js";
import { Chart, inView } from "/chart.js";
import { drawLanes } from "/lanes.js";
import { Digests } from "/digests.js";
import { evaluating } from "/evaluation.js";
import { trying } from "/try.js";

// Drawing takes processors, which may be those that train: it is done once a second at most, and for no more than a hundredth of the time.
const MostEvents = 300, MostMoments = 1200, DrawEvery = 1000, RestFor = 100, MostRest = 5000;

export async function showRun(main, name) {
    const address = `/api/runs/${encodeURIComponent(name)}`;
    const run = await (await ask(address)).json();
    const head = element("header", { class: "run" }), tiles = element("div", { class: "tiles" });
    const short = number => `${+number.toPrecision(4)}`, epoch = number => `${+number.toFixed(2)}`;
    const charts = {
        loss: new Chart("Loss", "epoch", short, epoch),
        score: new Chart(run.row.hasTargets ? "R²" : "Accuracy", "epoch", run.row.hasTargets ? short : share => `${+(share * 100).toFixed(3)}%`, epoch),
        rate: new Chart("Examples a second", "epoch", count, epoch),
        learning: new Chart("Learning rate", "epoch", short, epoch),
    };
    const lanes = element("figure", { class: "lanes" }), events = element("div", { class: "scroll events", tabindex: "0", role: "region", "aria-label": "Events" });
    const digests = new Digests(name), saves = new Map();
    const pieces = ["model", "parameters"].map(path => [path, element("div", {}, element("p", { class: "soft" }, "Reading the checkpoints…"))]);
    main.replaceChildren(
        head, tiles, section("Training", element("div", { class: "charts" }, Object.values(charts).map(chart => chart.figure))),
        section("Workers", lanes, digests.part), section("What happened", events), section("Try your own", trying(name)),
        ...evaluating(name), ...pieces.map(([, place]) => place), section("Options", options(run.row.options)));
    const paintLanes = inView(lanes, () => drawLanes(lanes, run.events, run.moments, saves, run.row.state === "training"));

    function paint() {
        const { row } = run, now = run.moments.at(-1), last = run.metrics.at(-1), isOn = row.state === "training";
        const step = Math.max(now?.step ?? 0, row.step, last?.step ?? 0), rate = isOn ? now?.rate : last?.examplesPerSecond;
        head.replaceChildren(
            element("h1", {}, row.name, " ", badge(row.state, row.kind)),
            element("p", { class: "soft" }, `${row.model ?? ""} on ${row.dataset ?? ""}. ${isOn ? "This process trains it." : run.text}`),
            row.totalSteps ? element("progress", { max: row.totalSteps, value: step, "aria-label": "Steps done" }) : "",
            ...run.notes.map(note => element("p", { class: "bad" }, note)));
        const left = isOn && rate > 0 && last ? (row.totalSteps - step) / Math.max(1e-9, stepsASecond()) : null;
        const traced = run.trace.at(-1);
        tiles.replaceChildren(...[
            [row.hasTargets ? decimals(last?.validationR2) : percent(last?.validationAccuracy), row.hasTargets ? "validation R²" : "validation accuracy"],
            [row.hasTargets ? decimals(row.test) : percent(row.test), row.hasTargets ? "test R²" : "test accuracy"],
            [decimals(isOn && now ? now.loss : last?.trainLoss), "training loss"],
            [count(step), row.totalSteps ? `of ${count(row.totalSteps)} steps` : "steps"],
            [rate ? count(rate) : "–", "examples a second"],
            [isOn ? duration(left) : duration(last?.elapsedSeconds ?? null), isOn ? "left" : "training time"],
            [(run.digest ?? traced?.weights)?.slice(0, 8) ?? "–", run.digest ? "sha256 of the weights, begins" : traced ? `digest of step ${count(traced.step)}, begins` : "digest"],
        ].map(([value, label]) => element("div", { class: "tile" }, element("b", {}, value), element("span", {}, label))));
        const line = (label, of) => ({ name: label, points: run.metrics.map(metric => [metric.epoch, of(metric)]) });
        const faults = marks();
        charts.loss.draw([line("training", metric => metric.trainLoss), line("validation", metric => metric.validationLoss)], faults);
        charts.score.draw(row.hasTargets
            ? [line("training", metric => metric.trainR2), line("validation", metric => metric.validationR2)]
            : [line("training", metric => metric.trainAccuracy), line("validation", metric => metric.validationAccuracy)], faults);
        charts.rate.draw([line("examples a second", metric => metric.examplesPerSecond)], faults);
        charts.learning.draw([line("learning rate", metric => metric.learningRate)]);
        paintLanes();
    }

    /** Those that were seen stay, also when their files are deleted in favour of newer ones. */
    const saved = checkpoints => checkpoints.forEach(({ step, time }) => saves.set(step, Date.parse(time)));

    const stepsASecond = () => {
        const [from, to] = [run.moments.at(-Math.min(run.moments.length, 30)), run.moments.at(-1)];
        return from && to !== from ? (to.step - from.step) / ((Date.parse(to.time) - Date.parse(from.time)) / 1000) : 0;
    };

    /** Checkpoints; and faults, at the epoch that had been reached when they happened. */
    function marks() {
        const start = run.events.find(event => event.kind === "trainingStarted"), known = run.metrics.at(-1);
        if (!start || !known)
            return [];
        const checkpoints = [...saves.keys()].map(step => ({ x: step * known.epoch / known.step, text: `checkpoint of step ${count(step)}`, kind: "saved" }));
        return checkpoints.concat(run.events.filter(event => /Lost|workerRefused|checkpointFailed|warning/.test(event.kind)).map(event => {
            const seconds = (Date.parse(event.time) - Date.parse(start.time)) / 1000;
            const next = run.metrics.findIndex(row => row.elapsedSeconds >= seconds), row = run.metrics.at(next), before = run.metrics[next - 1];
            const share = before ? (seconds - before.elapsedSeconds) / Math.max(1e-9, row.elapsedSeconds - before.elapsedSeconds) : 0;
            return { x: before ? before.epoch + share * (row.epoch - before.epoch) : row.epoch, text: event.text, kind: "bad" };
        }));
    }

    function paintEvents() {
        events.replaceChildren(run.events.length === 0 ? element("p", { class: "soft" }, "Nothing was recorded.") : element("ul", {},
            run.events.slice(-MostEvents).reverse().map(event => element("li", { class: /Lost|Refused|Failed|warning/.test(event.kind) ? "bad" : "" },
                element("time", { datetime: event.time, title: ago(event.time) }, new Date(event.time).toLocaleTimeString()), " ", event.text))));
    }

    async function read(path, place) {
        try {
            place.innerHTML = await (await ask(`${address}/${path}`)).text();
        } catch (problem) {
            place.replaceChildren(element("p", { class: "bad" }, problem.message));
        }
    }

    saved(run.checkpoints);
    digests.show(run.trace);
    paint();
    paintEvents();
    pieces.forEach(piece => read(...piece));
    const isOver = ["completed", "stopped early", "failed"].includes(run.row.state);
    if (isOver)
        return null;

    const stream = new EventSource(`${address}/stream?metrics=${run.metricsBytes}&events=${run.eventsBytes}`);
    let next = 0, isPlanned = false, hasEvents = false;
    const later = () => {
        if (isPlanned)
            return;
        isPlanned = true;
        setTimeout(() => requestAnimationFrame(() => {
            isPlanned = false;
            const begun = performance.now();
            paint();
            if (hasEvents)
                paintEvents();
            hasEvents = false;
            next = begun + DrawEvery;
            // The browser lays out and paints after this.
            setTimeout(() => { next = begun + Math.min(MostRest, Math.max(DrawEvery, RestFor * (performance.now() - begun))); });
        }), Math.max(0, next - performance.now()));
    };
    stream.addEventListener("open", () => linkState("live", "good"));
    stream.addEventListener("error", () => linkState("not connected: the process has ended, or cannot be reached", "bad"));
    stream.addEventListener("metrics", event => {
        const row = JSON.parse(event.data);
        if (run.metrics.length === 0 || row.step > run.metrics.at(-1).step) {
            run.metrics.push(row);
            later();
        }
    });
    stream.addEventListener("event", event => {
        run.events.push(JSON.parse(event.data));
        hasEvents = true;
        later();
    });
    stream.addEventListener("progress", event => {
        run.moments.push(JSON.parse(event.data));
        if (run.moments.length > MostMoments)
            run.moments.splice(0, run.moments.length / 2, ...run.moments.slice(0, run.moments.length / 2).filter((_, index) => index % 2 === 0));
        later();
    });
    stream.addEventListener("trace", event => {
        run.trace = JSON.parse(event.data);
        digests.show(run.trace);
        later();
    });
    stream.addEventListener("checkpoints", event => {
        saved(JSON.parse(event.data));
        later();
    });
    stream.addEventListener("reload", () => { stream.close(); window.dispatchEvent(new HashChangeEvent("hashchange")); });
    return () => stream.close();
}

const options = values => element("div", { class: "scroll" }, element("table", { class: "pairs" }, element("tbody", {},
    Object.entries(values).map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value))))));
