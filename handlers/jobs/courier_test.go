package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"locum/handlers/web"
	"locum/models/webhook"
)

// box is a Post of endpoints that each have so many deliveries.
type box struct {
	mu      sync.Mutex
	waiting map[string]int
	failing map[string]bool
	settled map[string][]webhook.Outcome
}

func (b *box) Due(context.Context) (lanes []webhook.Lane, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for endpoint, n := range b.waiting {
		if n > 0 {
			lanes = append(lanes, webhook.Lane{Endpoint: endpoint, Due: min(n, webhook.MostDue), Failing: b.failing[endpoint]})
		}
	}
	return lanes, nil
}

func (b *box) Take(_ context.Context, lane webhook.Lane) (*webhook.Parcel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[lane.Endpoint] == 0 {
		return nil, nil
	}
	b.waiting[lane.Endpoint]--
	return &webhook.Parcel{Endpoint: lane.Endpoint, URL: "https://" + lane.Endpoint + ".example/in", Attempt: 1, Body: "{}",
		Headers: map[string]string{"Webhook-Id": "evt_1", "Webhook-Signature": "v1,x"}}, nil
}

func (b *box) Settle(_ context.Context, p webhook.Parcel, o webhook.Outcome) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settled[p.Endpoint] = append(b.settled[p.Endpoint], o)
	return nil
}

func (b *box) count(endpoint string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.settled[endpoint])
}

// roads answer by the host that is asked; how many at once is counted.
type roads struct {
	mu      sync.Mutex
	now     map[string]int
	most    map[string]int
	answers map[string]func(*http.Request) (*http.Response, error)
}

func (r *roads) RoundTrip(q *http.Request) (*http.Response, error) {
	host := strings.TrimSuffix(q.URL.Host, ".example")
	r.mu.Lock()
	r.now[host]++
	r.most[host] = max(r.most[host], r.now[host])
	answer := r.answers[strings.TrimRight(host, "0123456789")]
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.now[host]--
		r.mu.Unlock()
	}()
	return answer(q)
}

func healthy(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("thanks"))}, nil
}

// pass lets time go by in a synctest bubble, where it takes none, until everybody
// there waits again.
func pass(d time.Duration) {
	time.Sleep(d) // of the bubble's clock: takes no time
	synctest.Wait()
}

// dead never answers.
func dead(q *http.Request) (*http.Response, error) {
	<-q.Context().Done()
	return nil, q.Context().Err()
}

func courierOf(b *box, r *roads) *Courier {
	return &Courier{Post: b, Client: &http.Client{Transport: r}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// One dead endpoint, however much waits for it, delays no other; nor do
// hundreds that fail. The sleeps pass on the bubble's own clock alone, and take no
// time.
func TestDeadEndpointsDelayNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &box{waiting: map[string]int{"dead": 1000, "well": 50}, failing: map[string]bool{}, settled: map[string][]webhook.Outcome{}}
		for i := range 2 * ridersAll {
			name := fmt.Sprintf("failing%03d", i)
			b.waiting[name], b.failing[name] = 10, true
		}
		r := &roads{now: map[string]int{}, most: map[string]int{}, answers: map[string]func(*http.Request) (*http.Response, error){
			"well": healthy, "dead": dead, "failing": dead}}
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { defer close(over); courierOf(b, r).Run(ctx) }()
		pass(time.Millisecond)
		if n := b.count("well"); n != 50 {
			t.Errorf("%d of 50 reached the one that answers", n)
		}
		b.mu.Lock()
		b.waiting["well"] = 7
		b.mu.Unlock()
		pass(lookEvery)
		if n := b.count("well"); n != 57 {
			t.Errorf("%d of 57 while the others keep us waiting", n)
		}
		if r.most["dead"] != ridersEach || r.most["failing000"] > ridersFailing || r.most["well"] > ridersEach {
			t.Errorf("at once: %v", r.most)
		}
		pass(PostTime)
		if outcomes := b.settled["dead"]; len(outcomes) == 0 || outcomes[0].Fault != webhook.TimedOut || outcomes[0].Took != PostTime {
			t.Errorf("the dead one is noted as %+v", outcomes)
		}
		stop()
		pass(PostTime)
		<-over
	})
}

// send posts to a real server, by the rules for addresses that people type.
func send(t *testing.T, address string, o web.Outbound) webhook.Outcome {
	t.Helper()
	c := &Courier{Client: o.Client(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	return c.post(t.Context(), webhook.Parcel{URL: address, Body: `{"a":1}`, Headers: map[string]string{"Webhook-Id": "evt_1", "Webhook-Signature": "v1,x"}})
}

func TestWhatAnEndpointAnswers(t *testing.T) {
	var followed bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/taken":
			if string(body) != `{"a":1}` || r.Header.Get("Webhook-Id") != "evt_1" || r.Method != http.MethodPost {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			w.Header().Set("Set-Cookie", "a=secret")
			w.Write([]byte(strings.Repeat("x", 10_000)))
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case "/elsewhere":
			followed = true
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/busy":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	local := web.Outbound{Loopback: true}
	taken := send(t, server.URL+"/taken", local)
	if taken.Status != 200 || taken.Fault != "" || len(taken.ResponseBody) != 4<<10 || taken.ResponseHeaders["Set-Cookie"] != "" || taken.Took <= 0 {
		t.Errorf("taken as %d %q, %d bytes, %v", taken.Status, taken.Fault, len(taken.ResponseBody), taken.ResponseHeaders)
	}
	if taken.RequestHeaders["Webhook-Signature"] != "" || taken.RequestHeaders["Webhook-Id"] != "evt_1" {
		t.Errorf("kept of the request: %v", taken.RequestHeaders)
	}
	if moved := send(t, server.URL+"/moved", local); moved.Fault != webhook.Redirected || followed {
		t.Errorf("a redirect is %+v, followed %v", moved, followed)
	}
	if gone := send(t, server.URL+"/gone", local); gone.Status != http.StatusGone {
		t.Errorf("%+v", gone)
	}
	if busy := send(t, server.URL+"/busy", local); busy.RetryAfter != 2*time.Minute || busy.Fault != webhook.BadStatus {
		t.Errorf("%+v", busy)
	}
}

// Where an address leads is looked at when it is dialled.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} { // by number, and by a name that leads there
		if o := send(t, "https://"+host+":"+u.Port()+"/", web.Outbound{}); o.Fault != webhook.PrivateHost || asked {
			t.Errorf("%s: %+v, asked %v", host, o, asked)
		}
	}
	allowed := web.Outbound{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	if o := send(t, server.URL, allowed); o.Fault != webhook.BadTLS { // dialled, and its certificate is nobody's
		t.Errorf("allowed: %+v", o)
	}
	if o := send(t, "http://127.0.0.1:"+u.Port()+"/", web.Outbound{}); o.Fault != webhook.NotSecure {
		t.Errorf("without https: %+v", o)
	}
}

func TestRetryAfterInBothForms(t *testing.T) {
	now := time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)
	c := &Courier{Now: func() time.Time { return now }}
	for text, want := range map[string]time.Duration{"": 0, "30": 30 * time.Second, "-5": 0, "soon": 0, "99999999999999": 0,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour, now.Add(-time.Hour).Format(http.TimeFormat): 0} {
		if got := c.retryAfter(http.Header{"Retry-After": {text}}); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if faultOf(errors.New("reset")) != webhook.NoConnection {
		t.Error("an unknown fault is not that of a connection")
	}
}
