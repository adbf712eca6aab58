package provisioning_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/tenancy"
)

// speaks has a provider say something of a person, an hour after what came
// before. fields alternate between a name and a value; "" is no value.
func (f firm) speaks(who string, fields ...string) {
	f.T.Helper()
	f.Advance(time.Hour)
	in := f.said(who)
	in.Attributes = nil
	for i := 0; i+1 < len(fields); i += 2 {
		a := federation.Attribute{Name: fields[i]}
		if fields[i+1] != "" {
			a.Values = []string{fields[i+1]}
		}
		in.Attributes = append(in.Attributes, a)
	}
	no(f.T, f.comesIn(in, nothing))
}

func (f firm) warnings() provisioning.Warnings {
	f.T.Helper()
	w, err := f.connectors.Warnings(f.Ctx, f.Actor("marieke"))
	no(f.T, err)
	return w
}

// staff are people whom the provider knows.
func (f firm) staff() []string {
	for _, p := range [][3]string{{"daan", "Daan Mulder", "daan@devries.example"}, {"koen", "Koen Smit", "koen@devries.example"}, {"lies", "Lies Jansen", "lies@devries.example"}} {
		f.Person(p[0], p[1], p[2])
	}
	return []string{"daan", "koen", "lies"}
}

func (f firm) asking(name, attribute, value string) provisioning.Connector {
	c := f.rule(name, tenancy.Member, f.Production)
	c.Condition = provisioning.Condition{Attribute: attribute, Operator: provisioning.Is, Value: value}
	return c
}

func named(list []provisioning.Saved) (names []string) {
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names
}

// TestARuleThatNeverMatched is warned of; one that did once, or that is off, is
// not, and nothing is said while nobody is known.
func TestARuleThatNeverMatched(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		f.Person("daan", "Daan Mulder", "daan@devries.example")
		f.save(t, f.rule("Editors", tenancy.Member, f.Production))
		f.save(t, f.rule("Bakers", tenancy.Member, f.Production))
		off := f.rule("Pilots", tenancy.Member, f.Production)
		off.State = provisioning.Off
		f.save(t, off)
		if w := f.warnings(); len(w.Unmatched)+len(w.Unseen) != 0 {
			t.Errorf("with nobody known: %v %v", named(w.Unmatched), w.Unseen)
		}
		f.speaks("daan", "groups", "Editors")
		if got := named(f.warnings().Unmatched); !slices.Equal(got, []string{"Bakers"}) {
			t.Errorf("never matched: %q", got)
		}
		f.speaks("daan", "groups", "Others")
		if got := named(f.warnings().Unmatched); !slices.Equal(got, []string{"Bakers"}) {
			t.Errorf("once one matched no longer: %q", got)
		}
		if w, err := f.connectors.Warnings(f.Ctx, f.Actor("karin")); err != nil || len(w.Unmatched) != 0 {
			t.Errorf("another company sees %v %v", w, err)
		}
		_, err := f.connectors.Warnings(f.Ctx, f.Actor("jan"))
		f.Wants(err, models.Forbidden, "forbidden")
	})
}

func TestAValueNeverSeen(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		f.Person("daan", "Daan Mulder", "daan@devries.example")
		f.save(t, f.asking("Drivers", "department", "Transport"))
		f.save(t, f.asking("Typo", "department", "Tranport"))
		f.speaks("daan", "department", "Transport")
		unseen := f.warnings().Unseen
		if len(unseen) != 1 || unseen[0].Connector.Name != "Typo" || len(unseen[0].Conditions) != 1 || unseen[0].Conditions[0].Value != "Tranport" {
			t.Errorf("never seen: %+v", unseen)
		}
	})
}

// TestAnAttributeThatStoppedComing is told with when it came last and what
// depends on it, once enough people signed in without it who had it before.
func TestAnAttributeThatStoppedComing(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		people := f.staff()
		f.save(t, f.asking("Drivers", "department", "Transport"))
		f.save(t, f.asking("Elsewhere", "city", "Breda"))
		for _, p := range people {
			f.speaks(p, "department", "Transport", "title", "Driver")
		}
		last := models.At(f.Now())
		f.Person("nina", "Nina Bos", "nina@devries.example")
		f.speaks("nina", "title", "Guest") // never had it, and says nothing of it
		for i, p := range people {
			if w := f.warnings(); len(w.Stopped) != 0 {
				t.Fatalf("after %d: %+v", i, w.Stopped)
			}
			f.speaks(p, "city", "Breda")
		}
		stopped := f.warnings().Stopped
		if len(stopped) != 1 || stopped[0].Attribute != "department" || stopped[0].Source != "con_1" || !stopped[0].Since.Equal(last.Time) || stopped[0].People != 3 ||
			!slices.Equal(named(stopped[0].Connectors), []string{"Drivers"}) {
			t.Fatalf("stopped: %+v, it came last at %v", stopped, last)
		}
		f.speaks("koen", "department", "") // empty is an answer
		if w := f.warnings(); len(w.Stopped) != 0 {
			t.Errorf("it comes again: %+v", w.Stopped)
		}
	})
}

// TestOneOfAFewWithoutAnAttribute: where fewer people are known than it takes,
// all of them must come without it.
func TestOneOfAFewWithoutAnAttribute(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		f.staff()
		f.save(t, f.asking("Drivers", "department", "Transport"))
		f.speaks("daan", "department", "Transport")
		f.speaks("koen", "department", "Transport")
		f.speaks("daan", "city", "Breda")
		if w := f.warnings(); len(w.Stopped) != 0 {
			t.Errorf("one of two: %+v", w.Stopped)
		}
		f.speaks("koen", "city", "Breda")
		if w := f.warnings(); len(w.Stopped) != 1 || w.Stopped[0].People != 2 {
			t.Errorf("both: %+v", w.Stopped)
		}
	})
}

// TestGroupsOverTheLimitAreToldPerPerson, and are no attribute that stopped.
func TestGroupsOverTheLimitAreToldPerPerson(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		people := f.staff()
		f.save(t, f.rule("Editors", tenancy.Member, f.Production))
		for _, p := range people {
			f.speaks(p, "groups", "Editors")
		}
		for _, p := range people[:2] {
			f.speaks(p, "http://schemas.microsoft.com/claims/groups.link", "https://graph.windows.net/x")
		}
		w := f.warnings()
		if len(w.Overage) != 2 || w.Overage[0].Person.Name != "Daan Mulder" || w.Overage[0].Source != "con_1" || w.Overage[1].Person.Name != "Koen Smit" || len(w.Stopped) != 0 {
			t.Errorf("over the limit %+v, stopped %+v", w.Overage, w.Stopped)
		}
		for who, want := range map[string]bool{"daan": true, "lies": false} {
			one, err := f.connectors.KnownPerson(f.Ctx, f.Actor("marieke"), f.ID(who))
			if err != nil || one.Overage != want || one.Roles == 0 {
				t.Errorf("%s: %+v %v", who, one, err)
			}
		}
		f.speaks("lies", "http://schemas.microsoft.com/claims/groups.link", "https://graph.windows.net/x")
		if w := f.warnings(); len(w.Overage) != 3 || len(w.Stopped) != 0 {
			t.Errorf("of everybody: over the limit %+v, stopped %+v", w.Overage, w.Stopped)
		}
		f.speaks("daan", "groups", "Editors")
		if w := f.warnings(); len(w.Overage) != 2 {
			t.Errorf("after his groups came again: %+v", w.Overage)
		}
	})
}

// TestPeopleWithoutARoleAreKnownToTheirCompanyAlone: by what a source said, and
// by the reference that they are shown, which is the account's id.
func TestPeopleWithoutARoleAreKnownToTheirCompanyAlone(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		f.staff()
		no(t, f.Companies.SetPolicy(f.Ctx, f.Actor("marieke"), policy(tenancy.Authoritative, tenancy.NoMatchNone)))
		f.save(t, f.rule("Editors", tenancy.Member, f.Production))
		f.speaks("daan", "groups", "Others")
		seen := models.At(f.Now())
		f.speaks("koen", "groups", "Editors")
		list, err := f.connectors.Roleless(f.Ctx, f.Actor("marieke"))
		if err != nil || len(list) != 1 || list[0].Person.Name != "Daan Mulder" || !list[0].SeenAt.Equal(seen.Time) {
			t.Fatalf("without a role: %+v %v", list, err)
		}
		if _, err := f.connectors.WhyRole(f.Ctx, f.Actor("marieke"), f.ID("daan"), provisioning.Target{}, ""); err != nil {
			t.Errorf("why: %v", err)
		}
		for _, by := range []string{"karin", "sanne"} {
			if list, err := f.connectors.Roleless(f.Ctx, f.Actor(by)); err != nil || len(list) != 0 {
				t.Errorf("%s sees %+v %v", by, list, err)
			}
			_, err := f.connectors.KnownPerson(f.Ctx, f.Actor(by), f.ID("daan"))
			f.Wants(err, models.NotFound, "error.not_found")
			_, err = f.connectors.WhyRole(f.Ctx, f.Actor(by), f.ID("daan"), provisioning.Target{}, "")
			f.Wants(err, models.NotFound, "error.not_found")
		}
		_, err = f.connectors.KnownPerson(f.Ctx, f.Actor("marieke"), f.ID("lies"))
		f.Wants(err, models.NotFound, "error.not_found")
	})
}
