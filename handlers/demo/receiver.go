package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Receiver is a company's own system that takes the hub's webhooks. It believes
// only what is signed (Standard Webhooks), and can be told to fail, so that one
// sees the hub try again, give up, and send again.
type Receiver struct {
	now  func() time.Time
	url  string
	hub  string
	file string
	slow time.Duration // how long a slow answer takes
	mux  *http.ServeMux

	mu       sync.Mutex
	secrets  []string // the newest first
	mood     mood
	arrivals []arrival // oldest first
	count    int
	changed  chan struct{}
}

// mood is how the receiver answers.
type mood string

// The moods.
const (
	moodWell    mood = "well"
	moodFailing mood = "failing"
	moodSlow    mood = "slow"
	moodGone    mood = "gone"
)

// moodChoice is a mood as the page offers it.
type moodChoice struct {
	Key         mood
	Label, Hint string
}

var moodChoices = []moodChoice{
	{moodWell, "Take everything", "204 at once."},
	{moodFailing, "Fail", "500: the hub tries again, after 5 seconds first, then ever later."},
	{moodSlow, "Be slow", "An answer after 20 seconds: the hub gives up after 15."},
	{moodGone, "Want no more", "410: the hub switches the webhook off."},
}

// arrival is one request that came in.
type arrival struct {
	Number   int       `json:"number"`
	ID       string    `json:"id"` // webhook-id, the same at each attempt
	Type     string    `json:"type"`
	Verified bool      `json:"verified"`
	Why      string    `json:"why,omitempty"` // it is not verified
	Status   int       `json:"status"`        // as answered
	Times    int       `json:"times"`         // how often this id came so far
	Email    string    `json:"email,omitempty"`
	Name     string    `json:"name,omitempty"`
	Roles    []string  `json:"roles"`
	Body     string    `json:"body"`
	At       time.Time `json:"at"`
}

// keptArrivals is how many are kept.
const keptArrivals = 500

// NewReceiver makes a receiver, or reads back what secrets an earlier run left.
func NewReceiver(config Config) (*Receiver, error) {
	config = config.completed()
	v := &Receiver{now: config.Now, url: config.URL + "/receiver/hook", hub: config.Hub, slow: 20 * time.Second, mood: moodWell, changed: make(chan struct{})}
	if config.Folder != "" {
		v.file = filepath.Join(config.Folder, "receiver.json")
	}
	if _, err := readKept(v.file, &v.secrets); err != nil {
		return nil, err
	}
	v.mux = http.NewServeMux()
	v.mux.HandleFunc("GET /receiver", v.page)
	v.mux.HandleFunc("GET /receiver/{$}", v.page)
	v.mux.HandleFunc("GET /receiver.json", v.list)
	v.mux.HandleFunc("GET /receiver/live", func(w http.ResponseWriter, r *http.Request) { stream(w, r, v.changes) })
	v.mux.HandleFunc("POST /receiver/hook", v.take)
	v.mux.HandleFunc("POST /receiver/mood", v.turn)
	v.mux.HandleFunc("POST /receiver/secret", v.paste)
	v.mux.HandleFunc("POST /receiver/clear", v.clear)
	v.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "Nothing here", "The receiver has no such page.")
	})
	return v, nil
}

// ServeHTTP answers everything under /receiver.
func (v *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) { v.mux.ServeHTTP(w, r) }

// URL is the address that webhooks are posted to.
func (v *Receiver) URL() string { return v.url }

// keptSecrets is how many secrets are believed: those of a few webhooks, and of
// one whose secret changes both.
const keptSecrets = 10

// Trust believes what is signed with a secret ("whsec_…"), beside those it was
// told before. ok is false for what is no secret.
func (v *Receiver) Trust(secret string) (ok bool, err error) {
	secret = strings.TrimSpace(secret)
	if _, ok := secretKey(secret); !ok {
		return false, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secrets = put(v.secrets, secret, false)
	v.secrets = append([]string{secret}, v.secrets[:min(len(v.secrets), keptSecrets-1)]...)
	v.announce()
	return true, writeKept(v.file, v.secrets)
}

// take answers one delivery as the mood is, and notes it.
func (v *Receiver) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "too much", http.StatusRequestEntityTooLarge)
		return
	}
	v.mu.Lock()
	mood, secrets := v.mood, slices.Clone(v.secrets)
	v.mu.Unlock()
	if mood == moodSlow {
		select {
		case <-time.After(v.slow):
		case <-r.Context().Done(): // the hub gave up
		}
	}
	came := arrival{ID: r.Header.Get("Webhook-Id"), Body: pretty(string(body)), At: v.now(), Roles: []string{}}
	came.Why = verify(r.Header, body, secrets, v.now())
	came.Verified = came.Why == ""
	came.Status = http.StatusNoContent
	switch {
	case !came.Verified:
		came.Status = http.StatusUnauthorized
	case mood == moodFailing:
		came.Status = http.StatusInternalServerError
	case mood == moodGone:
		came.Status = http.StatusGone
	}
	came.read(body)
	v.note(came)
	w.WriteHeader(came.Status)
}

// read takes up what a receiver that was written for directory events reads.
func (a *arrival) read(body []byte) {
	var event struct {
		Type string `json:"type"`
		Data struct {
			Email   string `json:"email"`
			Name    string `json:"name"`
			Roles   any    `json:"roles"`
			Subject struct {
				Name string `json:"name"`
			} `json:"subject"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &event) != nil {
		return // the body is on the page as it came
	}
	a.Type, a.Email, a.Name = event.Type, event.Data.Email, event.Data.Name
	if a.Name == "" {
		a.Name = event.Data.Subject.Name
	}
	list, _ := event.Data.Roles.([]any)
	for _, one := range list {
		switch role := one.(type) {
		case object:
			if name, _ := role["role_name"].(string); name != "" {
				a.Roles = append(a.Roles, name)
			}
		case string:
			a.Roles = append(a.Roles, role)
		}
	}
}

// note keeps an arrival.
func (v *Receiver) note(a arrival) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.count++
	a.Number, a.Times = v.count, 1
	for _, earlier := range v.arrivals {
		if earlier.ID == a.ID && a.ID != "" {
			a.Times = max(a.Times, earlier.Times+1)
		}
	}
	v.arrivals = append(v.arrivals, a)
	if len(v.arrivals) > keptArrivals {
		v.arrivals = slices.Delete(v.arrivals, 0, len(v.arrivals)-keptArrivals)
	}
	v.announce()
}

// announce wakes the pages that look on. The lock is held.
func (v *Receiver) announce() {
	close(v.changed)
	v.changed = make(chan struct{})
}

func (v *Receiver) changes() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.changed
}
