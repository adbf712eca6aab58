package directory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// desk is De Vries' directory, with a client.
type desk struct {
	*modelstest.World
	t           *testing.T
	directories *directory.Directories
	connectors  *provisioning.Connectors
	own         directory.Directory
	token       string
}

func atDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := &desk{World: w, t: t, connectors: provisioning.NewConnectors(w.Store)}
		d.directories = directory.New(w.Store, d.connectors)
		var err error
		d.own, d.token, err = d.directories.Add(w.Ctx, d.marieke(), directory.Draft{Name: "Entra", Kind: directory.Entra})
		d.must(err)
		_, err = federation.New(w.Store, w.Keys, d.directories.Resolve).AddDomain(w.Ctx, d.marieke(), "devries.example")
		d.must(err)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Domain{}).Where("name = ?", "devries.example").Update("verified_at", models.At(w.Now())).Error
		})
		test(t, d)
	})
}

func (d *desk) must(err error) {
	if err != nil {
		d.t.Helper()
		d.t.Fatal(err)
	}
}

// marieke manages De Vries; each time in a session of her own, for days pass.
func (d *desk) marieke() models.Actor { return d.ActorOf(d.SignIn("marieke")) }

func (d *desk) client() directory.Client {
	d.t.Helper()
	c, err := d.directories.Authenticate(d.Ctx, d.token)
	d.must(err)
	return c
}

// user adds somebody and gives his id.
func (d *desk) user(name string, more ...any) string {
	d.t.Helper()
	body := map[string]any{"userName": name}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	found, err := d.directories.CreateUser(d.Ctx, d.client(), body)
	d.must(err)
	return found.Resource["id"].(string)
}

// group adds a group with members and gives its id.
func (d *desk) group(name string, members ...string) string {
	d.t.Helper()
	list := []any{}
	for _, id := range members {
		list = append(list, map[string]any{"value": id})
	}
	found, err := d.directories.CreateGroup(d.Ctx, d.client(), map[string]any{"displayName": name, "members": list})
	d.must(err)
	return found.Resource["id"].(string)
}

// log keeps a request, of which each took a millisecond longer.
func (d *desk) log(n, status int) {
	d.t.Helper()
	for i := range n {
		d.must(d.directories.Log(d.Ctx, d.client(), directory.Exchange{Method: "GET", Target: fmt.Sprintf("/scim/v2/Users?filter=%d_", i), Status: status, Took: time.Duration(i+1) * time.Millisecond}))
	}
}

func (d *desk) report() directory.Report {
	d.t.Helper()
	r, err := d.directories.Report(d.Ctx, d.marieke(), d.own.ID, time.UTC)
	d.must(err)
	return r
}

func TestAReportCountsWhatHappened(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		if r := d.report(); r.State != directory.Unheard || len(r.Days) != directory.ReportDays || r.Latest.ID != "" {
			t.Errorf("nothing was heard, and it says %s, %d days, %q", r.State, len(r.Days), r.Latest.ID)
		}
		first := d.user("koen@devries.example", "displayName", "Koen Maes")
		d.log(2, 200)
		d.Advance(25 * time.Hour)
		d.user("nobody")
		_, err := d.directories.PatchUser(d.Ctx, d.client(), first, []directory.Operation{{Op: "replace", Path: "title", Value: "Driver", Given: true}}, nil)
		d.must(err)
		_, err = d.directories.PatchUser(d.Ctx, d.client(), first, []directory.Operation{{Op: "replace", Path: "active", Value: false, Given: true}}, nil)
		d.must(err)
		d.group("Drivers", first)
		d.log(3, 200)
		d.log(1, 409)
		r := d.report()
		today, yesterday := r.Days[len(r.Days)-1], r.Days[len(r.Days)-2]
		if yesterday.Joined != 1 || yesterday.Sum() != 1 || today.Joined != 2 || today.Changed != 1 || today.Gone != 1 {
			t.Errorf("counted %+v and %+v", yesterday, today)
		}
		if r.Latest.SubjectName != "Drivers" {
			t.Errorf("the latest is %q", r.Latest.SubjectName)
		}
		h := r.Health
		if h.Users != 2 || h.Active != 1 || h.Unmatched != 1 || h.Groups != 1 || h.Requests != 4 || h.Hour != 4 || h.Failures != 1 || h.Refused != 1 || h.Median != 2*time.Millisecond {
			t.Errorf("health is %+v", h)
		}
		if percent, ok := h.Accepted(); !ok || percent != 75 {
			t.Errorf("%v %% accepted", percent)
		}
		if r.State != directory.InSync {
			t.Errorf("it is %s", r.State)
		}
	})
}

func TestTheStateThatMattersMostIsTold(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.log(1, 200)
		is := func(want directory.State) {
			t.Helper()
			list, err := d.directories.Standings(d.Ctx, d.marieke())
			d.must(err)
			if len(list) != 1 || list[0].State != want {
				t.Errorf("it stands at %+v, and should at %s", list, want)
			}
		}
		is(directory.InSync)
		d.must(d.Companies.SetSilence(d.Ctx, d.marieke(), 5))
		d.Advance(5 * time.Hour)
		is(directory.InSync)
		d.Advance(time.Minute)
		is(directory.IsSilent)
		d.must(d.Companies.SetSilence(d.Ctx, d.marieke(), 0))
		is(directory.InSync)
		d.System(func(tx *store.Tx) error {
			return tx.Model(&directory.Directory{}).Where("company_id = ? AND id = ?", d.own.CompanyID, d.own.ID).Update("held_at", models.At(tx.Now())).Error
		})
		is(directory.IsHeld)
		d.must(d.directories.Pause(d.Ctx, d.marieke(), d.own.ID))
		is(directory.IsPaused)
	})
}

func TestWhyNobodyIsMatchedIsTold(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.user("koen@devries.example")
		d.user("koen.maes", "emails", []any{map[string]any{"value": "Koen@DeVries.example"}})
		d.user("lotte@elsewhere.example")
		d.user("badge-17")
		d.user("gone@devries.example", "active", false)
		page, err := d.directories.People(d.Ctx, d.marieke(), d.own.ID, directory.PeopleFilter{})
		d.must(err)
		want := map[string]directory.Doubt{"koen@devries.example": directory.NoDoubt, "koen.maes": directory.SomebodyElse, "lotte@elsewhere.example": directory.NotOurDomain,
			"badge-17": directory.NoAddress, "gone@devries.example": directory.NotLookedFor}
		if page.Total != 5 || len(page.List) != 5 {
			t.Fatalf("%d people, %d listed", page.Total, len(page.List))
		}
		for _, k := range page.List {
			if k.Doubt != want[k.UserName] {
				t.Errorf("%s: %q", k.UserName, k.Doubt)
			}
		}
		for which, n := range map[directory.Which]int64{directory.OfActive: 4, directory.OfInactive: 1, directory.Unmatched: 3, directory.OfRemovals: 0} {
			if page, err := d.directories.People(d.Ctx, d.marieke(), d.own.ID, directory.PeopleFilter{Which: which}); err != nil || page.Total != n {
				t.Errorf("%s are %d: %v", which, page.Total, err)
			}
		}
		found, err := d.directories.People(d.Ctx, d.marieke(), d.own.ID, directory.PeopleFilter{Text: "KOEN"})
		if err != nil || found.Total != 2 {
			t.Errorf("%d are found: %v", found.Total, err)
		}
		if found, err := d.directories.People(d.Ctx, d.marieke(), d.own.ID, directory.PeopleFilter{Text: "ko_n%"}); err != nil || found.Total != 0 {
			t.Errorf("signs of LIKE find %d: %v", found.Total, err)
		}
	})
}

func TestListsGoOnWhereThePageBeforeEnded(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		var ids []string
		for i := range models.PageSize + 3 {
			ids = append(ids, d.user(fmt.Sprintf("p%03d", i)))
		}
		group := d.group("All", append(ids, "somebody-to-come")...)
		var people []string
		filter := directory.PeopleFilter{}
		for range 3 {
			page, err := d.directories.People(d.Ctx, d.marieke(), d.own.ID, filter)
			d.must(err)
			for _, k := range page.List {
				people = append(people, k.ID)
			}
			if filter.After = page.Next; page.Next == "" {
				break
			}
		}
		if !slices.Equal(people, ids) {
			t.Errorf("%d people on all pages", len(people))
		}
		members, after := 0, ""
		for range 3 {
			one, err := d.directories.Group(d.Ctx, d.marieke(), d.own.ID, group, after)
			d.must(err)
			members += len(one.Members)
			if one.Users != models.PageSize+3 || one.Parked != 1 {
				t.Errorf("%d people and %d parked", one.Users, one.Parked)
			}
			if after = one.Next; after == "" {
				break
			}
		}
		if members != models.PageSize+4 {
			t.Errorf("%d members on all pages", members)
		}
		d.log(models.PageSize+2, 200)
		log, err := d.directories.Requests(d.Ctx, d.marieke(), d.own.ID, directory.LogFilter{})
		d.must(err)
		rest, err := d.directories.Requests(d.Ctx, d.marieke(), d.own.ID, directory.LogFilter{Before: log.Older})
		d.must(err)
		if len(log.List) != models.PageSize || len(rest.List) != 2 || rest.Older != "" {
			t.Errorf("%d requests, then %d", len(log.List), len(rest.List))
		}
		one, err := d.directories.Requests(d.Ctx, d.marieke(), d.own.ID, directory.LogFilter{Text: "filter=7_"})
		if err != nil || len(one.List) != 1 {
			t.Errorf("%d requests are found: %v", len(one.List), err)
		}
		if none, err := d.directories.Requests(d.Ctx, d.marieke(), d.own.ID, directory.LogFilter{Text: "filter=_"}); err != nil || len(none.List) != 0 {
			t.Errorf("signs of LIKE find %d requests: %v", len(none.List), err)
		}
	})
}

func TestGroupsAreToldThroughWhichOthersTheyAreReached(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		koen := d.user("koen@devries.example")
		inner := d.group("Drivers", koen)
		outer := d.group("Staff", inner)
		_, err := d.directories.PatchGroup(d.Ctx, d.client(), inner, []directory.Operation{{Op: "add", Path: "members", Value: []any{map[string]any{"value": outer}}, Given: true}}, nil, false)
		d.must(err) // a cycle
		person, err := d.directories.Person(d.Ctx, d.marieke(), d.own.ID, koen)
		d.must(err)
		var told []string
		for _, g := range person.Groups {
			told = append(told, g.DisplayName+"/"+g.Via)
		}
		if !slices.Equal(told, []string{"Drivers/", "Staff/Drivers"}) {
			t.Errorf("in %q", told)
		}
		_, err = d.connectors.Save(d.Ctx, d.marieke(), provisioning.Connector{Name: "Drivers are members", State: provisioning.On, Role: tenancy.Member,
			Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: d.Production.Organization},
			Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "drivers"}}, provisioning.Publishing{Confirmed: 100})
		d.must(err)
		for id, n := range map[string]int{inner: 1, outer: 0} {
			if g, err := d.directories.Group(d.Ctx, d.marieke(), d.own.ID, id, ""); err != nil || len(g.Connectors) != n || !g.Asked {
				t.Errorf("%s is used by %d: %v", g.DisplayName, len(g.Connectors), err)
			}
		}
	})
}

func TestADirectoryOfAnotherCompanyIsUnknown(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		user, group := d.user("koen@devries.example"), d.group("Drivers")
		d.log(1, 200)
		log, err := d.directories.Requests(d.Ctx, d.marieke(), d.own.ID, directory.LogFilter{})
		d.must(err)
		karin := func() models.Actor { return d.Actor("karin") }
		for what, ask := range map[string]func() error{
			"report": func() error { _, err := d.directories.Report(d.Ctx, karin(), d.own.ID, time.UTC); return err },
			"log": func() error {
				_, err := d.directories.Requests(d.Ctx, karin(), d.own.ID, directory.LogFilter{})
				return err
			},
			"request": func() error { _, err := d.directories.Request(d.Ctx, karin(), d.own.ID, log.List[0].ID); return err },
			"people": func() error {
				_, err := d.directories.People(d.Ctx, karin(), d.own.ID, directory.PeopleFilter{})
				return err
			},
			"person":   func() error { _, err := d.directories.Person(d.Ctx, karin(), d.own.ID, user); return err },
			"groups":   func() error { _, err := d.directories.Groups(d.Ctx, karin(), d.own.ID, "", ""); return err },
			"group":    func() error { _, err := d.directories.Group(d.Ctx, karin(), d.own.ID, group, ""); return err },
			"decision": func() error { return d.directories.Decide(d.Ctx, karin(), d.own.ID, false, 0) },
		} {
			if err := ask(); models.KindOf(err) != models.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		if list, err := d.directories.Standings(d.Ctx, karin()); err != nil || len(list) != 0 {
			t.Errorf("%d directories: %v", len(list), err)
		}
	})
}
