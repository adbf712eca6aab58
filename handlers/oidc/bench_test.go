package oidc_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/models/modelstest"
)

// BenchmarkIntrospection asks about tokens of a few people over the wire, and, in
// the same run, a handler that answers 200 and nothing else.
func BenchmarkIntrospection(b *testing.B) {
	for _, database := range modelstest.Databases {
		b.Run(database, func(b *testing.B) {
			h := newHub(b, modelstest.New(b, database))
			token := h.library().signIn(h.browser(h.Token("ria")))
			form := url.Values{"token": {token.AccessToken}}.Encode()
			bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
			b.Cleanup(bare.Close)
			begun, world := time.Now(), h.Now()
			stop := make(chan struct{})
			var ticking sync.WaitGroup
			ticking.Go(func() { // the world's clock runs, so that what is held grows old
				ticker := time.NewTicker(10 * time.Millisecond)
				defer ticker.Stop()
				for {
					select {
					case <-stop:
						return
					case <-ticker.C:
						h.Advance(time.Since(begun) - h.Now().Sub(world))
					}
				}
			})
			defer func() { close(stop); ticking.Wait() }()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			ask := func(b *testing.B, address string) {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form))
						if err != nil {
							b.Error(err)
							return
						}
						request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
						request.SetBasicAuth(h.app.ID, h.secret)
						answer, err := client.Do(request)
						if err != nil {
							b.Error(err)
							return
						}
						_, err = io.Copy(io.Discard, answer.Body) // so that the connection is used again
						answer.Body.Close()
						if err != nil {
							b.Error(err)
							return
						}
						if answer.StatusCode != http.StatusOK {
							b.Error(fmt.Sprint("answered ", answer.StatusCode))
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
			}
			b.Run("bare", func(b *testing.B) { ask(b, bare.URL) })
			b.Run("introspection", func(b *testing.B) { ask(b, h.server.URL+"/oauth/introspect") })
		})
	}
}
