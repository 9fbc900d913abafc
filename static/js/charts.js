/* Charts from the JSON beside them, drawn as SVG in the colours of tokens.css, so that a colour means here what it means on a chip.
   The figures themselves stand below each chart as a table. */
(function () {
  "use strict";

  const INK = "#1b2733";
  const SOFT = "#55636f";
  const LINE = "#dde3e9";
  const MARKS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin"];

  function colour(tone) {
    const probe = document.createElement("span");
    probe.className = "tone-" + (tone || "plain");
    document.body.append(probe);
    const value = getComputedStyle(probe).getPropertyValue("--tone").trim();
    probe.remove();
    return value || SOFT;
  }

  function series(chart) {
    return chart.series.map((line, place) => ({
      name: line.name,
      type: chart.kind === "line" ? "line" : "bar",
      stack: chart.kind === "stacked" ? "all" : undefined,
      data: line.values,
      symbol: MARKS[place % MARKS.length],
      symbolSize: 7,
      barMaxWidth: 34,
      itemStyle: { color: colour(line.tone), borderColor: "#fff", borderWidth: chart.kind === "stacked" ? 1 : 0 },
      lineStyle: { width: 2 },
      label: { show: chart.kind === "bar" && chart.series.length === 1, position: "top", color: INK },
    }));
  }

  function option(chart) {
    const words = { color: SOFT, fontSize: 13 };
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 16, top: chart.series.length > 1 ? 64 : 36, bottom: 8, containLabel: true },
      legend: { show: chart.series.length > 1, top: 4, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: INK, fontSize: 13 } },
      tooltip: { trigger: "axis", confine: true, renderMode: "richText", axisPointer: { type: chart.kind === "line" ? "line" : "shadow" } },
      xAxis: { type: "category", data: chart.categories, axisLabel: words, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false } },
      yAxis: { type: "value", name: chart.unit || "", nameTextStyle: { ...words, align: "right" }, minInterval: 1, axisLabel: words, splitLine: { lineStyle: { color: LINE } } },
      series: series(chart),
    };
  }

  function start(figure) {
    const area = figure.querySelector(".picture-area");
    const chart = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    area.classList.add("drawn");
    const picture = window.echarts.init(area, null, { renderer: "svg" });
    picture.setOption(option(chart));
    picture.on("click", (event) => {
      const urls = chart.series[event.seriesIndex].urls;
      if (urls && urls[event.dataIndex]) window.location.assign(urls[event.dataIndex]);
    });
    window.addEventListener("resize", () => picture.resize());
  }

  if (window.echarts) document.querySelectorAll("figure[data-chart]").forEach(start);
})();
