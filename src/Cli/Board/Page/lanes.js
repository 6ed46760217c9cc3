// A lane a worker: when it was there, what it computed, and how it left. And one for the coordinators.
import { svg } from "/chart.js";

const Row = 34, Left = 122, Right = 16, Top = 22, Narrow = 600;
const Ends = ["lost", "left", "refused"];

/** Rows with their presence and marks, from events and from what the leader said of its workers. */
export function rowsOf(events, moments, now) {
    const rows = new Map();
    const row = name => rows.get(name) ?? rows.set(name, { name, there: [], marks: [], times: [] }).get(name);
    for (const event of events) {
        const time = Date.parse(event.time), found = /^worker (\S+) (ready|lost|left|refused)/.exec(event.text);
        if (found) {
            const worker = row(found[1]), open = worker.there.find(span => span.to === null);
            if (found[2] === "ready" && !open)
                worker.there.push({ from: time, to: null });
            if (Ends.includes(found[2])) {
                if (open)
                    open.to = time;
                worker.marks.push({ time, kind: found[2] === "left" ? "soft" : "bad", text: event.text });
            }
        } else if (/^(leading|standingBy|leaderLost|yielding|standbyReady|standbyLost|seekingLeader)$/.test(event.kind)) {
            row("coordinators").marks.push({ time, kind: /Lost|yielding/.test(event.kind) ? "bad" : "good", text: event.text });
        } else if (event.kind === "ended") {
            for (const worker of rows.values())
                worker.there.filter(span => span.to === null).forEach(span => { span.to = time; });
        } else if (event.kind === "trainingStarted" || event.kind === "checkpointFailed" || event.kind === "warning") {
            row("run").marks.push({ time, kind: event.kind === "trainingStarted" ? "good" : "bad", text: event.text });
        }
    }

    for (const moment of moments) {
        const time = Date.parse(moment.time);
        for (const worker of moment.workers) {
            const found = row(worker.name);
            found.times.push([time, worker.milliseconds, worker.shards]);
            if (found.there.length === 0)
                found.there.push({ from: time, to: null });
            if (found.name === "this process")
                found.there[0].to = time;
        }
    }

    for (const worker of rows.values())
        worker.there.filter(span => span.to === null).forEach(span => { span.to = now; });
    return [...rows.values()];
}

/** Draws them into a figure. */
export function drawLanes(figure, events, moments, isLive) {
    const width = figure.clientWidth;
    if (width < 80)
        return;
    const last = moments.at(-1), lastEvent = events.at(-1);
    const now = isLive ? Date.now() : Math.max(last ? Date.parse(last.time) : 0, lastEvent ? Date.parse(lastEvent.time) : 0);
    const rows = rowsOf(events, moments, now);
    const times = rows.flatMap(row => [...row.there.flatMap(span => [span.from, span.to]), ...row.marks.map(mark => mark.time)]);
    if (times.length === 0) {
        figure.replaceChildren();
        return;
    }

    const from = Math.min(...times), to = Math.max(...times, from + 1000), inner = width - Left - Right;
    const x = time => Left + (time - from) / (to - from) * inner;
    // Few steps that took much longer would make a flat line of all others.
    const longest = rows.flatMap(row => row.times.map(([, milliseconds]) => milliseconds)).sort((a, b) => a - b);
    const slowest = Math.max(1e-9, longest[Math.floor(longest.length * 0.98)] ?? 0);
    const picture = svg("svg", { viewBox: `0 0 ${width} ${Top + rows.length * Row + 24}`, role: "img", height: Top + rows.length * Row + 24 });
    picture.setAttribute("aria-label", `Workers over time: ${rows.map(row => `${row.name}, ${row.marks.length} marks`).join("; ")}`);
    rows.forEach((row, index) => {
        const y = Top + index * Row, current = row.times.at(-1);
        picture.append(svg("text", { x: 0, y: y + 15, class: "tick strong" }, row.name));
        if (current && isLive && last?.workers.some(worker => worker.name === row.name))
            picture.append(svg("text", { x: 0, y: y + 28, class: "tick" }, `${current[2]} shards, ${current[1].toFixed(2)} ms`));
        picture.append(svg("line", { x1: Left, x2: width - Right, y1: y + Row - 3, y2: y + Row - 3, class: "grid" }));
        for (const span of row.there)
            picture.append(svg("rect", { x: x(span.from), y: y + 4, width: Math.max(1.5, x(span.to) - x(span.from)), height: Row - 10, rx: 3, class: "there" }));
        if (row.times.length > 1) {
            const points = row.times.map(([time, milliseconds]) => `${x(time).toFixed(1)},${(y + Row - 7 - Math.min(1, milliseconds / slowest) * (Row - 14)).toFixed(1)}`);
            picture.append(svg("polyline", { points: points.join(" "), class: "line s0" }));
        }

        for (const mark of row.marks) {
            const line = svg("path", { d: `M${x(mark.time)},${y + 2} v${Row - 8} m-5,-${Row - 8} h10 l-5,7 z`, class: `mark ${mark.kind}` });
            line.append(svg("title", {}, `${new Date(mark.time).toLocaleTimeString()} ${mark.text}`));
            picture.append(line);
        }
    });
    for (const part of width < Narrow ? [0, 1] : [0, 0.25, 0.5, 0.75, 1])
        picture.append(svg("text", { x: Left + part * inner, y: Top + rows.length * Row + 16, "text-anchor": part === 1 ? "end" : part === 0 ? "start" : "middle", class: "tick" },
            new Date(from + part * (to - from)).toLocaleTimeString()));
    if (rows.some(row => row.times.length > 1))
        picture.append(svg("text", { x: Left, y: 12, class: "tick" }, `line: time of a step, up to ${slowest.toFixed(2)} ms`));
    figure.replaceChildren(picture);
}
