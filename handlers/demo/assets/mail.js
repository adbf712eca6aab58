// Keeps the list fresh, fits the frame to its mail, and lets the arrow keys
// walk through the list. The page works without any of it.
const frame = document.getElementById("body");

function fit() {
  const inside = frame.contentDocument;
  if (!inside || !inside.body) return;
  // A document is never lower than its frame, so the frame is folded first.
  frame.style.height = "0";
  frame.style.height = inside.documentElement.scrollHeight + 2 + "px";
}
if (frame) {
  let width = 0;
  frame.addEventListener("load", fit);
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    fit();
  }).observe(frame);
}

async function refresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement && document.activeElement.getAttribute("href");
  document.title = fresh.title;
  for (const id of ["boxes", "list"]) {
    const old = document.getElementById(id);
    const scrolled = old.scrollTop;
    const inside = old.contains(document.activeElement);
    old.replaceWith(fresh.getElementById(id));
    const placed = document.getElementById(id);
    placed.scrollTop = scrolled;
    if (inside && focused) placed.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

// Browsers allow six connections to one address, so a hidden tab gives its own
// back.
let stream = null;
function follow() {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (!stream) {
    stream = new EventSource("/mail/live");
    stream.onmessage = refresh;
  }
}
document.addEventListener("visibilitychange", follow);
follow();

document.addEventListener("keydown", (event) => {
  const list = document.getElementById("list");
  if (!list.contains(event.target) || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const links = [...list.querySelectorAll("li > a")];
  const next = links[links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
