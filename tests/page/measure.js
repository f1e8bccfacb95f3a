// What of a page is wrong to the eye: a list of sentences, empty where nothing is.
(() => {
  const faults = [];
  const SLACK = 1; // fractions of a pixel are rounded
  const shown = (element) => {
    const style = getComputedStyle(element);
    return style.visibility !== "hidden" && !element.closest(".vh, .r, style, title") && element.getClientRects().length > 0;
  };
  const said = (element, text) => `<${element.localName} class="${element.getAttribute("class") || ""}"> ${JSON.stringify((text || "").slice(0, 60))}`;
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} pixels wider than the window`);

  // the box of a text is the nearest element that is not part of a line
  const boxOf = (element) => {
    while (getComputedStyle(element).display.startsWith("inline") && getComputedStyle(element).display !== "inline-block") element = element.parentElement;
    return element;
  };
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };

  const rects = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("svg") || !shown(element)) continue;
    const box = boxOf(element);
    const bounds = box.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      // blanks may hang behind the end of a line, css-text-3, 4.1.3
      if (rect.width < 1 || rect.height < 1) continue;
      const out = Math.max(bounds.left - rect.left, rect.right - bounds.right);
      if (out > SLACK) faults.push(`${said(element, node.data)} is ${out.toFixed(1)} pixels outside of its ${said(box)}`);
      if (rect.left < -SLACK || rect.right > innerWidth + SLACK) faults.push(`${said(element, node.data)} is outside of the window`);
      const list = rects.get(box) || [];
      list.push([rect, element, node.data]);
      rects.set(box, list);
    }
    const ratio = contrast(parse(getComputedStyle(element).color), ground(element));
    if (ratio < 4.5) faults.push(`${said(element, node.data)} has a contrast of ${ratio.toFixed(2)}`);
  }
  for (const list of rects.values()) {
    list.forEach(([a, one, text], at) => list.slice(at + 1).forEach(([b, , other]) => {
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > SLACK && y > 4) faults.push(`${said(one, text)} lies over ${JSON.stringify(other.slice(0, 60))}`);
    }));
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg") || !shown(element) || element.clientWidth === 0) continue;
    const over = element.scrollWidth - element.clientWidth;
    if (over > SLACK && !["auto", "scroll"].includes(getComputedStyle(element).overflowX)) {
      faults.push(`${said(element, element.textContent)} is ${over} pixels wider than its box`);
    }
  }

  // the box of a text in a picture is the rectangle beside it, or the picture
  for (const text of document.querySelectorAll("svg text")) {
    const svg = text.ownerSVGElement;
    const group = [text.parentElement, text.parentElement.parentElement].find((g) => g !== svg && g.querySelector(":scope > rect"));
    const box = (group ? group.querySelector(":scope > rect") : svg).getBoundingClientRect();
    const rect = text.getBoundingClientRect();
    const out = Math.max(box.left - rect.left, rect.right - box.right, box.top - rect.top, rect.bottom - box.bottom);
    if (out > SLACK) faults.push(`${said(text, text.textContent)} is ${out.toFixed(1)} pixels outside of its box`);
    const fill = parse(getComputedStyle(text).fill);
    const behind = group ? parse(getComputedStyle(group.querySelector(":scope > rect")).fill) : ground(svg);
    const ratio = contrast(fill, behind);
    if (ratio < 4.5) faults.push(`${said(text, text.textContent)} has a contrast of ${ratio.toFixed(2)}`);
  }
  return [...new Set(faults)].slice(0, 40);
})()
