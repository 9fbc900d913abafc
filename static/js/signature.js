/* A signature by finger: drawn on the canvas, sent as a PNG in the hidden input. Without strokes the input stays empty. */
(function () {
  "use strict";

  function fit(canvas, pad) {
    const strokes = pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
  }

  function start(box) {
    const canvas = box.querySelector("canvas");
    const input = box.querySelector("input[type=hidden]");
    const clear = box.querySelector("[data-signature-clear]");
    const note = box.querySelector("[data-signature-note]");
    const words = note.textContent;
    const pad = new window.SignaturePad(canvas, { penColor: "#10212e", minWidth: 0.9, maxWidth: 2.6 });
    let width = 0;
    const resize = () => {
      if (canvas.offsetWidth === width) return;
      width = canvas.offsetWidth;
      fit(canvas, pad);
    };
    const show = () => {
      const empty = pad.isEmpty();
      input.value = empty ? "" : pad.toDataURL("image/png");
      box.querySelector(".sign-pad").classList.toggle("signed", !empty);
      clear.hidden = empty;
      note.textContent = empty ? words : "已签名";
    };
    pad.addEventListener("beginStroke", () => box.querySelector(".sign-pad").classList.add("signed"));
    pad.addEventListener("endStroke", show);
    clear.addEventListener("click", () => {
      pad.clear();
      show();
    });
    window.addEventListener("resize", resize);
    resize();
  }

  if (window.SignaturePad) document.querySelectorAll("[data-signature]").forEach(start);
})();
