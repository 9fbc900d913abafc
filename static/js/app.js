/* Small comforts; every page does its main act without them. No inline handlers: everything hangs on data-* marks. */
(function () {
  "use strict";

  const DRAFT = "nol-draft:";
  const PENDING = "nol-pending";
  const DRAFT_DAYS = 7;
  const person = document.body.dataset.person || "";
  const prefix = DRAFT + person + ":";

  /* The device may be full or closed to storage; then there is no draft, and nothing else breaks. */
  function stored(act) {
    try {
      return act();
    } catch (problem) {
      console.warn("本机不能保存草稿：", problem.name);
      return null;
    }
  }

  function keepable(field) {
    return field.name && field.name !== "csrfmiddlewaretoken" && !field.matches("[type=password],[type=file],[type=hidden],[data-no-draft]");
  }

  function typed(form) {
    return Array.from(form.elements)
      .filter(keepable)
      .filter((field) => !field.matches("[type=radio],[type=checkbox]") || field.checked)
      .map((field) => [field.name, field.value]);
  }

  function putBack(form, pairs) {
    for (const field of Array.from(form.elements).filter(keepable)) {
      const values = pairs.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.matches("[type=radio],[type=checkbox]")) {
        field.checked = values.includes(field.value);
      } else if (values.length) {
        field.value = values.shift();
        pairs.splice(pairs.findIndex(([name]) => name === field.name), 1);
      }
    }
  }

  function note(text) {
    document.querySelectorAll("[data-draft-note]").forEach((place) => {
      place.textContent = text;
      place.hidden = !text;
    });
  }

  function watchDraft(form) {
    const key = prefix + location.pathname + ":" + form.dataset.draft;
    const found = stored(() => JSON.parse(localStorage.getItem(key)));
    if (found && !("bound" in form.dataset)) {
      putBack(form, found.pairs);
      note("已取回本机草稿");
    }
    const keep = () => {
      stored(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), pairs: typed(form) })));
      note("草稿已存本机");
    };
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    form.addEventListener("submit", () => {
      stored(() => sessionStorage.setItem(PENDING, JSON.stringify({ key, from: location.pathname })));
    });
  }

  /* A draft goes only when the form was sent from its own page and the answer is another page that is no refusal. */
  function settleSent() {
    const sent = stored(() => JSON.parse(sessionStorage.getItem(PENDING)));
    if (!sent) return;
    stored(() => sessionStorage.removeItem(PENDING));
    const from = document.referrer ? new URL(document.referrer) : null;
    const cameFromForm = from && from.origin === location.origin && from.pathname === sent.from;
    const elsewhere = location.pathname !== sent.from || !document.querySelector("form[data-draft][data-bound]");
    if (cameFromForm && elsewhere && !("keepDraft" in document.body.dataset)) {
      stored(() => localStorage.removeItem(sent.key));
    }
  }

  /* At a family's door the network comes and goes. A form whose sending fails takes its photos and the signature with it, so the server
     is asked first whether it can be reached; while it cannot, everything stays on the page. */
  const REACH_SECONDS = 20;

  async function isReached() {
    const stop = new AbortController();
    const clock = window.setTimeout(() => stop.abort(), REACH_SECONDS * 1000);
    try {
      return (await fetch("/healthz", { cache: "no-store", signal: stop.signal })).ok;
    } catch (problem) {
      console.info("not reached:", problem.name);
      return false;
    } finally {
      window.clearTimeout(clock);
    }
  }

  function watchReach(form) {
    let asking = false;
    let reached = false;
    form.addEventListener("submit", async (event) => {
      if (reached) {
        reached = false;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking) return;
      asking = true;
      note("正在连接…");
      reached = await isReached();
      asking = false;
      note("草稿已存本机");
      if (reached) form.requestSubmit(event.submitter);
      else tell("现在连不上服务器，还没有保存。填的内容和照片都还在本页，请不要关闭；有信号后再点一次保存。");
    }, true);
  }

  function drafts() {
    return stored(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) || [];
  }

  function dropOld() {
    const limit = Date.now() - DRAFT_DAYS * 86400000;
    const keys = stored(() => Object.keys(localStorage).filter((key) => key.startsWith(DRAFT))) || [];
    for (const key of keys) {
      const found = stored(() => JSON.parse(localStorage.getItem(key)));
      if (!found || found.at < limit) stored(() => localStorage.removeItem(key));
    }
  }

  /* Others use this machine too: who signs out leaves nothing behind, and is asked first. */
  function watchSignOut(form) {
    form.addEventListener("submit", (event) => {
      const left = drafts();
      if (left.length && !window.confirm("本机还有 " + left.length + " 份没有保存的草稿，退出登录会删除它们。仍要退出吗？")) {
        event.preventDefault();
        return;
      }
      left.forEach((key) => stored(() => localStorage.removeItem(key)));
    });
  }

  function watchFilters(form) {
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    });
  }

  /* A second tap while the first is under way sends nothing; a download leaves the page, so the button comes back by itself. */
  function watchOnce(form) {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!button) return;
      window.setTimeout(() => { button.disabled = true; }, 0);
      window.setTimeout(() => { button.disabled = false; }, 8000);
    });
  }

  async function copy(button) {
    const words = button.textContent;
    const value = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(value);
      button.textContent = "已复制";
    } catch (problem) {
      button.textContent = "不能复制，请手工抄写：" + value;
      console.warn("clipboard", problem.name);
    }
    window.setTimeout(() => { button.textContent = words; }, 2500);
  }

  function tell(sentence) {
    const place = document.getElementById("content");
    const old = document.getElementById("told");
    if (old) old.remove();
    const box = document.createElement("section");
    box.className = "refusal";
    box.id = "told";
    box.setAttribute("role", "alert");
    const words = document.createElement("h2");
    words.textContent = sentence;
    box.append(words);
    place.prepend(box);
    box.scrollIntoView({ block: "center" });
  }

  document.addEventListener("click", (event) => {
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    if (event.target.closest("[data-print]")) window.print();
    document.querySelectorAll("details.who[open], details.confirm[open]").forEach((box) => {
      if (!box.contains(event.target)) box.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.who[open], details.confirm[open]").forEach((box) => { box.open = false; });
    if (location.hash === "#menu") location.hash = "#top";
  });
  document.addEventListener("htmx:responseError", (event) => {
    tell("没有办成：服务器回答 " + event.detail.xhr.status + "。刷新本页后再试；仍不行，请把这个数字告诉系统管理员。");
  });
  document.addEventListener("htmx:sendError", () => tell("连不上服务器：请检查网络，稍后再试。已填写的内容还在本页。"));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[method=post] button[type=submit]:disabled").forEach((button) => { button.disabled = false; });
    if (document.querySelector("form[data-draft]")) stored(() => sessionStorage.removeItem(PENDING));
    document.querySelectorAll("form[data-auto-submit] :disabled").forEach((field) => { field.disabled = false; });
  });

  dropOld();
  settleSent();
  if (window.AbortController && HTMLFormElement.prototype.requestSubmit) {
    document.querySelectorAll("form[method=post][data-draft]").forEach(watchReach); /* before all who listen for sending */
  }
  document.querySelectorAll("form[data-draft]").forEach(watchDraft);
  document.querySelectorAll("form[data-sign-out]").forEach(watchSignOut);
  document.querySelectorAll("form[data-auto-submit]").forEach(watchFilters);
  document.querySelectorAll("form[method=post]:not([data-sign-out]):not([target]):not([hx-post])").forEach(watchOnce);
  if (window.TomSelect) document.querySelectorAll("select[data-search]").forEach((box) => new window.TomSelect(box, { maxOptions: 200 }));
})();
