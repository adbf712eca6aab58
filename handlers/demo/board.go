package demo

import (
	"context"
	"errors"
	"html/template"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Board is an application that knows nothing of the hub, behind a reverse proxy that
// asks the hub about each request, as the ones in the README do. It shows what the
// proxy tells it.
type Board struct {
	hub    *url.URL
	origin string // where browsers reach it
	own    http.Handler
	ask    *http.Client
}

// NewBoard makes the board at an address ("http://localhost:8083"), behind a proxy
// that asks the hub.
func NewBoard(origin, hub string) (*Board, error) {
	to, err := url.Parse(hub)
	if err != nil {
		return nil, err
	}
	b := &Board{hub: to, origin: strings.TrimSuffix(origin, "/"), ask: &http.Client{Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.own = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(b.hub)
		r.Out.URL.Path = strings.Replace(r.In.URL.Path, "/.locum/", "/auth/", 1)
		b.forwarded(r.Out.Header, r.In)
	}}
	return b, nil
}

// told are the headers by which the hub says who somebody is.
var told = []string{"Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "X-Locum-Org-Id", "X-Locum-Real-Org-Id", "X-Locum-Delegation-Id", "X-Locum-Context-Epoch", "X-Locum-Jwt"}

// forwarded says for which host a proxy asks. It is written out: a browser could
// name another.
func (b *Board) forwarded(head http.Header, r *http.Request) {
	proto, host, _ := strings.Cut(b.origin, "://")
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	head.Set("X-Forwarded-Proto", proto)
	head.Set("X-Forwarded-Host", host)
	head.Set("X-Forwarded-For", from)
}

// ServeHTTP is the proxy, and behind it the application.
func (b *Board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/.locum/callback" || r.URL.Path == "/.locum/sign-out" {
		b.own.ServeHTTP(w, r)
		return
	}
	strip(r.Header)
	question, err := http.NewRequestWithContext(r.Context(), http.MethodGet, b.hub.String()+"/auth/verify?redirect=1", nil)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	question.Header = r.Header.Clone()
	b.forwarded(question.Header, r)
	question.Header.Set("X-Forwarded-Method", r.Method)
	question.Header.Set("X-Forwarded-Uri", r.URL.RequestURI())
	answer, err := b.ask.Do(question)
	if err != nil {
		http.Error(w, "Locum does not answer.", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		for _, name := range []string{"Location", "Set-Cookie", "Cache-Control", "X-Locum-Deny"} {
			w.Header()[name] = answer.Header[name]
		}
		w.WriteHeader(answer.StatusCode)
		return
	}
	for _, name := range told {
		r.Header.Set(name, answer.Header.Get(name))
	}
	r.Header.Set("Cookie", ownCookie.ReplaceAllString(r.Header.Get("Cookie"), ""))
	b.page(w, r)
}

// ownCookie is what of the hub's no application gets to see.
var ownCookie = regexp.MustCompile(`(?:__Host-|__Secure-)?locum-[^=;]*=[^;]*(?:; )?`)

// strip deletes what a browser says about itself in the hub's words, with dashes or
// underscores, and what it says of proxies.
func strip(head http.Header) {
	for name := range head {
		plain := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		for _, prefix := range []string{"remote-", "x-locum-", "x-forwarded-"} {
			if strings.HasPrefix(plain, prefix) {
				delete(head, name)
			}
		}
	}
	head.Del("Connection")
}

// fact is one header as the page shows it.
type fact struct{ Header, Value string }

// page is the application.
func (b *Board) page(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		serveAsset(w, r)
		return
	}
	plain := func(name string) string {
		value := r.Header.Get(name)
		if text, err := url.PathUnescape(value); err == nil {
			return text
		}
		return value
	}
	data := struct {
		Name, Roles string
		Visiting    bool
		Facts       []fact
	}{Name: plain("Remote-Name"), Roles: strings.ReplaceAll(plain("Remote-Groups"), ",", ", "), Visiting: plain("X-Locum-Delegation-Id") != ""}
	for _, name := range told[:len(told)-1] {
		data.Facts = append(data.Facts, fact{name, plain(name)})
	}
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
	head.Set("Cache-Control", "no-store")
	_ = boardPage.Execute(w, data) // a reader who went away is nobody's error
}

var boardPage = template.Must(template.ParseFS(pageFiles, "pages/board.html"))

// Run serves the board until the context ends.
func (b *Board) Run(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
