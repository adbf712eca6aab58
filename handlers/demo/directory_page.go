package demo

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// personView is somebody as the pages show him.
type personView struct {
	directoryPerson
	State string // what he is to the application
	In    []groupName
	Out   []groupName // groups he could be put into
}

type groupName struct{ Key, Name string }

// groupView is a group as the pages show it.
type groupView struct {
	directoryGroup
	Inside  []groupName // people and groups that are members
	Outside []groupName
	Nests   []groupName // groups that could be put into it
}

// directoryView is everything a page of the directory shows.
type directoryView struct {
	Hub, Base, Suffix string
	Client            Client
	Clients           []clientChoice
	Connected, Entra  bool
	Until             time.Time // zero when nothing has to wait
	Waiting           int
	People            []personView
	Groups            []groupView
	Deeds             []deed // the newest first
	Odd               []oddity
	Wrong             string
	Stream            string

	Person *personView
	Group  *groupView
}

// view reads the state for one page.
func (d *Directory) view() directoryView {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := directoryView{Hub: d.hub, Base: d.base, Client: d.client, Clients: clientChoices, Connected: d.base != "" && d.token != "",
		Entra: d.client.entra(), Waiting: d.waiting(), Odd: oddities, Stream: "/directory/live"}
	v.Suffix = d.token[max(0, len(d.token)-4):]
	if d.now().Before(d.until) {
		v.Until = d.until
	}
	for _, p := range d.people {
		v.People = append(v.People, d.personView(p))
	}
	for _, g := range d.groups {
		if !g.Erased {
			v.Groups = append(v.Groups, d.groupView(g))
		}
	}
	for _, made := range slices.Backward(d.deeds) {
		made.Exchanges = slices.Clone(made.Exchanges)
		v.Deeds = append(v.Deeds, made)
	}
	return v
}

func (d *Directory) personView(p *directoryPerson) personView {
	v := personView{directoryPerson: *p, State: "active"}
	switch {
	case !p.Assigned && p.ID == "":
		v.State = "not assigned"
	case !p.Assigned:
		v.State = "removed"
	case !p.Active:
		v.State = "turned off"
	}
	for _, g := range d.groups {
		switch name := (groupName{g.Key, g.Name}); {
		case g.Erased:
		case slices.Contains(g.People, p.Key):
			v.In = append(v.In, name)
		default:
			v.Out = append(v.Out, name)
		}
	}
	return v
}

func (d *Directory) groupView(g *directoryGroup) groupView {
	v := groupView{directoryGroup: *g}
	for _, p := range d.people {
		if name := (groupName{p.Key, p.Name()}); g.holds(p.Key) {
			v.Inside = append(v.Inside, name)
		} else {
			v.Outside = append(v.Outside, name)
		}
	}
	for _, inner := range d.groups {
		switch name := (groupName{inner.Key, "Group " + inner.Name}); {
		case inner == g || inner.Erased:
		case g.holds(inner.Key):
			v.Inside = append(v.Inside, name)
		default:
			v.Nests = append(v.Nests, name)
		}
	}
	return v
}

// page shows people, groups, what can be sent, and what was.
func (d *Directory) page(w http.ResponseWriter, r *http.Request) {
	v := d.view()
	v.Wrong = r.URL.Query().Get("wrong")
	render(w, http.StatusOK, "directory", v)
}

// personPage shows one person.
func (d *Directory) personPage(w http.ResponseWriter, r *http.Request) {
	v := d.view()
	at := slices.IndexFunc(v.People, func(p personView) bool { return p.Key == r.PathValue("key") })
	if at < 0 {
		refuse(w, http.StatusNotFound, "Nobody", "The directory knows nobody of this address.")
		return
	}
	v.Person = &v.People[at]
	render(w, http.StatusOK, "person", v)
}

// groupPage shows one group.
func (d *Directory) groupPage(w http.ResponseWriter, r *http.Request) {
	v := d.view()
	at := slices.IndexFunc(v.Groups, func(g groupView) bool { return g.Key == r.PathValue("key") })
	if at < 0 {
		refuse(w, http.StatusNotFound, "No such group", "It was deleted, or never was.")
		return
	}
	v.Group = &v.Groups[at]
	render(w, http.StatusOK, "group", v)
}

// list answers the state as JSON, for tests. The token is not in it.
func (d *Directory) list(w http.ResponseWriter, _ *http.Request) {
	v := d.view()
	people, groups := make([]directoryPerson, len(v.People)), make([]directoryGroup, len(v.Groups))
	for i, p := range v.People {
		people[i] = p.directoryPerson
	}
	for i, g := range v.Groups {
		groups[i] = g.directoryGroup
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(struct {
		Base    string            `json:"base"`
		Client  Client            `json:"client"`
		Waiting int               `json:"waiting"`
		People  []directoryPerson `json:"people"`
		Groups  []directoryGroup  `json:"groups"`
		Deeds   []deed            `json:"deeds"` // the newest first
	}{v.Base, v.Client, v.Waiting, people, groups, v.Deeds})
}
