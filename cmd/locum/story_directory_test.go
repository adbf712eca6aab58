package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	bram  = "bram.kuiper@devries.example"
	lieke = "lieke.jansen@devries.example"
)

// TestDirectory is what De Vries' administrator does at the directory, and what
// follows of it for people in their browsers and for the company's receiver.
func TestDirectory(t *testing.T) {
	t.Parallel()
	s := &story{running: serveDemo(t, "sqlite"), t: t, people: map[string]*visitor{}}
	for _, step := range []struct {
		name string
		tell func(*testing.T, *story)
	}{
		{"the directory was told of everybody at the start", directoryTold},
		{"who is taken out of a group loses the page he looks at", takenOutOfGroup},
		{"a renamed group keeps its roles", renamedGroupKeepsRoles},
		{"events that were not taken are sent again", eventsSentAgain},
		{"a receiver that wants no more gets what it missed", receiverComesBack},
		{"Okta says the same in its own way", oktaSaysTheSame},
		{"who is deactivated is signed out", deactivatedIsSignedOut},
		{"a mass removal is held, and its managers get mail", massRemovalIsHeld},
		{"a manager sees who waits, and lets them go by typing how many", heldRemovalsAreDecided},
		{"a directory that is paused is told to wait, and catches up", pausedDirectoryCatchesUp},
	} {
		told := t.Run(step.name, func(t *testing.T) {
			step.tell(t, s)
			s.quiet(t)
		})
		if !told {
			return // what follows builds on it
		}
	}
}

// officed is what the simulated directory says of itself.
type officed struct {
	Waiting int `json:"waiting"`
	People  []struct {
		Key     string `json:"key"`
		ID      string `json:"id"`
		Refused string `json:"refused"`
		Profile struct {
			UserName string `json:"userName"`
		} `json:"profile"`
	} `json:"people"`
	Groups []struct {
		Key  string `json:"key"`
		Name string `json:"name"`
	} `json:"groups"`
	Deeds []struct {
		Title     string `json:"title"`
		Exchanges []struct {
			Method   string `json:"method"`
			Path     string `json:"path"`
			Status   int    `json:"status"`
			Response string `json:"response"`
		} `json:"exchanges"`
	} `json:"deeds"`
}

// office asks the simulated directory how it stands.
func (r *running) office(t *testing.T) (o officed) {
	t.Helper()
	_, text := get(t, r.Directory["json"])
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("the directory answers no state: %v", err)
	}
	return o
}

// person is the path of somebody's page at the directory.
func (o officed) person(t *testing.T, email string) string {
	t.Helper()
	for _, p := range o.People {
		if p.Profile.UserName == email {
			return "/people/" + p.Key
		}
	}
	t.Fatalf("the directory has no %s", email)
	return ""
}

// group is the path of a group's page at the directory.
func (o officed) group(t *testing.T, name string) string {
	t.Helper()
	for _, g := range o.Groups {
		if g.Name == name {
			return "/groups/" + g.Key
		}
	}
	t.Fatalf("the directory has no group %s", name)
	return ""
}

// submits sends a form of the strangers, without a browser.
func (r *running) submits(t *testing.T, address string, fields ...string) {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	answer, err := http.PostForm(address, values)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Fatalf("%s answers %s", address, answer.Status)
	}
}

// came is one delivery at the receiver.
type came struct {
	Number   int      `json:"number"`
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`
	Verified bool     `json:"verified"`
	Status   int      `json:"status"`
	Times    int      `json:"times"`
	Body     string   `json:"body"`
}

// arrivals are the deliveries so far, the oldest first.
func (r *running) arrivals(t *testing.T) (list []came) {
	t.Helper()
	_, text := get(t, r.Receiver["json"])
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("the receiver answers no list: %v", err)
	}
	return list
}

// lastArrival is the newest delivery's number: what comes after it is new.
func (r *running) lastArrival(t *testing.T) (n int) {
	t.Helper()
	for _, a := range r.arrivals(t) {
		n = max(n, a.Number)
	}
	return n
}

// arrives waits for a delivery after another that fits, and gives it.
func (r *running) arrives(t *testing.T, after int, what string, fits func(came) bool) (found came) {
	t.Helper()
	until(t, what, func() bool {
		for _, a := range r.arrivals(t) {
			if a.Number > after && fits(a) {
				found = a
				return true
			}
		}
		return false
	}, func() string {
		var there []string
		for _, a := range r.arrivals(t) {
			if a.Number > after {
				there = append(there, fmt.Sprint(a.Type, " ", a.Name, " ", a.Status, " ", a.Times))
			}
		}
		return strings.Join(there, "\n")
	})
	if !found.Verified {
		t.Errorf("%s is signed wrongly", found.Type)
	}
	return found
}

// until asks again and again until something holds.
func until(t *testing.T, what string, holds func() bool, otherwise func() string) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.After(patience); !holds(); {
		select {
		case <-deadline:
			t.Fatalf("waited for %s; there is\n%s", what, otherwise())
		case <-again.C:
		}
	}
}

func directoryTold(t *testing.T, s *story) {
	o := s.office(t)
	if o.Waiting != 0 || len(o.People) < 10 || len(o.Groups) < 4 {
		t.Errorf("%d of %d people and %d groups wait", o.Waiting, len(o.People), len(o.Groups))
	}
	for _, p := range o.People {
		if p.ID == "" || p.Refused != "" {
			t.Errorf("the hub does not know %s: %s", p.Profile.UserName, p.Refused)
		}
	}
	if last := o.Deeds[0]; len(last.Exchanges) != 1 || last.Exchanges[0].Status != 409 {
		t.Errorf("the last request was %v", last)
	}
	s.arrives(t, 0, "the news of Bram", func(a came) bool { return a.Type == "organization.directory.user_created" && a.Name == "Bram Kuiper" })
	s.arrives(t, 0, "Bram's role", func(a came) bool { return a.Type == "role.granted" && a.Name == "Bram Kuiper" })
}

// takenOutOfGroup has Bram look at a page while the administrator, in a browser,
// takes him out of his groups.
func takenOutOfGroup(t *testing.T, s *story) {
	v := s.as(t, bram)
	v.comesThrough(bram)
	v.enters("De Vries Production")
	v.open("/applications")
	v.sees("Transport planning")
	before := s.lastArrival(t)

	admin := s.as(t, "administrator")
	admin.open(s.Directory["page"])
	admin.click(`a text=Bram Kuiper`)
	admin.click(`button[aria-label="Take Bram Kuiper out of Night-Planners"]`)
	admin.shows("#log", "Take Bram Kuiper out of Night-Planners")
	admin.click(`button[aria-label="Take Bram Kuiper out of Depot-Team"]`)
	admin.shows("#log", "Take Bram Kuiper out of Depot-Team")
	admin.sees("In no group.")

	until(t, "the organization to be closed to who lost his role", func() bool { return v.status("/applications") != 200 }, v.where)
	v.open("/applications")
	v.misses("Transport planning")
	s.arrives(t, before, "Bram's loss", func(a came) bool { return a.Type == "role.removed" && a.Name == "Bram Kuiper" })

	sent := s.office(t).Deeds[0].Exchanges
	if len(sent) < 3 || !strings.Contains(sent[1].Path, "members") || sent[len(sent)-1].Method != "PATCH" || sent[len(sent)-1].Status != 204 {
		t.Errorf("Entra ID asks for a membership, then takes it: %v", sent)
	}
}

func renamedGroupKeepsRoles(t *testing.T, s *story) {
	v := s.as(t, lieke)
	v.comesThrough(lieke)
	v.enters("De Vries Production")
	before := s.lastArrival(t)
	s.submits(t, s.Directory["page"]+s.office(t).group(t, "Depot-Leads"), "do", "rename", "name", "Depot-Heads")
	s.arrives(t, before, "the renamed group", func(a came) bool {
		return a.Type == "organization.directory.group_updated" && strings.Contains(a.Body, "Depot-Heads")
	})
	if got := v.status("/applications"); got != 200 {
		t.Errorf("the applications answer %d after her group got another name", got)
	}
	if slices.ContainsFunc(s.arrivals(t), func(a came) bool { return a.Number > before && a.Type == "role.removed" }) {
		t.Error("a rename took a role")
	}
}

// hook opens the webhook's page as the manager.
func (s *story) hook(t *testing.T) *visitor {
	t.Helper()
	v := s.people[marieke]
	if v == nil {
		v = s.as(t, marieke)
		v.comesThrough(marieke)
	}
	v.t = t
	v.open("/company/webhooks")
	v.click(`main a[href^="/company/webhooks/whe"]`)
	return v
}

func eventsSentAgain(t *testing.T, s *story) {
	s.submits(t, s.Receiver["page"]+"/mood", "mood", "failing")
	before := s.lastArrival(t)
	s.submits(t, s.Directory["page"]+s.office(t).person(t, bram), "do", "join", "group", strings.TrimPrefix(s.office(t).group(t, "Depot-Team"), "/groups/"))
	failed := s.arrives(t, before, "a delivery that is not taken", func(a came) bool { return a.Type == "role.granted" && a.Status == 500 })
	v := s.hook(t)
	v.sees("It has been failing since")
	s.submits(t, s.Receiver["page"]+"/mood", "mood", "well")
	v.press("Send all failed again")
	again := s.arrives(t, before, "the same once more", func(a came) bool { return a.ID == failed.ID && a.Status == 204 })
	if again.Times < 2 {
		t.Errorf("it came %d times", again.Times)
	}
}

func receiverComesBack(t *testing.T, s *story) {
	before, posted := s.lastArrival(t), s.postmark(t) // what is still sent again may be the first that is not wanted
	s.submits(t, s.Receiver["page"]+"/mood", "mood", "gone")
	person := s.Directory["page"] + s.office(t).person(t, bram)
	s.submits(t, person, "do", "save", "title", "Shift lead")
	s.arrives(t, before, "a delivery that is not wanted", func(a came) bool { return a.Status == 410 })
	s.mail(t, posted, marieke, "Nothing is sent to")
	s.submits(t, person, "do", "save", "title", "Night planner")
	s.submits(t, s.Receiver["page"]+"/mood", "mood", "well")

	after := s.lastArrival(t)
	v := s.hook(t)
	v.press("Switch on")
	v.choose(`input[name="missed"][value="send"]`)
	v.press("Switch on")
	v.sees("The webhook is on")
	s.arrives(t, after, "what was missed", func(a came) bool {
		return a.Type == "organization.directory.user_updated" && a.Status == 204
	})
}

func oktaSaysTheSame(t *testing.T, s *story) {
	s.submits(t, s.Directory["page"]+"/connect", "client", "okta", "base", s.Hub+"/scim/v2")
	person := s.Directory["page"] + s.office(t).person(t, bram)
	s.submits(t, person, "do", "save", "department", "Yard")
	sent := s.office(t).Deeds[0].Exchanges
	if len(sent) < 2 || sent[0].Method != "GET" || sent[1].Method != "PUT" || sent[1].Status != 200 {
		t.Errorf("Okta reads, then puts everything: %v", sent)
	}
	s.submits(t, s.Directory["page"]+"/connect", "client", "entra", "base", s.Hub+"/scim/v2")
}

func deactivatedIsSignedOut(t *testing.T, s *story) {
	v := s.as(t, lieke)
	v.open("/applications")
	v.sees("Stock levels")
	before := s.lastArrival(t)
	s.submits(t, s.Directory["page"]+s.office(t).person(t, lieke), "do", "deactivate")
	v.waits(`location.pathname === "/sign-in"`, "for the deactivated one to be signed out")
	s.arrives(t, before, "the news of it", func(a came) bool {
		return a.Type == "organization.directory.user_updated" && a.Name == "Lieke Jansen" && strings.Contains(a.Body, `"active": false`)
	})
	v.goesToCompany(lieke)
	v.continuesAs(lieke)
	v.waits(`location.origin === "`+s.Hub+`" && location.pathname !== "/home" && document.readyState === "complete"`, "for a sign-in that revives nobody")
	if got := v.status("/applications"); got == 200 {
		t.Error("a sign-in revived her")
	}
}

func massRemovalIsHeld(t *testing.T, s *story) {
	posted := s.postmark(t)
	s.submits(t, s.Directory["page"]+"/many", "do", "remove")
	o := s.office(t)
	for _, x := range o.Deeds[0].Exchanges {
		if x.Status >= 300 {
			t.Errorf("%s %s answers %d: a hold is the hub's affair", x.Method, x.Path, x.Status)
		}
	}
	v := s.as(t, marieke)
	v.open("/company/activity")
	v.sees("removed too many people at once: removals wait for a manager")
	if o.Waiting != 0 {
		t.Errorf("%d changes wait", o.Waiting)
	}
	m := s.mail(t, posted, marieke, "wants to remove many people")
	i := slices.IndexFunc(m.Links, func(link string) bool { return strings.HasSuffix(link, "/held") })
	if i < 0 {
		t.Fatalf("the mail leads to %q", m.Links)
	}
	v.open(m.Links[i])
	v.sees("People waiting")
}

// heldRemovalsAreDecided begins at the page that the mail leads to.
func heldRemovalsAreDecided(t *testing.T, s *story) {
	v, before := s.as(t, marieke), s.lastArrival(t)
	waiting := v.text("#staged .count")
	people := v.texts("#staged li")
	if waiting == "0" || waiting != strconv.Itoa(len(people)) {
		t.Fatalf("%s wait: %q", waiting, people)
	}
	v.fill("#confirm", waiting+"0")
	v.press("Remove them")
	v.sees("Type " + waiting + " to confirm. Nothing was saved.")
	if lost := s.lost(t, before); len(lost) != 0 {
		t.Errorf("a number that is not theirs took the roles of %q", lost)
	}
	v.fill("#confirm", waiting)
	v.press("Remove them")
	v.sees("The removals went through")
	v.misses("Removals held")
	s.arrives(t, before, "the loss of somebody who waited", func(a came) bool {
		return a.Type == "role.removed" && slices.ContainsFunc(people, func(shown string) bool { return strings.Contains(shown, a.Name) })
	})
}

// lost are those whose loss of a role came after another delivery.
func (r *running) lost(t *testing.T, after int) (names []string) {
	t.Helper()
	for _, a := range r.arrivals(t) {
		if a.Number > after && a.Type == "role.removed" {
			names = append(names, a.Name)
		}
	}
	return names
}

func pausedDirectoryCatchesUp(t *testing.T, s *story) {
	v, before := s.as(t, marieke), s.lastArrival(t)
	v.open("/company/directory")
	v.press("Pause")
	v.sees("503 with Retry-After")
	v.click("main form button")
	v.sees("Paused by Marieke de Vries")

	s.submits(t, s.Directory["page"]+"/many", "do", "assign")
	o := s.office(t)
	sent := o.Deeds[0].Exchanges
	if len(sent) != 1 || sent[0].Status != http.StatusServiceUnavailable || o.Waiting == 0 {
		t.Fatalf("a paused directory answers %v, and %d changes wait", sent, o.Waiting)
	}
	waiting := o.Waiting
	s.submits(t, s.Directory["page"]+s.office(t).person(t, bram), "do", "save", "title", "Back again")
	if o = s.office(t); len(o.Deeds[0].Exchanges) != 0 || o.Waiting != waiting {
		t.Errorf("before its time it sends %v, and %d changes wait", o.Deeds[0].Exchanges, o.Waiting)
	}

	v.press("Resume")
	v.sees("The directory goes on")
	s.submits(t, s.Directory["page"]+"/retry")
	if o = s.office(t); o.Waiting != 0 {
		t.Errorf("%d of %d changes wait still", o.Waiting, waiting)
	}
	s.arrives(t, before, "Bram's role", func(a came) bool { return a.Type == "role.granted" && a.Name == "Bram Kuiper" })
	s.arrives(t, before, "what he is called meanwhile", func(a came) bool {
		return strings.HasPrefix(a.Type, "organization.directory.user_") && a.Name == "Bram Kuiper" && strings.Contains(a.Body, "Back again")
	})
}

// TestDirectoryIsKept stops a demo and starts it again on other ports: the
// directory knows the hub's ids, and the webhook follows the receiver.
func TestDirectoryIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := serveDemoIn(t, folder, "")
	known := first.office(t).People
	first.stop()
	r := serveDemoIn(t, folder, "")
	o := r.office(t)
	if len(o.Deeds) != 0 || len(o.People) != len(known) || o.People[0].ID != known[0].ID {
		t.Errorf("it comes back with %d deeds and %v", len(o.Deeds), o.People)
	}
	r.submits(t, r.Directory["page"]+o.person(t, bram), "do", "save", "title", "Shift lead")
	if sent := r.office(t).Deeds[0].Exchanges; len(sent) != 2 || sent[1].Method != "PATCH" || sent[1].Status != 200 {
		t.Errorf("it sends %v", sent)
	}
	r.arrives(t, 0, "the change", func(a came) bool {
		return a.Type == "organization.directory.user_updated" && strings.Contains(a.Name, "Bram") && a.Status == 204
	})
}
