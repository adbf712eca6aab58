package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"locum/models"
)

// exchange is what is learned about one request while it is answered, for its
// one line in the log.
type exchange struct {
	id, route string
	address   string        // of the browser, once it was asked for
	actor     *models.Actor // none on raw routes
	ended     string        // the reason of a visit's end that was told
	err       error
	out       answered
}

type exchangeKey struct{}

// exchangeOf is the exchange of a request.
func exchangeOf(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{}
}

// answered notes status and size on their way out.
type answered struct {
	http.ResponseWriter
	id     string // of the request
	status int
	size   int64
}

// named tells the id of the request.
func (w *answered) named() { w.Header().Set("X-Request-Id", w.id) }

func (w *answered) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
		if code >= http.StatusBadRequest { // somebody may ask why
			w.named()
		}
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *answered) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what it needs.
func (w *answered) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observed gives each request its id, and afterwards its line and its figures.
func (a *App) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &exchange{id: models.NewID("req")}
		started := time.Now()
		out := &seen.out
		out.ResponseWriter, out.id = w, seen.id
		if !a.pageless[r.URL.Path] {
			out.named()
		}
		a.metrics.open.Inc()
		defer func() {
			a.metrics.open.Dec()
			if seen.address == "" {
				seen.address = a.addressOf(r)
			}
			took := time.Since(started)
			a.metrics.note(seen.route, out.status, took)
			a.logged(r, seen, out, took)
		}()
		next.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, seen)))
	})
}

// logged writes the one wide line of a request. An address of a page may hold
// a secret in its query, so the query is left out.
func (a *App) logged(r *http.Request, seen *exchange, out *answered, took time.Duration) {
	var room [16]slog.Attr
	attrs := append(room[:0],
		slog.String("id", seen.id),
		slog.String("method", r.Method),
		slog.String("route", seen.route),
		slog.Int("status", out.status),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int64("bytes", out.size),
		slog.String("address", seen.address),
	)
	add := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	if by := seen.actor; by != nil {
		add("account", by.Account)
		add("session", by.Session)
		add("organization", by.Effective.Organization)
		add("company", by.Effective.Company)
		add("delegation", by.Delegation)
		add("visit", by.Visit)
	}
	add("ended", seen.ended)
	level := slog.LevelInfo
	if seen.err != nil {
		fault := asFault(seen.err)
		add("kind", fault.Kind.String())
		add("error", seen.err.Error())
		if fault.Kind == models.Internal && !errors.Is(seen.err, context.Canceled) {
			level = slog.LevelError
		}
	}
	to := a.config.Log.Handler() // past the logger, which would look up this line of code each time
	if !to.Enabled(r.Context(), level) {
		return
	}
	line := slog.NewRecord(time.Now(), level, "request", 0)
	line.AddAttrs(attrs...)
	_ = to.Handle(r.Context(), line) // as the logger does: there is nowhere to say that there is no log
}

// recovered turns a panic of a raw handler, or of the web layer itself, into an
// internal error that shows nothing of it.
func (a *App) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			err := panicked(cause)
			seen := exchangeOf(r.Context())
			seen.err = err
			if out, ok := w.(*answered); ok && out.status != 0 {
				panic(http.ErrAbortHandler) // half of an answer is out: cut it off
			}
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintln(w, seen.id)
		}()
		next.ServeHTTP(w, r)
	})
}
