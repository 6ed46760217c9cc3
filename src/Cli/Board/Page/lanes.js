// A lane a worker: when it was there, what it computed, and how it left. And one for the coordinators.
import { element } from "/board.js";
import { svg } from "/chart.js";

const Row = 34, Left = 122, Right = 16, Top = 22, Narrow = 600;
const Ends = ["lost", "left", "refused"];
// How a mark is drawn, from the place (x, top of the lane); and what it stands for, if that is not evident.
const Shapes = {
    bad: { path: (x, y) => `M${x},${y + 2} v${Row - 8} m-5,-${Row - 8} h10 l-5,7 z` },
    late: { path: (x, y) => `M${x},${y + 5} l5,5 l-5,5 l-5,-5 z`, key: "◆", says: "was late" },
    reissued: { path: (x, y) => `M${x - 4},${y + 19} a4,4 0 1 0 8,0 a4,4 0 1 0 -8,0 z`, key: "●", says: "asked to do the work of others" },
    saved: { path: (x, y) => `M${x},${y + Row - 13} v9`, key: "|", says: "checkpoint" },
};
const Apart = 6;

/** Rows with their presence and marks, from events, from what the leader said of its workers, and from the times of checkpoints by step. */
export function rowsOf(events, moments, saves, now) {
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
            markGrowth(found, worker, time);
            if (found.there.length === 0)
                found.there.push({ from: time, to: null });
            if (found.name === "this process")
                found.there[0].to = time;
        }
    }

    for (const worker of rows.values())
        worker.there.filter(span => span.to === null).forEach(span => { span.to = now; });
    for (const [step, time] of saves)
        row("run").marks.push({ time, kind: "saved", text: `checkpoint of step ${step.toLocaleString("en-US")}` });
    return [...rows.values()];
}

/** What a worker's counters grew by since the moment before, as marks. They begin anew when it joins again. */
function markGrowth(row, worker, time) {
    const before = row.counted ?? { late: 0, reissued: 0 };
    const grown = name => worker[name] - (worker[name] < before[name] ? 0 : before[name]);
    row.counted = worker;
    if (grown("late") > 0)
        row.marks.push({ time, kind: "late", text: `late ${grown("late") === 1 ? "once" : `${grown("late")} times`}: what it owed was asked of others, too` });
    if (grown("reissued") > 0)
        row.marks.push({ time, kind: "reissued", text: `asked to do the work of others: tree nodes ${grown("reissued")}` });
}

/** Marks of one kind that would cover each other become one. */
function apart(marks, x) {
    const last = {}, made = [];
    for (const mark of [...marks].sort((a, b) => a.time - b.time)) {
        const near = last[mark.kind];
        if (near && x(mark.time) - x(near.time) < Apart)
            near.texts.push(mark.text);
        else
            made.push(last[mark.kind] = { ...mark, texts: [mark.text] });
    }

    return made;
}

/** The marks of a row in words, for those who do not see them. */
const told = row => Object.entries(Object.groupBy(row.marks, mark => Shapes[mark.kind]?.says ?? (mark.kind === "bad" ? "fault" : "event")))
    .map(([what, marks]) => `${what}: ${marks.length}`).join(", ") || "nothing happened";

/** Draws them into a figure. */
export function drawLanes(figure, events, moments, saves, isLive) {
    const width = figure.clientWidth;
    if (width < 80)
        return;
    const last = moments.at(-1), lastEvent = events.at(-1);
    const now = isLive ? Date.now() : Math.max(last ? Date.parse(last.time) : 0, lastEvent ? Date.parse(lastEvent.time) : 0);
    const rows = rowsOf(events, moments, saves, now), isEvent = mark => mark.kind !== "saved";
    const times = rows.flatMap(row => [...row.there.flatMap(span => [span.from, span.to]), ...row.marks.filter(isEvent).map(mark => mark.time)]);
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
    picture.setAttribute("aria-label", `Over time: ${rows.map(row => `${row.name}, ${told(row)}`).join("; ")}`);
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

        // The file of a checkpoint that was copied tells when it was copied.
        for (const mark of apart(row.marks.filter(mark => mark.time >= from && mark.time <= to), x)) {
            const line = svg("path", { d: (Shapes[mark.kind] ?? Shapes.bad).path(x(mark.time), y), class: `mark ${mark.kind}` });
            const more = mark.texts.length > 1 ? `, and ${mark.texts.length - 1} more until: ${mark.texts.at(-1)}` : "";
            line.append(svg("title", {}, `${new Date(mark.time).toLocaleTimeString()} ${mark.text}${more}`));
            picture.append(line);
        }
    });
    for (const part of width < Narrow ? [0, 1] : [0, 0.25, 0.5, 0.75, 1])
        picture.append(svg("text", { x: Left + part * inner, y: Top + rows.length * Row + 16, "text-anchor": part === 1 ? "end" : part === 0 ? "start" : "middle", class: "tick" },
            new Date(from + part * (to - from)).toLocaleTimeString()));
    if (rows.some(row => row.times.length > 1))
        picture.append(svg("text", { x: Left, y: 12, class: "tick" }, `line: time of a step, up to ${slowest.toFixed(2)} ms`));
    const kinds = Object.keys(Shapes).filter(kind => Shapes[kind].key && rows.some(row => row.marks.some(mark => mark.kind === kind)));
    figure.replaceChildren(picture, element("figcaption", {}, kinds.map(kind =>
        element("span", {}, element("b", { class: kind, "aria-hidden": "true" }, Shapes[kind].key), ` ${Shapes[kind].says}`))));
}
