package demo

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Directory is the simulated directory of a company: one plays the person who
// administers it at Okta or Entra ID, and it tells the hub by SCIM what that
// client would tell, with the requests that client really sends. What it knows
// of the hub it knows from the hub's answers.
type Directory struct {
	now  func() time.Time
	hub  string
	file string // where it is kept between runs; empty for nowhere
	http *http.Client
	mux  *http.ServeMux
	wake chan struct{} // that there is something to wait for

	turn sync.Mutex // one deed at a time; held by whoever sends or changes

	mu      sync.Mutex // what follows is changed under both, and read under either
	base    string
	token   string
	client  Client
	people  []*directoryPerson
	groups  []*directoryGroup
	deeds   []deed // oldest first
	count   int
	until   time.Time // before which nothing is sent; zero for no waiting
	changed chan struct{}
}

// NewDirectory makes the directory of the people and groups in config, or reads
// back what an earlier run left in its folder.
func NewDirectory(config Config) (*Directory, error) {
	config = config.completed()
	d := &Directory{now: config.Now, hub: config.Hub, client: ClientEntra, wake: make(chan struct{}, 1), changed: make(chan struct{}),
		http: &http.Client{Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if config.Folder != "" {
		d.file = filepath.Join(config.Folder, "directory.json")
	}
	d.fill(config)
	var kept keptDirectory
	found, err := readKept(d.file, &kept)
	if err != nil {
		return nil, err
	}
	if found {
		d.base, d.token, d.client, d.people, d.groups = kept.Base, kept.Token, kept.Client, kept.People, kept.Groups
	}
	d.route()
	return d, nil
}

// fill takes the people and teams of the start.
func (d *Directory) fill(config Config) {
	keys := map[string]string{}
	for _, profile := range config.People {
		key := objectID("person " + profile.UserName)
		keys[profile.UserName] = key
		d.people = append(d.people, &directoryPerson{Key: key, Profile: profile, Assigned: true})
	}
	for _, team := range config.Teams {
		keys[team.Name] = objectID("group " + team.Name)
	}
	for _, team := range config.Teams {
		g := &directoryGroup{Key: keys[team.Name], Name: team.Name}
		for _, name := range team.People {
			g.People = append(g.People, keys[name])
		}
		for _, name := range team.Groups {
			g.Groups = append(g.Groups, keys[name])
		}
		d.groups = append(d.groups, g)
	}
}

// keptDirectory is what is kept between runs.
type keptDirectory struct {
	Base   string             `json:"base"`
	Token  string             `json:"token"`
	Client Client             `json:"client"`
	People []*directoryPerson `json:"people"`
	Groups []*directoryGroup  `json:"groups"`
}

// keep writes the present state down.
func (d *Directory) keep() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return writeKept(d.file, keptDirectory{d.base, d.token, d.client, d.people, d.groups})
}

// locked changes the state. Whoever calls it has the turn.
func (d *Directory) locked(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	d.announce()
}

// announce wakes the pages that look on. The lock is held.
func (d *Directory) announce() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// changes is the channel that closes at the next change.
func (d *Directory) changes() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// Connect says where the hub's endpoint is and with which token it opens, as an
// administrator pastes them; "" keeps the token. Of another one the ids may mean
// nothing: everybody is looked up again.
func (d *Directory) Connect(base, token string) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	d.locked(func() {
		if token == "" {
			token = d.token
		}
		if token != d.token {
			for _, p := range d.people {
				p.forget()
			}
			for _, g := range d.groups {
				g.forget()
			}
		}
		d.base, d.token, d.until = base, token, time.Time{}
	})
	return d.keep()
}

// Connected says whether it knows an endpoint.
func (d *Directory) Connected() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.base != "" && d.token != ""
}

// Cycle tells the hub of everybody and every group, as a first synchronization
// does. It gives an error only where the hub did not answer or asked to wait.
func (d *Directory) Cycle(ctx context.Context) error {
	return d.do(ctx, "Full cycle", true, nil, d.cycle)
}

// do is one deed: a change at the provider, and what is sent for it. While the
// hub asked to be left alone nothing is sent, unless at once says so: the change
// waits.
func (d *Directory) do(ctx context.Context, title string, atOnce bool, change func(), send func(context.Context) error) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	held := false
	d.locked(func() {
		d.count++
		made := deed{Number: d.count, Title: title, At: d.now()}
		if change != nil {
			change()
		}
		switch {
		case d.base == "" || d.token == "":
			made.Note, held = "No hub is connected: nothing was sent.", true
		case !atOnce && d.now().Before(d.until):
			made.Note, held = "It waits for the time the hub is asked again.", true
		default:
			d.until = time.Time{}
		}
		d.deeds = append(d.deeds, made)
		if len(d.deeds) > keptDeeds {
			d.deeds = slices.Delete(d.deeds, 0, len(d.deeds)-keptDeeds)
		}
	})
	var err error
	if !held {
		err = send(ctx)
	}
	d.locked(func() {
		last := &d.deeds[len(d.deeds)-1]
		if !held && errors.Is(err, errLater) {
			last.Note = "The hub is asked again later."
		} else if !held && len(last.Exchanges) == 0 {
			last.Note = "Nothing to send: the hub knows."
		}
	})
	return errors.Join(err, d.keep())
}

// Run sends what waits, when its time has come, until the context ends.
func (d *Directory) Run(ctx context.Context) {
	for {
		d.mu.Lock()
		until, left := d.until, d.until.Sub(d.now())
		d.mu.Unlock()
		var due <-chan time.Time
		if !until.IsZero() {
			due = time.After(max(left, 0))
		}
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-due:
			_ = d.do(ctx, "What had waited", true, nil, d.settle) // one that fails waits again
		}
	}
}

// ServeHTTP answers everything under /directory.
func (d *Directory) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }
