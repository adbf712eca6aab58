package handlers_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"
	"gorm.io/gorm"

	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// reference is one verification of an RSA-2048 signature by Go itself: what
// the benchmarks are measured by.
func reference(b *testing.B) (verify func()) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("signed"))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReferenceRSAVerify(b *testing.B) {
	verify := reference(b)
	for b.Loop() {
		verify()
	}
}

// measured runs a benchmark on every database, over a hub of its own. Beside
// the time stands how many verifications of the reference it would have been
// on this machine, before and after.
func measured(b *testing.B, run func(*testing.B, *hub)) {
	verify := reference(b)
	for _, name := range modelstest.Databases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			h := newHub(b, modelstest.New(b, name))
			const some = 500
			var spent time.Duration
			clocked := func() {
				from := time.Now()
				for range some {
					verify()
				}
				spent += time.Since(from)
			}
			clocked()
			run(b, h)
			each := b.Elapsed().Seconds() / float64(b.N)
			clocked()
			b.ReportMetric(each/(spent.Seconds()/(2*some)), "rsa-verifies/op")
		})
	}
}

// statements counts those that gorm sends, so that a benchmark can tell how
// many one operation needs.
func (h *hub) statements(b *testing.B) (report func()) {
	var sent atomic.Int64
	h.System(func(tx *store.Tx) error {
		count := func(*gorm.DB) { sent.Add(1) }
		on := tx.DB.Callback()
		for _, err := range []error{
			on.Query().Before("gorm:query").Register("count", count), on.Row().Before("gorm:row").Register("count", count),
			on.Create().Before("gorm:create").Register("count", count), on.Update().Before("gorm:update").Register("count", count),
			on.Delete().Before("gorm:delete").Register("count", count),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	sent.Store(0)
	return func() { b.ReportMetric(float64(sent.Load())/float64(b.N), "statements/op") }
}

// BenchmarkDelegationsPage is the list of a hundred delegations, from the
// request to the last byte: authority, rows, roles, visits, firms, the switcher
// and the markup. It stands on two pages of fifty rows, each of which reads the
// hundred; one operation is both.
func BenchmarkDelegationsPage(b *testing.B) {
	measured(b, func(b *testing.B, h *hub) {
		h.hundred()
		karin := h.with(h.Token("karin"))
		report := h.statements(b)
		for b.Loop() {
			rows := 0
			for _, path := range []string{"/delegations", "/delegations?page=2"} {
				h.Advance(time.Second) // no authority of a moment ago
				got := karin.send(http.MethodGet, path, nil, nil)
				rows += strings.Count(got.Body.String(), `id="menu-dlg_`)
			}
			if rows != 100 {
				b.Fatalf("%d rows", rows)
			}
		}
		report()
	})
}

// hundred gives Zonneveld a hundred delegations as a year leaves them: offered,
// running, with visits, revoked.
func (h *hub) hundred() {
	for i := range 100 {
		key := fmt.Sprintf("consultant%d", i)
		email := key + "@firm.example"
		if i%5 == 0 { // offered, and not known so far
			_, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: email, Period: delegation.Month, Language: "en"})
			h.must(err)
			continue
		}
		h.Join(key, fmt.Sprintf("Consultant %d", i), email, h.Kade, tenancy.Member)
		d := h.Delegate("karin", key, []delegation.Period{delegation.Week, delegation.Month, delegation.NoEnd}[i%3])
		for range i % 3 {
			h.Switch(key, h.Zonneveld)
			_, err := h.Sessions.Leave(h.Ctx, h.Actor(key))
			h.must(err)
		}
		if i%7 == 0 {
			h.must(h.Delegations.Revoke(h.Ctx, h.Actor("karin"), d.ID))
		}
	}
}

// BenchmarkSignIn is a whole sign-in through SAML, as three requests: leaving
// for the identity provider, its response at the ACS with connectors and all,
// and the session in the browser. What the provider does is not counted. The
// second figure is the ACS alone.
func BenchmarkSignIn(b *testing.B) {
	measured(b, func(b *testing.B, h *hub) {
		o := h.furnish()
		report := h.statements(b)
		var acs time.Duration
		for b.Loop() {
			begun := browser{hub: h}.send(http.MethodGet, "/saml/"+o.connection+"/start", nil, nil)
			b.StopTimer()
			answer := h.provide(begun)
			back := browser{hub: h, cookie: begun.Result().Cookies()[0]}
			b.StartTimer()
			from := time.Now()
			accepted := browser{hub: h}.send(http.MethodPost, "/saml/"+o.connection+"/acs", answer,
				http.Header{"Origin": {strangers}, "Sec-Fetch-Site": {"cross-site"}})
			acs += time.Since(from)
			if done := back.send(http.MethodGet, accepted.Header().Get("Location"), nil, nil); done.Header().Get("Location") != "/home" {
				b.Fatalf("%d %s, then %d %s", accepted.Code, uitest.Words(parsed(h, accepted)), done.Code, uitest.Words(parsed(h, done)))
			}
		}
		report()
		b.ReportMetric(float64(acs.Nanoseconds())/float64(b.N), "acs-ns/op")
	})
}

// provide has the identity provider answer the request of a page, and gives
// the form that it has the browser post.
func (h *hub) provide(page *httptest.ResponseRecorder) url.Values {
	h.T.Helper()
	_, to, found := strings.Cut(uitest.Attr(uitest.Inside(parsed(h, page), "meta[http-equiv=refresh]")[0], "content"), "url=")
	if !found {
		h.T.Fatalf("no way to the provider: %s", page.Body)
	}
	choice := httptest.NewRecorder()
	h.idp.ServeHTTP(choice, httptest.NewRequest(http.MethodGet, to, nil))
	form := hidden(h, choice)
	form.Set("persona", "bram@zonneveld.example")
	r := httptest.NewRequest(http.MethodPost, strangers+"/idp/zonneveld/sign-in", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	h.idp.ServeHTTP(answer, r)
	return hidden(h, answer)
}

func parsed(h *hub, page *httptest.ResponseRecorder) *html.Node {
	root, err := html.Parse(page.Body)
	h.must(err)
	return root
}

// hidden are the hidden fields of a page.
func hidden(h *hub, page *httptest.ResponseRecorder) url.Values {
	fields := url.Values{}
	for _, field := range uitest.Inside(parsed(h, page), "input[type=hidden]") {
		fields.Add(uitest.Attr(field, "name"), uitest.Attr(field, "value"))
	}
	return fields
}
