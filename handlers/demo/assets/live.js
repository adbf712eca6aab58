// Keeps the log fresh while its page is looked at, and leaves open what was
// opened. The page works without it.
let asked = false;
async function refresh() {
  if (asked) return;
  asked = true;
  await new Promise((go) => setTimeout(go, 150)); // many changes are one
  asked = false;
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["state", "log"]) {
    const old = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (!old || !next || old.contains(document.activeElement)) continue;
    for (const details of old.querySelectorAll("details[id]")) {
      const same = next.querySelector(`#${CSS.escape(details.id)}`);
      if (same) same.open = details.open;
    }
    old.replaceWith(next);
  }
}

// Browsers allow six connections to one address, so a hidden tab gives its own
// back.
let source = null;
function follow() {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (!source) {
    source = new EventSource(document.getElementById("log").dataset.stream);
    source.onmessage = refresh;
  }
}
document.addEventListener("visibilitychange", follow);
follow();
