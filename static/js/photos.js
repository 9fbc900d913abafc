/* Photos at a family's door: kept across several shots, made smaller on the device (a village has little network) and drawn anew, which
   drops place and time hidden in the file. The server does the same again; here it saves traffic. Previews are canvases, so the content
   security policy needs no blob: addresses. */
(function () {
  "use strict";

  const LONGEST = 1600;
  const QUALITY = 0.82;

  function drawn(picture, longest) {
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  async function smaller(file) {
    const picture = await window.createImageBitmap(file);
    const canvas = drawn(picture, LONGEST);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    const name = file.name.replace(/\.[^.]*$/, "") + ".jpg";
    return { file: new File([blob], name, { type: "image/jpeg" }), thumb: drawn(canvas, 168) };
  }

  function start(box) {
    const input = box.querySelector("input[type=file]");
    const row = box.querySelector(".photo-row");
    const add = box.querySelector(".photo-add");
    const note = box.querySelector("[data-photos-note]");
    let kept = [];

    function putBack() {
      const list = new DataTransfer();
      kept.forEach((entry) => list.items.add(entry.file));
      input.files = list.files;
      box.classList.toggle("one", kept.length === 1);
      box.classList.toggle("many", kept.length > 1);
      const kilobytes = Math.round(kept.reduce((sum, entry) => sum + entry.file.size, 0) / 1024);
      note.textContent = kept.length ? "照片 " + kept.length + " 张，共 " + kilobytes + " KB" : "";
    }

    function show(entry) {
      const holder = document.createElement("div");
      holder.className = "photo-thumb";
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", "去掉照片 " + entry.file.name);
      remove.addEventListener("click", () => {
        kept = kept.filter((other) => other !== entry);
        holder.remove();
        putBack();
        input.focus();
      });
      holder.append(entry.thumb, remove);
      row.insertBefore(holder, add);
    }

    input.addEventListener("change", async () => {
      const refused = [];
      for (const file of Array.from(input.files)) {
        try {
          const entry = await smaller(file);
          kept.push(entry);
          show(entry);
        } catch (problem) {
          refused.push(file.name);
          console.warn("photo", problem.name);
        }
      }
      putBack();
      if (refused.length) note.textContent += " 打不开：" + refused.join("、") + "，请用手机相机重拍（JPG 或 PNG）。";
    });
  }

  if (window.createImageBitmap && window.DataTransfer) document.querySelectorAll("[data-photos]").forEach(start);
})();
