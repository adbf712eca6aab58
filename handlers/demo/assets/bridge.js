// Shows at once where the person works now. The page works without it, by being
// loaded again.
const source = new EventSource("/live");
let over = false;
source.onmessage = async () => {
  const answer = await fetch("/").catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (over) return; // an answer that was asked for before says nothing new
  document.getElementById("main").replaceWith(fresh.getElementById("main"));
  document.title = fresh.title;
  over = !document.querySelector("[data-state=home], [data-state=visit]");
  if (over) source.close();
};
