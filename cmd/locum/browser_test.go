package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"locum/models/modelstest"
)

func TestMain(m *testing.M) {
	modelstest.Main(m, chrome.stop)
}

// patience is how long a step may wait for a page before it fails.
const patience = 20 * time.Second

// running is a demo that is being served, as people meet it.
type running struct {
	Hub              string            `json:"hub"`
	Mailbox          map[string]string `json:"mailbox"`
	IdentityProvider map[string]string `json:"identity_provider"`
}

// serveDemo runs the whole program on free ports, until the test ends.
func serveDemo(t *testing.T, database string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	d := &demo{Listen: "localhost:0", JSON: true, Data: t.TempDir(), out: writer}
	if database == "postgres" {
		d.DatabaseURL = modelstest.URL(t, "postgres")
	}
	ended := make(chan error, 1)
	go func() {
		err := d.Run(ctx)
		writer.CloseWithError(fmt.Errorf("the demo ended: %w", err))
		ended <- err
	}()
	t.Cleanup(func() { stop(); <-ended })
	var r running
	if err := json.NewDecoder(reader).Decode(&r); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, reader)
	return &r
}

// letter is a mail in the demo's mailbox.
type letter struct {
	ID      string              `json:"id"`
	Subject string              `json:"subject"`
	Text    string              `json:"text"`
	HTML    string              `json:"html"`
	Headers map[string][]string `json:"headers"`
	Links   []string            `json:"links"`
}

// mail waits for a mail to an address whose subject holds a text.
func (r *running) mail(t *testing.T, to, subject string) letter {
	t.Helper()
	q := url.Values{"to": {to}, "subject": {subject}, "wait": {"20"}}
	answer, err := http.Get(r.Mailbox["json"] + "?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var list []letter
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatalf("the mailbox answers %s: %v", body, err)
	}
	if len(list) == 0 {
		t.Fatalf("no mail %q to %s", subject, to)
	}
	return list[len(list)-1]
}

var codePattern = regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

// code is the sign-in code in the newest mail to an address.
func (r *running) code(t *testing.T, to string) string {
	t.Helper()
	m := r.mail(t, to, "")
	code := codePattern.FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in %q: %s", m.Subject, m.Text)
	}
	return code
}

// forget empties the mailbox, so that the next mail is the one waited for.
func (r *running) forget(t *testing.T) {
	t.Helper()
	request, err := http.NewRequest(http.MethodDelete, r.Mailbox["json"], nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

// chromium is one browser for all tests of the process; each person gets a
// profile of his own in it.
type chromium struct {
	once   sync.Once
	ctx    context.Context
	cancel []context.CancelFunc
	why    string
}

var chrome chromium

func (c *chromium) start() {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		c.why = "Chromium is not installed"
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", "site-per-process,Translate,ProcessPerSiteUpToMainFrameThreshold,BackForwardCache"), chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1440, 1000))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	c.cancel = []context.CancelFunc{stop, cancel}
	if err := chromedp.Run(ctx); err != nil {
		c.why = "Chromium does not start: " + err.Error()
	}
	c.ctx = ctx
}

func (c *chromium) stop() {
	for _, cancel := range c.cancel {
		cancel()
	}
}

// visitor is somebody in a browser of his own.
type visitor struct {
	t   *testing.T
	r   *running
	ctx context.Context

	profile cdp.BrowserContextID
}

// browser opens a browser that shares nothing with the others.
func (r *running) browser(t *testing.T) *visitor {
	t.Helper()
	chrome.once.Do(chrome.start)
	if chrome.why != "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(chrome.why)
		}
		t.Skip(chrome.why)
	}
	var profile cdp.BrowserContextID
	err := chromedp.Run(chrome.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		profile, err = target.CreateBrowserContext().WithDisposeOnDetach(false).Do(onBrowser(ctx))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	return r.window(t, profile)
}

func onBrowser(ctx context.Context) context.Context {
	return cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
}

// window opens a window in a profile. Headless Chromium opens no tab where no
// window is, so each is one.
func (r *running) window(t *testing.T, profile cdp.BrowserContextID) *visitor {
	t.Helper()
	var id target.ID
	err := chromedp.Run(chrome.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		id, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(onBrowser(ctx))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(chrome.ctx, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(1440, 1000)); err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, r: r, ctx: ctx, profile: profile}
}

// tab is another tab of the same browser.
func (v *visitor) tab() *visitor {
	v.t.Helper()
	return v.r.window(v.t, v.profile)
}

// run does steps in the browser, and on failure tells where it stood and keeps
// a picture beside the test's other files.
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
	_ = chromedp.Run(ctx, chromedp.Location(&address), chromedp.Evaluate(`document.body ? document.body.innerText.slice(0, 1500) : ""`, &text), chromedp.CaptureScreenshot(&picture))
	file := ""
	if dir := os.Getenv("LOCUM_TEST_PICTURES"); dir != "" && len(picture) > 0 {
		file = filepath.Join(dir, strings.ReplaceAll(v.t.Name(), "/", "_")+".png")
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

// hit is the script that finds what can be seen and used: by a selector, or,
// behind "text=", by the text on a button, link or summary.
func hit(selector string) string {
	all := fmt.Sprintf(`[...document.querySelectorAll(%q)]`, selector)
	if text, found := strings.CutPrefix(selector, "text="); found {
		all = fmt.Sprintf(`[...document.querySelectorAll("button, a, summary")].filter((e) => e.innerText.replace(/\s+/g, " ").trim().includes(%q))`, text)
	}
	return all + `.find((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled)`
}

// do waits until a selector finds something that can be used, and does to it
// what a script says, in a moment of its own: the page may be left by it.
func (v *visitor) do(what, selector, script string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const e = %s; if (!e || document.readyState !== "complete") return false; setTimeout(() => { %s }, 0); return true; })()`, hit(selector), script), "to "+what+" "+selector)
}

// fill replaces what stands in a field.
func (v *visitor) fill(selector, value string) {
	v.t.Helper()
	v.do("fill", selector, fmt.Sprintf(`e.focus(); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true}));`, value))
	v.waits(fmt.Sprintf(`(() => { const e = document.querySelector(%q); return !!e && e.value === %q; })()`, selector, value), "to have filled "+selector)
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
	v.waits(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return false; e.click(); return true; })()`, selector), "to choose "+selector)
}

// sees waits until the page shows a text.
func (v *visitor) sees(text string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`document.body && document.body.innerText.replace(/\s+/g, " ").includes(%q)`, text), "to see "+text)
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
	for {
		var holds bool
		// A page that is exchanged for one of another site may never answer.
		asking, done := context.WithTimeout(ctx, 2*time.Second)
		last = chromedp.Run(asking, chromedp.Evaluate(condition, &holds))
		done()
		if last == nil && holds {
			return
		}
		select {
		case <-ctx.Done():
			v.t.Fatalf("waited %s: %v\n%s", what, last, v.where())
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

// signsIn does it by a code from the mailbox.
func (v *visitor) signsIn(email string) {
	v.t.Helper()
	v.open("/sign-in")
	v.r.forget(v.t)
	v.fill("#email", email)
	v.click("main form .btn-primary")
	v.at("/sign-in/code")
	v.fill("#code", v.r.code(v.t, email))
	v.click("main form .btn-primary")
	v.at("/home")
}

// continuesAs picks a persona on the identity provider's page.
func (v *visitor) continuesAs(email string) {
	v.t.Helper()
	v.click(fmt.Sprintf(`button[name="persona"][value=%q]:not([formaction])`, email))
}
