package demo

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// route registers the pages and the forms.
func (d *Directory) route() {
	d.mux = http.NewServeMux()
	d.mux.HandleFunc("GET /directory", d.page)
	d.mux.HandleFunc("GET /directory/{$}", d.page)
	d.mux.HandleFunc("GET /directory.json", d.list)
	d.mux.HandleFunc("GET /directory/live", func(w http.ResponseWriter, r *http.Request) { stream(w, r, d.changes) })
	d.mux.HandleFunc("GET /directory/people/{key}", d.personPage)
	d.mux.HandleFunc("GET /directory/groups/{key}", d.groupPage)
	for pattern, handle := range map[string]func(*http.Request) string{
		"POST /directory/connect":      d.connect,
		"POST /directory/cycle":        func(r *http.Request) string { _ = d.Cycle(r.Context()); return "" },
		"POST /directory/retry":        d.retry,
		"POST /directory/clear":        d.clear,
		"POST /directory/odd":          d.sendOdd,
		"POST /directory/people":       d.hire,
		"POST /directory/people/{key}": d.changePerson,
		"POST /directory/many":         d.changeMany,
		"POST /directory/groups":       d.newGroup,
		"POST /directory/groups/{key}": d.changeGroup,
	} {
		d.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
			to := handle(r)
			if to == "" {
				to = "/directory#log"
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
		})
	}
	d.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "Nothing here", "The directory has no such page.")
	})
}

// change is a deed of a form: what it changes is told to the hub, unless it was
// asked to be left alone. What came of it stands on the page.
func (d *Directory) change(ctx context.Context, title string, change func()) {
	_ = d.do(ctx, title, false, change, d.settle)
}

// connect takes an address and a token that somebody pasted.
func (d *Directory) connect(r *http.Request) string {
	base, token := strings.TrimRight(strings.TrimSpace(r.FormValue("base")), "/"), strings.TrimSpace(r.FormValue("token"))
	base, _, _ = strings.Cut(base, "?") // Entra ID's flag stands behind it
	client := Client(r.FormValue("client"))
	if origin(base) == "" {
		return "/directory?wrong=" + url.QueryEscape("That is no web address.") + "#connection"
	}
	if err := d.Connect(base, token); err != nil {
		return "/directory?wrong=" + url.QueryEscape("The connection could not be kept.") + "#connection"
	}
	d.play(client)
	return "/directory"
}

// play chooses whose way of speaking is played.
func (d *Directory) play(client Client) {
	d.turn.Lock()
	defer d.turn.Unlock()
	if !slices.ContainsFunc(clientChoices, func(c clientChoice) bool { return c.Key == client }) {
		return
	}
	d.locked(func() {
		d.client = client
		for _, p := range d.people {
			p.Erased = p.Erased && client.entra()
		}
	})
}

func (d *Directory) retry(r *http.Request) string {
	_ = d.do(r.Context(), "Try again", true, nil, d.settle)
	return ""
}

func (d *Directory) clear(*http.Request) string {
	d.turn.Lock()
	defer d.turn.Unlock()
	d.locked(func() { d.deeds = nil })
	return ""
}

func (d *Directory) sendOdd(r *http.Request) string {
	_ = d.odd(r.Context(), r.FormValue("odd"), r.FormValue("person"), r.FormValue("group"))
	return ""
}

// hire adds somebody, and assigns him.
func (d *Directory) hire(r *http.Request) string {
	is := profileForm(r, Profile{Active: true})
	if is.UserName == "" || is.GivenName == "" {
		return "/directory?wrong=" + url.QueryEscape("A given name and a user name are needed.") + "#hire"
	}
	d.change(r.Context(), "Add "+is.Name(), func() {
		d.people = append(d.people, &directoryPerson{Key: objectID("person " + is.UserName + " " + strconv.Itoa(d.count)), Profile: is, Assigned: true})
	})
	return ""
}

// profileForm reads the fields that were sent over what was.
func profileForm(r *http.Request, was Profile) Profile {
	for name, field := range map[string]*string{"username": &was.UserName, "given": &was.GivenName, "family": &was.FamilyName, "email": &was.Email,
		"department": &was.Department, "title": &was.Title, "country": &was.Country} {
		if r.Form == nil {
			_ = r.ParseMultipartForm(1 << 20) // fields that cannot be read were not sent
		}
		if values, sent := r.Form[name]; sent {
			*field = strings.TrimSpace(values[0])
		}
	}
	if was.Email == "" {
		was.Email = was.UserName
	}
	return was
}

// changePerson does to somebody what the button says.
func (d *Directory) changePerson(r *http.Request) string {
	p, was := d.person(r.PathValue("key"))
	if p == nil {
		return ""
	}
	is, name, ctx := profileForm(r, was), was.Name(), r.Context()
	touched := func(change func()) func() { return func() { p.Refused = ""; change() } }
	switch r.FormValue("do") {
	case "assign":
		d.change(ctx, "Assign "+name, touched(func() { p.Assigned, p.Erased = true, false }))
	case "remove":
		d.change(ctx, "Remove "+name, touched(func() { p.Assigned = false }))
	case "deactivate":
		d.change(ctx, "Turn the account of "+name+" off", touched(func() { p.Active = false }))
	case "activate":
		d.change(ctx, "Turn the account of "+name+" on", touched(func() { p.Active = true }))
	case "delete":
		d.change(ctx, "Delete "+name, touched(func() { p.Assigned, p.Erased = false, p.ID != "" && d.client.entra() }))
	case "join", "leave":
		g, group := d.group(r.FormValue("group"))
		if g == nil {
			return ""
		}
		in := r.FormValue("do") == "join"
		d.change(ctx, moved(name, group, in), func() { g.Refused, g.People = "", put(g.People, p.Key, in) })
	case "save":
		if is.UserName != "" {
			d.change(ctx, "Change "+is.Name(), touched(func() { p.Profile = is }))
		}
	}
	return back(r)
}

// moved is the title of a change of membership.
func moved(who, group string, in bool) string {
	if in {
		return "Put " + who + " into " + group
	}
	return "Take " + who + " out of " + group
}

// back is the page that a form was on.
func back(r *http.Request) string {
	if r.FormValue("from") == "own" {
		return r.URL.Path + "#log"
	}
	return ""
}

// changeMany removes many at once, or assigns everybody again.
func (d *Directory) changeMany(r *http.Request) string {
	group, name := d.group(r.FormValue("group"))
	most := math.MaxInt
	if given, err := strconv.Atoi(r.FormValue("count")); err == nil && given >= 0 {
		most = given
	}
	if r.FormValue("do") == "assign" {
		d.change(r.Context(), "Assign everybody", func() {
			for _, p := range d.people {
				p.Assigned, p.Active, p.Erased, p.Refused = true, true, false, ""
			}
		})
		return ""
	}
	title := "Remove many at once"
	if group != nil {
		title += ": " + name
	}
	d.change(r.Context(), title, func() {
		for _, p := range d.people {
			if most > 0 && p.Assigned && (group == nil || group.holds(p.Key)) {
				p.Assigned, p.Refused = false, ""
				most--
			}
		}
	})
	return ""
}

// newGroup adds a group without members.
func (d *Directory) newGroup(r *http.Request) string {
	name := strings.TrimSpace(r.FormValue("name"))
	if name == "" {
		return "/directory?wrong=" + url.QueryEscape("A group needs a name.") + "#groups"
	}
	d.change(r.Context(), "Add the group "+name, func() {
		d.groups = append(d.groups, &directoryGroup{Key: objectID("group " + name + " " + strconv.Itoa(d.count)), Name: name})
	})
	return ""
}

// changeGroup does to a group what the button says.
func (d *Directory) changeGroup(r *http.Request) string {
	g, was := d.group(r.PathValue("key"))
	if g == nil {
		return ""
	}
	ctx, touched := r.Context(), func(change func()) func() { return func() { g.Refused = ""; change() } }
	in := r.FormValue("do") == "add"
	switch r.FormValue("do") {
	case "rename":
		if name := strings.TrimSpace(r.FormValue("name")); name != "" {
			d.change(ctx, "Rename "+was+" to "+name, touched(func() { g.Name = name }))
		}
	case "delete":
		d.change(ctx, "Delete the group "+was, touched(func() {
			g.Erased = true
			for _, outer := range d.groups {
				outer.Groups = put(outer.Groups, g.Key, false)
			}
		}))
		return ""
	case "add", "drop":
		if p, is := d.person(r.FormValue("member")); p != nil {
			d.change(ctx, moved(is.Name(), was, in), touched(func() { g.People = put(g.People, p.Key, in) }))
		} else if inner, name := d.group(r.FormValue("member")); inner != nil {
			d.change(ctx, moved("the group "+name, was, in), touched(func() { g.Groups = put(g.Groups, inner.Key, in) }))
		}
	}
	return back(r)
}

// person finds somebody by his key, and what he is just then; nil for nobody.
func (d *Directory) person(key string) (*directoryPerson, Profile) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.people {
		if p.Key == key {
			return p, p.Profile
		}
	}
	return nil, Profile{}
}

// group finds a group by its key, and its name just then; nil for none.
func (d *Directory) group(key string) (*directoryGroup, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range d.groups {
		if g.Key == key && !g.Erased {
			return g, g.Name
		}
	}
	return nil, ""
}
