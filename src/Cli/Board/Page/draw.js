// Draw a digit, or drop a picture, and see what the network sees and says.
import { ask, element } from "/board.js";
import { verdict } from "/try.js";

const Size = 280, Pen = 20;

export function drawing(name) {
    const canvas = element("canvas", { width: Size, height: Size, class: "paper", tabindex: "0", "aria-label": "Draw here, or drop a picture" });
    const pen = canvas.getContext("2d");
    const seen = element("canvas", { class: "seen", role: "img", "aria-label": "What the network sees" });
    const said = element("div", { class: "said", role: "status" });
    const file = element("input", { type: "file", accept: "image/*", "aria-label": "A picture", onchange: () => file.files[0] && show(file.files[0]) });
    let last = null, asking = 0;

    const clear = () => {
        pen.fillStyle = "#ffffff";
        pen.fillRect(0, 0, Size, Size);
        said.replaceChildren(element("p", { class: "soft" }, "Draw something, drop a picture, or choose one."));
        seen.hidden = true;
    };

    const place = event => {
        const box = canvas.getBoundingClientRect();
        return [(event.clientX - box.left) * Size / box.width, (event.clientY - box.top) * Size / box.height];
    };

    canvas.addEventListener("pointerdown", event => { canvas.setPointerCapture(event.pointerId); last = place(event); stroke(event); });
    canvas.addEventListener("pointermove", event => last && stroke(event));
    canvas.addEventListener("pointerup", () => { last = null; canvas.toBlob(show); });
    canvas.addEventListener("dragover", event => event.preventDefault());
    canvas.addEventListener("drop", event => { event.preventDefault(); if (event.dataTransfer.files[0]) show(event.dataTransfer.files[0]); });

    function stroke(event) {
        const to = place(event);
        Object.assign(pen, { lineWidth: Pen, lineCap: "round", lineJoin: "round", strokeStyle: "#000000" });
        pen.beginPath();
        pen.moveTo(...last);
        pen.lineTo(...to);
        pen.stroke();
        last = to;
    }

    async function show(picture) {
        const mine = ++asking;
        try {
            const answer = await (await ask(`/api/runs/${encodeURIComponent(name)}/predict`, { method: "POST", body: picture })).json();
            if (mine !== asking)
                return;
            paint(answer);
            said.replaceChildren(
                ...verdict(answer.answer, answer.classes, answer.probabilities),
                ...answer.warnings.map(warning => element("p", { class: "bad" }, warning)),
                element("p", { class: "soft" }, `checkpoint of step ${answer.step}`));
        } catch (problem) {
            said.replaceChildren(element("p", { class: "bad", role: "alert" }, problem.message));
        }
    }

    function paint(answer) {
        const bytes = Uint8Array.from(atob(answer.seen), letter => letter.charCodeAt(0));
        [seen.width, seen.height, seen.hidden] = [answer.width, answer.height, false];
        const image = seen.getContext("2d").createImageData(answer.width, answer.height);
        for (let pixel = 0; pixel < answer.width * answer.height; pixel++) {
            for (let channel = 0; channel < 3; channel++)
                image.data[4 * pixel + channel] = bytes[answer.channels === 3 ? 3 * pixel + channel : pixel];
            image.data[4 * pixel + 3] = 255;
        }

        seen.getContext("2d").putImageData(image, 0, 0);
    }

    clear();
    return element("div", { class: "try" }, element("div", {}, canvas, element("p", {}, element("button", { onclick: clear }, "Clear"), " ", file)), seen, said);
}
