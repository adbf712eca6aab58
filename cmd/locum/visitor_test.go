package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a step may wait for a page before it fails.
const patience = 20 * time.Second

// visitor is somebody in a browser of his own.
type visitor struct {
	t   *testing.T
	r   *running
	ctx context.Context

	in      *chromium
	profile cdp.BrowserContextID
	plain   bool // without scripts

	mu    sync.Mutex
	heard []string
}

// tab is another tab of the same browser, for as long as the test goes on.
func (v *visitor) tab() *visitor {
	v.t.Helper()
	return v.r.window(v.t, v.in, v.profile)
}

// scripts turns JavaScript off, or on again, from the next page on.
func (v *visitor) scripts(on bool) {
	v.t.Helper()
	v.plain = !on
	v.run("turn scripts on or off", emulation.SetScriptExecutionDisabled(!on))
}

// run does steps in the browser, and on failure tells where it stood and keeps
// a picture where LOCUM_TEST_PICTURES says.
func (v *visitor) run(what string, steps ...chromedp.Action) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, steps...); err != nil {
		v.t.Fatalf("%s: %v\n%s", what, err, v.where())
	}
}

// where says what the browser shows, for failures.
func (v *visitor) where() string {
	ctx, cancel := context.WithTimeout(v.ctx, 5*time.Second)
	defer cancel()
	var address, text string
	var picture []byte
	_ = chromedp.Run(ctx, chromedp.Location(&address), chromedp.Evaluate(`document.readyState + "\n" + (document.body ? document.body.innerText.slice(0, 1500) : "")`, &text), chromedp.CaptureScreenshot(&picture))
	file := ""
	if dir := os.Getenv("LOCUM_TEST_PICTURES"); dir != "" && len(picture) > 0 {
		file = filepath.Join(dir, strings.NewReplacer("/", "_", " ", "_", ",", "").Replace(v.t.Name())+".png")
		_ = os.WriteFile(file, picture, 0o600)
	}
	return fmt.Sprintf("at %s %s\n%s", address, file, text)
}

// open goes to a page of the hub, or to a whole address.
func (v *visitor) open(address string) {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.r.Hub + address
	}
	v.run("open "+address, chromedp.Navigate(address))
}

// hit is the script that finds what can be seen and used: by a selector, and,
// behind "text=", by the text on it; of buttons, links and summaries without a
// selector.
func hit(selector string) string {
	selector, text, found := strings.Cut(selector, "text=")
	if !found {
		text = ""
	}
	if selector = strings.TrimSpace(selector); selector == "" {
		selector = "button, a, summary"
	}
	all := fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => e.innerText.replace(/\s+/g, " ").trim().includes(%q))`, selector, text)
	return all + `.find((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled)`
}

// do waits until a selector finds something that can be used, and does to it
// what a script says, in a moment of its own: the page may be left by it.
// Where scripts are off there are no such moments.
func (v *visitor) do(what, selector, script string) {
	v.t.Helper()
	if !v.plain {
		script = "setTimeout(() => {" + script + "}, 0);"
	}
	once := rand.Text() // a page that answers too late has done it, and may have been left
	v.waits(fmt.Sprintf(`(() => { if (sessionStorage.getItem(%q)) return true; const e = %s; if (!e || document.readyState !== "complete") return false; sessionStorage.setItem(%[1]q, "done"); %[3]s return true; })()`, once, hit(selector), script), "to "+what+" "+selector)
}

// fill replaces what stands in a field. Done again it changes nothing, so that it
// lasts until the page that stays has it.
func (v *visitor) fill(selector, value string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const e = %s; if (!e || document.readyState !== "complete") return false; if (e.value === %q && e.filled) return true; e.filled = true; e.focus(); e.value = %[2]q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return false; })()`, hit(selector), value), "to fill "+selector)
}

// pick chooses an option of a list by its text, up to a bracket. A list that was just put into
// the page is no use before htmx has seen it.
func (v *visitor) pick(selector, option string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const o = [...document.querySelectorAll(%q + " option")].find((o) => (o.label.trim() + " (").startsWith(%q + " (")); if (!o || document.readyState !== "complete") return false; const e = o.closest("select"); if (%t && e.closest("[hx-post]:not([data-htmx-powered])")) return false; if (e.value !== o.value) { e.value = o.value; e.dispatchEvent(new Event("change", {bubbles: true})); } return true; })()`, selector, option, !v.plain), "to pick "+option+" in "+selector)
}

// click presses what a selector finds.
func (v *visitor) click(selector string) {
	v.t.Helper()
	v.do("click", selector, "e.click();")
}

// press presses a button or link by the text on it.
func (v *visitor) press(text string) {
	v.t.Helper()
	v.click("text=" + text)
}

// choose ticks, unticks or picks, however the input is dressed.
func (v *visitor) choose(selector string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e || document.readyState !== "complete") return false; e.click(); return true; })()`, selector), "to choose "+selector)
}

// tick ticks a box, or unticks it. Where an answer is late it may be asked twice,
// and the second time changes nothing.
func (v *visitor) tick(selector string, on bool) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e || document.readyState !== "complete") return false; if (e.checked !== %t) e.click(); return e.checked === %t; })()`, selector, on, on), "to tick "+selector)
}

// key presses a key, alone or with Alt, as a keyboard does.
func (v *visitor) key(key, code string, number int64, held ...input.Modifier) {
	v.t.Helper()
	v.waits(`document.readyState === "complete" && document.documentElement.classList.contains("js")`, "for the page to hear keys")
	modifiers := input.ModifierNone
	for _, m := range held {
		modifiers |= m
	}
	text := ""
	if key == "Enter" {
		text = "\r"
	}
	v.run("press "+key, input.DispatchKeyEvent(input.KeyDown).WithKey(key).WithCode(code).WithWindowsVirtualKeyCode(number).WithModifiers(modifiers).WithText(text),
		input.DispatchKeyEvent(input.KeyUp).WithKey(key).WithCode(code).WithWindowsVirtualKeyCode(number).WithModifiers(modifiers))
}

// types enters a text where the focus is.
func (v *visitor) types(text string) {
	v.t.Helper()
	v.run("type "+text, input.InsertText(text))
}

// sees waits until the page shows a text.
func (v *visitor) sees(text string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`document.body && document.body.innerText.replace(/\s+/g, " ").includes(%q)`, text), "to see "+text)
}

// shows waits until what a selector finds first says a text.
func (v *visitor) shows(selector, text string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const e = document.querySelector(%q); return !!e && e.innerText.replace(/\s+/g, " ").includes(%q); })()`, selector, text), "for "+selector+" to say "+text)
}

// misses says that the page, which is there by now, does not show a text.
func (v *visitor) misses(text string) {
	v.t.Helper()
	if shown := v.text("body"); strings.Contains(shown, text) {
		v.t.Fatalf("%q is shown\n%s", text, v.where())
	}
}

// finds waits until a selector finds something.
func (v *visitor) finds(selector string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`!!document.querySelector(%q)`, selector), "to find "+selector)
}

// at waits until the browser is at a path of the hub.
func (v *visitor) at(path string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`location.origin === %q && location.pathname === %q && document.readyState === "complete"`, v.r.Hub, path), "to be at "+path)
}

// waits asks the page again and again until a condition holds. A page that is
// being left cannot answer: that is no failure, the next one will.
func (v *visitor) waits(condition, what string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	var last error
	no, unanswered := 0, 0
	answer := 700 * time.Millisecond
	for {
		var holds bool
		// A page that is exchanged for one of another site may never answer; one
		// on a busy machine answers late, and is not asked faster than it can.
		asking, done := context.WithTimeout(ctx, answer)
		last = chromedp.Run(asking, chromedp.Evaluate(condition, &holds))
		done()
		switch {
		case last != nil:
			unanswered++
			answer *= 2
		case holds:
			return
		default:
			no++
		}
		select {
		case <-ctx.Done():
			v.t.Fatalf("waited %s: %d times no, %d times no answer, at last %v\n%s", what, no, unanswered, last, v.where())
		case <-again.C:
		}
	}
}

// lacks says at once whether a selector finds nothing.
func (v *visitor) lacks(selector string) {
	v.t.Helper()
	var there bool
	v.run("look for "+selector, chromedp.Evaluate(fmt.Sprintf(`!!document.querySelector(%q)`, selector), &there))
	if there {
		v.t.Fatalf("%s is there\n%s", selector, v.where())
	}
}

// text is what a selector's first hit says.
func (v *visitor) text(selector string) (text string) {
	v.t.Helper()
	v.finds(selector)
	v.run("read "+selector, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).innerText.replace(/\s+/g, " ").trim()`, selector), &text))
	return text
}

// texts is what each hit of a selector says.
func (v *visitor) texts(selector string) (texts []string) {
	v.t.Helper()
	v.run("read "+selector, chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.textContent.replace(/\s+/g, " ").trim())`, selector), &texts))
	return texts
}

// path is where in the hub the browser is.
func (v *visitor) path() (path string) {
	v.t.Helper()
	v.run("read the address", chromedp.Evaluate(`location.pathname`, &path))
	return path
}

// status is what the hub answers to this session at a path.
func (v *visitor) status(path string) (status int) {
	v.t.Helper()
	v.run("ask for "+path, chromedp.Evaluate(fmt.Sprintf(`fetch(%q, {redirect: "manual"}).then((a) => a.status)`, path), &status,
		func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return status
}
