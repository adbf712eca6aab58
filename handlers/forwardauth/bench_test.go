package forwardauth_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"locum/handlers/forwardauth"
	"locum/handlers/web"
	"locum/models/modelstest"
)

// BenchmarkVerify asks over the wire, as a proxy does over connections that it keeps:
// a bare handler that answers 200, and then the hub, which logs each request. The
// aim is six tenths of the bare one's requests a second, with an authority that is
// at most half a second old.
func BenchmarkVerify(b *testing.B) {
	w := modelstest.New(b, "sqlite")
	h := newHub(b, w, config{public: "http://localhost:8080", hosts: "localhost:3000", trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	token := passFor(b, h, "ria", "localhost:3000")
	public, _ := url.Parse("http://localhost:8080")
	app, err := web.New(web.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Sessions: w.Sessions, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		b.Fatal(err)
	}
	forwardauth.Mount(app, forwardauth.Config{PublicURL: public, Clients: w.Clients, Passes: w.Passes, Answer: w.Sessions.Answer, Deny: w.Sessions.Deny, Sign: w.Signing.Sign, Now: time.Now})
	for _, one := range []struct {
		name    string
		handler http.Handler
	}{{"bare", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })}, {"hub", app.Handler()}} {
		b.Run(one.name, func(b *testing.B) {
			server := httptest.NewServer(one.handler)
			defer server.Close()
			transport := &http.Transport{MaxIdleConnsPerHost: 64}
			defer transport.CloseIdleConnections()
			to := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/auth/verify"
			b.ReportAllocs()
			b.SetParallelism(8)
			b.ResetTimer()
			stop := make(chan struct{})
			go func() { // the world's clock goes on as the wall's does
				for tick := time.NewTicker(100 * time.Millisecond); ; {
					select {
					case <-stop:
						tick.Stop()
						return
					case <-tick.C:
						w.Advance(100 * time.Millisecond)
					}
				}
			}()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, _ := http.NewRequest("GET", to, nil)
					r.Header = http.Header{"X-Forwarded-Method": {"GET"}, "X-Forwarded-Proto": {"http"}, "X-Forwarded-Host": {"localhost:3000"}, "X-Forwarded-Uri": {"/board?week=47"}, "X-Forwarded-For": {"192.0.2.7"},
						"Cookie": {"locum-forward-3000=" + token}, "Accept": {"application/json"}, "Sec-Fetch-Mode": {"cors"}}
					answer, err := transport.RoundTrip(r)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
					if answer.StatusCode != http.StatusOK {
						b.Errorf("answered %s %v", answer.Status, answer.Header)
						return
					}
				}
			})
			close(stop)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

// passFor is a pass of a person for a host.
func passFor(t testing.TB, h *hub, person, host string) string {
	t.Helper()
	code, err := h.Passes.Begin(h.Ctx, h.Actor(person), host, "/", "state")
	h.must(err)
	token, _, err := h.Passes.Redeem(h.Ctx, code, host, "state")
	h.must(err)
	return token
}
