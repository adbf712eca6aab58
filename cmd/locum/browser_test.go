package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// chromium is one browser for all tests of the process; each person gets a
// profile of his own in it.
type chromium struct {
	with, without string // features that are switched on, and off
	once          sync.Once
	ctx           context.Context
	cancel        []context.CancelFunc
	why           string
}

const (
	network = "NetworkService,NetworkServiceInProcess"
	slow    = "site-per-process,Translate,ProcessPerSiteUpToMainFrameThreshold"
)

// Where pages are kept for the back button, chromedp loses sight of them: only
// the story of the back button has them kept.
var (
	chrome  = chromium{with: network, without: slow + ",BackForwardCache"}
	keeping = chromium{with: network + ",BackForwardCache", without: slow + ",BackForwardCacheMemoryControls"}
)

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
		chromedp.Flag("enable-features", c.with), chromedp.Flag("disable-features", c.without), chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1440, 1000))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	// It complains of events that are newer than itself.
	ctx, stop := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
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

// browser opens a browser that shares nothing with the others.
func (r *running) browser(t *testing.T) *visitor {
	t.Helper()
	return r.browserOf(t, &chrome)
}

func (r *running) browserOf(t *testing.T, c *chromium) *visitor {
	t.Helper()
	c.once.Do(c.start)
	if c.why != "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(c.why)
		}
		t.Skip(c.why)
	}
	var profile cdp.BrowserContextID
	err := chromedp.Run(c.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		profile, err = target.CreateBrowserContext().WithDisposeOnDetach(false).Do(onBrowser(ctx))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	return r.window(t, c, profile)
}

func onBrowser(ctx context.Context) context.Context {
	return cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
}

// window opens a window in a profile. Headless Chromium opens no tab where no
// window is, so each is one.
func (r *running) window(t *testing.T, c *chromium, profile cdp.BrowserContextID) *visitor {
	t.Helper()
	var id target.ID
	err := chromedp.Run(c.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		id, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(onBrowser(ctx))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	v := &visitor{t: t, r: r, ctx: ctx, in: c, profile: profile}
	chromedp.ListenTarget(ctx, v.hears)
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(1440, 1000), emulation.SetFocusEmulationEnabled(true)); err != nil {
		t.Fatal(err)
	}
	return v
}

// hears keeps what the browser's console complains of: errors of scripts and
// breaches of the content security policy. A page that is answered with an
// error is none of them: some of these tests ask for it.
func (v *visitor) hears(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		// The browser's own, where one navigation overtakes another: no page has
		// a script for its view transitions.
		if text := e.ExceptionDetails.Error(); !strings.Contains(text, "Transition was ") {
			v.heard = append(v.heard, text)
		}
	case *log.EventEntryAdded:
		status := e.Entry.Source == log.SourceNetwork && strings.Contains(e.Entry.Text, "the server responded with a status of 4")
		if !status && (e.Entry.Level == log.LevelError || e.Entry.Source == log.SourceSecurity) {
			v.heard = append(v.heard, string(e.Entry.Source)+": "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// quiet says that the console complained of nothing so far.
func (v *visitor) quiet() {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, complaint := range v.heard {
		v.t.Error("the console says: " + complaint)
	}
	v.heard = nil
}
