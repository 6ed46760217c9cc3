// Lines over a common axis, as SVG. Fluent with many points: no more are drawn than there are pixels.
const Space = { left: 58, right: 14, top: 12, bottom: 34 }, Height = 250, SvgName = "http://www.w3.org/2000/svg";

/** An element of SVG with attributes, and a text. */
export function svg(name, attributes, text) {
    const made = document.createElementNS(SvgName, name);
    for (const [key, value] of Object.entries(attributes))
        made.setAttribute(key, value);
    if (text !== undefined)
        made.textContent = text;
    return made;
}

/**
 * A function that has an element painted: at once if it is in view, else when it comes into view, because drawing takes processors, which may
 * be those that train. It is painted again when its size changes.
 */
export function inView(place, paint) {
    let isSeen = false, isOld = true;
    const draw = () => {
        isOld = !isSeen;
        if (isSeen)
            paint();
    };
    new ResizeObserver(draw).observe(place);
    new IntersectionObserver(seen => {
        isSeen = seen.at(-1).isIntersecting;
        if (isOld)
            draw();
    }).observe(place);
    return draw;
}

/** Round steps, about as many as asked. */
function ticks(low, high, wanted) {
    if (!(high > low))
        return [low];
    const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough);
    const made = [];
    for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step)
        made.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
    return made;
}

/** The first, the last, the smallest and the largest point of every pixel. */
function thin(points, x, pixels) {
    if (points.length < 4 * pixels)
        return points;
    const kept = [];
    for (let from = 0; from < points.length;) {
        const pixel = Math.floor(x(points[from][0]));
        let to = from, low = from, high = from;
        for (; to < points.length && Math.floor(x(points[to][0])) === pixel; to++) {
            if (points[to][1] < points[low][1])
                low = to;
            if (points[to][1] > points[high][1])
                high = to;
        }

        for (const index of [...new Set([from, low, high, to - 1])].sort((a, b) => a - b))
            kept.push(points[index]);
        from = to;
    }

    return kept;
}

/**
 * A chart that can be drawn again with other values.
 * title: heading; xName: of the axis below; format: writes a value.
 * draw(series, marks): series are { name, points: [[x, y], ...] } with ascending x; y may be null. marks are { x, text, kind }.
 */
export class Chart {
    constructor(title, xName, format, formatX = value => `${+value.toPrecision(6)}`) {
        Object.assign(this, { title, xName, format, formatX, series: [], marks: [] });
        this.figure = document.createElement("figure");
        this.figure.className = "chart";
        this.caption = document.createElement("figcaption");
        this.picture = svg("svg", { role: "img", tabindex: "0", height: Height });
        this.readout = document.createElement("output");
        this.figure.append(this.caption, this.picture, this.readout);
        this.at = null;
        this.picture.addEventListener("pointermove", event => this.point(event.offsetX));
        this.picture.addEventListener("pointerleave", () => this.point(null));
        this.picture.addEventListener("keydown", event => this.key(event));
        this.describe();
        this.show = inView(this.figure, () => this.paint());
    }

    draw(series, marks = []) {
        this.series = series.map(line => ({ ...line, points: line.points.filter(([, y]) => y !== null && isFinite(y)) }));
        this.marks = marks;
        this.describe();
        this.show();
    }

    /** What is known of it without looking at it. */
    describe() {
        this.caption.replaceChildren(this.title, ...(this.series.length < 2 ? [] : this.series.map((line, index) => {
            const key = document.createElement("span");
            key.className = `key s${index % 8}`;
            key.textContent = line.name;
            return key;
        })));
        const last = this.series.map(line => line.points.length === 0 ? null : `${line.name} ${this.format(line.points.at(-1)[1])}`);
        this.picture.setAttribute("aria-label", `${this.title}: ${last.filter(text => text).join(", ") || "nothing yet"}. Arrow keys read values.`);
    }

    paint() {
        const width = this.figure.clientWidth;
        if (width < 80)
            return;
        const points = this.series.flatMap(line => line.points);
        this.picture.replaceChildren();
        this.picture.setAttribute("viewBox", `0 0 ${width} ${Height}`);
        if (points.length === 0) {
            this.picture.append(svg("text", { x: width / 2, y: Height / 2, "text-anchor": "middle", class: "tick" }, "nothing yet"));
            return;
        }

        let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
        for (const [x, y] of points)
            [left, right, low, high] = [Math.min(left, x), Math.max(right, x), Math.min(low, y), Math.max(high, y)];
        if (high === low)
            [low, high] = [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1];
        const room = (high - low) * 0.05, inner = width - Space.left - Space.right;
        [low, high] = [low - room, high + room];
        this.x = value => Space.left + (right === left ? inner / 2 : (value - left) / (right - left) * inner);
        this.y = value => Height - Space.bottom - (value - low) / (high - low) * (Height - Space.bottom - Space.top);
        for (const tick of ticks(low, high, 5)) {
            this.picture.append(svg("line", { x1: Space.left, x2: width - Space.right, y1: this.y(tick), y2: this.y(tick), class: "grid" }));
            this.picture.append(svg("text", { x: Space.left - 6, y: this.y(tick) + 4, "text-anchor": "end", class: "tick" }, this.format(tick)));
        }

        for (const tick of ticks(left, right, Math.max(2, inner / 90)))
            this.picture.append(svg("text", { x: this.x(tick), y: Height - 18, "text-anchor": "middle", class: "tick" }, this.formatX(tick)));
        this.picture.append(svg("text", { x: Space.left + inner / 2, y: Height - 3, "text-anchor": "middle", class: "tick" }, this.xName));
        for (const mark of this.marks.filter(mark => mark.x >= left && mark.x <= right)) {
            const bottom = Height - Space.bottom, top = mark.kind === "saved" ? bottom - 7 : Space.top;
            const line = svg("line", { x1: this.x(mark.x), x2: this.x(mark.x), y1: top, y2: bottom, class: `mark ${mark.kind}` });
            line.append(svg("title", {}, mark.text));
            this.picture.append(line);
        }

        this.series.forEach((line, index) => {
            const path = thin(line.points, this.x, inner).map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`);
            if (path.length === 1)
                this.picture.append(svg("circle", { cx: path[0].split(",")[0], cy: path[0].split(",")[1], r: 3, class: `dot s${index % 8}` }));
            this.picture.append(svg("polyline", { points: path.join(" "), class: `line s${index % 8}` }));
        });
        this.cross = svg("line", { y1: Space.top, y2: Height - Space.bottom, class: "cross", visibility: "hidden" });
        this.picture.append(this.cross);
        if (this.at !== null)
            this.read(this.at);
    }

    point(pixel) {
        const longest = this.longest();
        if (pixel === null || longest.length === 0) {
            this.at = null;
            this.readout.textContent = "";
            this.cross?.setAttribute("visibility", "hidden");
            return;
        }

        let [low, high] = [0, longest.length - 1];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.x(longest[middle][0]) < pixel)
                low = middle + 1;
            else
                high = middle;
        }

        if (low > 0 && pixel - this.x(longest[low - 1][0]) < this.x(longest[low][0]) - pixel)
            low--;
        this.read(low);
    }

    key(event) {
        const length = this.longest().length, step = Math.max(1, Math.round(length / 100));
        const to = { ArrowLeft: (this.at ?? length) - step, ArrowRight: (this.at ?? -1) + step, Home: 0, End: length - 1 }[event.key];
        if (to === undefined || length === 0)
            return;
        event.preventDefault();
        this.read(Math.max(0, Math.min(length - 1, to)));
    }

    read(index) {
        const longest = this.longest();
        if (longest.length === 0)
            return;
        this.at = Math.min(index, longest.length - 1);
        const x = longest[this.at][0];
        this.cross.setAttribute("x1", this.x(x));
        this.cross.setAttribute("x2", this.x(x));
        this.cross.setAttribute("visibility", "visible");
        const values = this.series.map(line => {
            const found = line.points.findLast(([at]) => at <= x);
            return found ? `${line.name} ${this.format(found[1])}` : null;
        });
        this.readout.textContent = `${this.xName} ${this.formatX(x)}: ${values.filter(text => text).join(", ")}`;
    }

    longest() {
        return this.series.reduce((best, line) => line.points.length > best.length ? line.points : best, []);
    }
}
