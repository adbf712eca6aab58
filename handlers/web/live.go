package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"locum/models"
)

// liveRoute is the stream's label, whose time is not measured.
const liveRoute = "GET /live"

// How often a stream asks for authority again, speaks so that proxies keep it
// open, and how long a browser may take to read.
const (
	deriveEvery = 500 * time.Millisecond
	beatEvery   = 15 * time.Second
	readWithin  = 10 * time.Second
)

// clock is the time as a stream sees it, so that tests can turn it themselves.
type clock struct {
	tick  func(time.Duration) (<-chan time.Time, func())
	after func(time.Duration) (<-chan time.Time, func())
}

var wallClock = clock{
	tick: func(d time.Duration) (<-chan time.Time, func()) {
		t := time.NewTicker(d)
		return t.C, t.Stop
	},
	after: func(d time.Duration) (<-chan time.Time, func()) {
		t := time.NewTimer(d)
		return t.C, func() { t.Stop() }
	},
}

// situation is what an open page is told: the epoch of the session and the place
// where it works, where a page of another epoch or place should go, and whether a
// visit came to its end. Epoch is 0, which no page has, when every open page should go: nobody is signed in
// any more, or the end of a visit waits to be told.
type situation struct {
	Epoch    int64  `json:"epoch"`
	Place    string `json:"place"`
	Location string `json:"location"`
	Ended    bool   `json:"ended"`
}

func situationOf(actor models.Actor) situation {
	switch {
	case actor.Anonymous() && actor.Ended != nil: // which says why, once
		return situation{Location: setUpHome, Ended: true}
	case actor.Anonymous():
		return situation{Location: "/sign-in", Ended: true}
	case actor.Ended != nil:
		return situation{Location: "/home", Ended: true}
	}
	return situation{Epoch: actor.Epoch, Place: actor.Whereabouts(), Location: "/home"}
}

// streams counts the open streams of each session.
type streams struct {
	mu   sync.Mutex
	open map[string]int
	most int // without a limit when negative
}

func (s *streams) enter(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.most > 0 && s.open[session] >= s.most {
		return false
	}
	s.open[session]++
	return true
}

func (s *streams) leave(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[session]--; s.open[session] <= 0 {
		delete(s.open, session)
	}
}

// mountLive serves the stream that tells an open page that its session moved.
func (a *App) mountLive() {
	route := a.register(liveRoute, Route{Protection: OpenRoute}, []Option{live})
	a.mux.Handle(route.Label(), http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		exchangeOf(hr.Context()).route = route.Label()
		if err := a.before(w, hr, route); err != nil {
			a.fail(w, hr, err)
			return
		}
		a.live(w, a.receive(hr))
	}))
}

// live answers the stream. To nobody it answers 204, after which a browser does
// not connect again.
func (a *App) live(w http.ResponseWriter, r *Request) {
	switch {
	case r.broken != nil:
		a.write(w, r, a.problem(r, r.broken))
		return
	case r.Actor.Anonymous(), r.Method != http.MethodGet:
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return
	case !a.streams.enter(r.Actor.Session):
		a.write(w, r, a.problem(r, models.Fail(models.TooMany, keyTooMany)))
		return
	}
	defer a.streams.leave(r.Actor.Session)
	a.metrics.streams.Inc()
	defer a.metrics.streams.Dec()

	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no")
	out := &stream{w: w, control: http.NewResponseController(w)}
	// The server's limit on reading is for requests; a stream has none to come.
	_ = out.control.SetReadDeadline(time.Time{})
	if err := a.follow(r.Context(), r, out); err != nil && r.Context().Err() == nil {
		exchangeOf(r.Context()).err = models.Fail(models.Unavailable, "").Because(err)
	}
}

// follow speaks at once, and then each time the situation is another one, until
// the session, the page or the server ends.
func (a *App) follow(ctx context.Context, r *Request, out *stream) error {
	signals, stop := a.config.Sessions.Follow(r.Actor)
	defer func() { stop() }()
	ticks, stopTicks := a.clock.tick(deriveEvery)
	defer stopTicks()
	beats, stopBeats := a.clock.tick(beatEvery)
	defer stopBeats()

	actor := r.Actor
	told := situationOf(actor)
	if err := out.say(told); err != nil {
		return err
	}
	unread, err := a.ring(ctx, actor, -1, out)
	if err != nil {
		return err
	}
	for {
		signalled := false
		end, stopEnd := a.endOf(actor)
		select {
		case <-ctx.Done():
			stopEnd()
			return nil
		case <-a.closing:
			stopEnd()
			return nil
		case <-beats:
			stopEnd()
			if err := out.beat(); err != nil {
				return err
			}
			continue
		case _, open := <-signals:
			if !open {
				signals = nil
			}
			signalled = true
		case <-ticks:
		case <-end:
		}
		stopEnd()
		fresh, err := a.config.Sessions.Actor(ctx, r.token)
		if err != nil {
			return err // the browser connects again, and asks anew
		}
		fresh = fresh.From(r.Actor.Address)
		if (fresh.Epoch != actor.Epoch || fresh.Effective.Place() != actor.Effective.Place()) && !fresh.Anonymous() { // what there is to follow is another organization now
			stop()
			signals, stop = a.config.Sessions.Follow(fresh)
		}
		actor = fresh
		if now := situationOf(actor); now != told {
			told = now
			if err := out.say(now); err != nil {
				return err
			}
		}
		if actor.Anonymous() {
			return nil
		}
		if signalled {
			if unread, err = a.ring(ctx, actor, unread, out); err != nil {
				return err
			}
			if err := out.changed(actor); err != nil {
				return err
			}
		}
	}
}

// endOf fires when the delegation of a visit ends, or the mandate of a set-up.
func (a *App) endOf(actor models.Actor) (<-chan time.Time, func()) {
	if !actor.Visiting() && actor.Mandate == nil || actor.Ends.IsZero() {
		return nil, func() {}
	}
	left := actor.Ends.Sub(a.config.Now())
	if left <= 0 { // over already: the ticks find out when the record says so
		return nil, func() {}
	}
	return a.clock.after(left)
}

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *stream) say(now situation) error {
	content, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return s.send(fmt.Sprintf("event: context\ndata: %s\n\n", content))
}

// changed tells who gives delegations that something of his organization is not as
// it was: a part of a page that shows that asks for itself again.
func (s *stream) changed(by models.Actor) error {
	if !by.May(models.ManageDelegations) {
		return nil
	}
	return s.send("event: changed\ndata: {}\n\n")
}

func (s *stream) beat() error { return s.send(": beat\n\n") }

func (s *stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(readWithin)) // a writer without deadlines has none to miss
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
