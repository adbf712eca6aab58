package web

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"locum/models"
)

// liveHub is a server whose clock the test turns itself.
type liveHub struct {
	*hub
	server *httptest.Server
	ticks  map[time.Duration]chan time.Time
	ends   chan chan time.Time // a timer that was set, for the end of a delegation
}

func newLiveHub(t *testing.T, change ...func(*Config)) *liveHub {
	t.Helper()
	l := &liveHub{
		hub:   newHub(t, change...),
		ticks: map[time.Duration]chan time.Time{deriveEvery: make(chan time.Time), beatEvery: make(chan time.Time)},
		ends:  make(chan chan time.Time, 100),
	}
	l.App.clock = clock{
		tick: func(d time.Duration) (<-chan time.Time, func()) { return l.ticks[d], func() {} },
		after: func(time.Duration) (<-chan time.Time, func()) {
			end := make(chan time.Time)
			l.ends <- end
			return end, func() {}
		},
	}
	l.server = httptest.NewServer(l.Handler())
	t.Cleanup(l.server.Close)
	t.Cleanup(l.App.Close)
	return l
}

// open opens the stream of a signed-in browser.
func (l *liveHub) open(t *testing.T, actor models.Actor) (*http.Response, *bufio.Reader) {
	t.Helper()
	b := l.as(t, actor)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.server.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	got, err := l.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { got.Body.Close() })
	return got, bufio.NewReader(got.Body)
}

// event reads one event, or the comment of a heartbeat; empty at the end.
func event(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	var lines []string
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return ""
		}
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			return strings.Join(lines, "|")
		}
		lines = append(lines, line)
	}
}

func wantEvent(t *testing.T, from *bufio.Reader, want string) {
	t.Helper()
	if got := event(t, from); got != want {
		t.Errorf("the stream said %q, want %q", got, want)
	}
}

func TestTheStreamSaysTheContextAtOnceAndWhenItChanges(t *testing.T) {
	l := newLiveHub(t)
	got, from := l.open(t, visiting())
	if kind := got.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("type %q, status %d", kind, got.StatusCode)
	}
	wantEvent(t, from, `event: context|data: {"epoch":4,"place":"org_zonneveld","location":"/home","ended":false}`)

	// A signal that changed nothing says nothing; the beat after it does.
	l.sessions.signals <- "account"
	l.ticks[beatEvery] <- noon
	wantEvent(t, from, ": beat")

	home := sanne()
	home.Epoch = 5
	l.sessions.set("token-ses_1", home)
	l.sessions.signals <- "session"
	wantEvent(t, from, `event: context|data: {"epoch":5,"place":"org_kade","location":"/home","ended":false}`)

	// His last role there is gone: he works elsewhere without having switched.
	home.Effective.Organization = "org_other"
	l.sessions.set("token-ses_1", home)
	l.sessions.signals <- "account"
	wantEvent(t, from, `event: context|data: {"epoch":5,"place":"org_other","location":"/home","ended":false}`)

	// Without a signal, as when one was lost between replicas.
	l.sessions.set("token-ses_1", ended("revoked"))
	l.ticks[deriveEvery] <- noon
	wantEvent(t, from, `event: context|data: {"epoch":0,"place":"","location":"/home","ended":true}`)

	l.sessions.set("token-ses_1", models.Actor{})
	l.sessions.signals <- "session"
	wantEvent(t, from, `event: context|data: {"epoch":0,"place":"","location":"/sign-in","ended":true}`)
	wantEvent(t, from, "")
	if l.sessions.followed != 4 { // at first, and after each new epoch or place
		t.Errorf("followed %d times", l.sessions.followed)
	}
}

func TestTheStreamLooksAgainAtTheEndOfTheDelegation(t *testing.T) {
	l := newLiveHub(t)
	_, from := l.open(t, visiting())
	event(t, from)
	end := <-l.ends
	over := ended("expired")
	over.Epoch = 4 // no sweep has written the end down yet
	l.sessions.set("token-ses_1", over)
	end <- noon.Add(time.Hour)
	wantEvent(t, from, `event: context|data: {"epoch":0,"place":"","location":"/home","ended":true}`)
}

func TestTheStreamIsNoActivity(t *testing.T) {
	l := newLiveHub(t)
	before := l.sessions.seen
	_, from := l.open(t, sanne())
	event(t, from)
	l.ticks[deriveEvery] <- noon
	l.ticks[beatEvery] <- noon
	wantEvent(t, from, ": beat")
	if l.sessions.seen != before {
		t.Errorf("seen %d times", l.sessions.seen-before)
	}
}

func TestNobodyGetsAStreamAndIsNotToAskAgain(t *testing.T) {
	wantStatus(t, newHub(t).browser(t).get("/live"), http.StatusNoContent)
}

func TestASessionHasAFewStreamsAtMost(t *testing.T) {
	l := newLiveHub(t, func(c *Config) { c.Limits.Streams = 2 })
	_, one := l.open(t, sanne())
	event(t, one)
	_, two := l.open(t, sanne())
	event(t, two)
	if third, _ := l.open(t, sanne()); third.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the third answers %d", third.StatusCode)
	}
	other := sanne()
	other.Session = "ses_2"
	if third, _ := l.open(t, other); third.StatusCode != http.StatusOK {
		t.Errorf("another session answers %d", third.StatusCode)
	}
}

func TestClosingEndsTheStreams(t *testing.T) {
	l := newLiveHub(t)
	_, from := l.open(t, sanne())
	event(t, from)
	l.App.Close()
	wantEvent(t, from, "")
}

// Who gives delegations hears that something of the organization changed, and
// nobody else does. A page that then asks for itself is no activity.
func TestTheStreamSaysThatSomethingChangedToWhoGivesDelegations(t *testing.T) {
	l := newLiveHub(t)
	karin := sanne()
	karin.Permissions = karin.Permissions.With(models.ManageDelegations)
	_, from := l.open(t, karin)
	event(t, from)
	l.sessions.signals <- "organization"
	wantEvent(t, from, `event: changed|data: {}`)

	other := newLiveHub(t)
	_, from = other.open(t, sanne())
	event(t, from)
	other.sessions.signals <- "organization"
	other.ticks[beatEvery] <- noon
	wantEvent(t, from, ": beat")
}

func TestARefreshIsNoActivity(t *testing.T) {
	h := newHub(t)
	h.Signed("GET /visitors", func(*Request) (Response, error) { return Redirect("/home", ""), nil })
	b := h.as(t, sanne())
	before := h.sessions.seen
	b.header = map[string][]string{"Locum-Refresh": {"true"}}
	b.get("/visitors")
	if h.sessions.seen != before {
		t.Error("what nobody asked for is activity")
	}
	b.header = nil
	b.get("/visitors")
	if h.sessions.seen != before+1 {
		t.Errorf("seen %d times", h.sessions.seen-before)
	}
}
