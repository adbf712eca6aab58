package delegation_test

import (
	"fmt"
	"slices"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// gives grants a delegation at Zonneveld for an address.
func gives(w *modelstest.World, email string, in delegation.Proposal) delegation.Delegation {
	w.T.Helper()
	in.Email, in.Period = email, delegation.Month
	d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), in)
	if err != nil {
		w.T.Fatal(err)
	}
	return d
}

// helper registers a role in organizations that visitors can have.
func helper(w *modelstest.World) {
	w.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Role{ID: "rol_helper", Level: models.OrganizationLevel, Key: "helper", Name: "Helper", Permissions: `["members.manage"]`, CreatedAt: models.At(w.Now())}).Error
	})
}

func TestSeveralAreNarrowedEachByItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		member := gives(w, "sanne@kade.example", delegation.Proposal{})
		both := gives(w, "thomas@kade.example", delegation.Proposal{Chosen: true, Roles: []string{"rol_planner"}, Applications: []string{"app_stock"}, LaterApplications: true})
		alone := gives(w, "anna@elsewhere.example", delegation.Proposal{Chosen: true, Roles: []string{"rol_planner"}})
		foreign := w.Delegate("jan", "thomas", delegation.Month)
		wants(w, tenancy.Hosting{Approval: true}) // what narrows waits for nobody
		var chosen []delegation.Chosen
		for _, d := range []delegation.Delegation{member, both, alone, foreign} {
			chosen = append(chosen, delegation.Chosen{ID: d.ID, Version: d.Version})
		}
		for want, away := range map[string]delegation.Narrowing{
			"[role: delegation.error.narrow_what]":   {},
			"[role: delegation.error.narrow_choice]": {Roles: []string{tenancy.Member}},
		} {
			_, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), chosen, away)
			w.Wants(err, models.Invalid, want)
			_, err = w.Delegations.PreviewNarrow(w.Ctx, w.Actor("karin"), []string{both.ID}, away)
			w.Wants(err, models.Invalid, want)
		}
		for _, away := range []delegation.Narrowing{{Roles: []string{"rol_nowhere"}}, {Applications: []string{"app_nowhere"}}, {Roles: []string{tenancy.Manager}}} {
			_, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), chosen, away)
			w.Wants(err, models.Invalid, "[role: delegation.error.narrow_choice]")
		}
		away := delegation.Narrowing{Roles: []string{"rol_planner"}}
		_, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("ria"), chosen, away)
		w.Wants(err, models.Forbidden, "error.forbidden")
		preview, err := w.Delegations.PreviewNarrow(w.Ctx, w.Actor("karin"), []string{member.ID, both.ID, alone.ID, foreign.ID}, away)
		no(t, err)
		if len(preview) != 3 || w.Count(w.Zonneveld, event.DelegationAmended) != 0 {
			t.Fatalf("the preview: %+v", preview)
		}
		out, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), chosen, away)
		no(t, err)
		for i, want := range []string{"delegation.error.narrow_none", "", "delegation.error.narrow_all", "error.not_found"} {
			got := ""
			if out[i].Failure != nil {
				got = out[i].Failure.Key
			}
			if got != want || out[i].Waits {
				t.Errorf("%d: %q, want %q", i, got, want)
			}
		}
		now := read(w, both.ID)
		if sees(now.Prospect) != "Stock: clerk" || !now.AllApplications || !slices.ContainsFunc(now.Roles, func(r tenancy.Role) bool { return r.ID == tenancy.Member }) {
			t.Errorf("it gives %q, %v", sees(now.Prospect), now.RoleNames)
		}
		for _, p := range preview {
			if p.ID == both.ID && sees(p.After.Prospect) != "Stock: clerk" {
				t.Errorf("the preview promised %q", sees(p.After.Prospect))
			}
		}
		use(w, "app_fleet")
		if got := sees(read(w, both.ID).Prospect); got != "Fleet: driver, Stock: clerk" {
			t.Errorf("with a later one it gives %q", got)
		}
		if sees(read(w, alone.ID).Prospect) != "Planning: planner" || w.Count(w.Zonneveld, event.DelegationAmended) != 1 || w.Count(w.Production, event.DelegationAmended) != 0 {
			t.Errorf("events: %v", w.Events(w.Zonneveld))
		}
		out, err = w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), chosen[1:2], delegation.Narrowing{Applications: []string{"app_stock"}})
		no(t, err)
		if out[0].Failure == nil || out[0].Failure.Key != "delegation.error.changed" {
			t.Errorf("with the version of before: %+v", out)
		}
	})
}

// The mails and the event are those of a single amendment, and say what was lost.
func TestWhatIsNarrowedIsToldAsAnAmendment(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		d := w.Delegate("karin", "sanne", delegation.Month)
		out, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), []delegation.Chosen{{ID: d.ID, Version: d.Version}}, delegation.Narrowing{Applications: []string{"app_stock"}, LaterApplications: true})
		no(t, err)
		if out[0].Failure != nil {
			t.Fatalf("refused: %+v", out[0].Failure)
		}
		var told int
		w.System(func(tx *store.Tx) error {
			var mails []mail.Mail
			if err := tx.Where("kind = ?", mail.AmendedKind).Find(&mails).Error; err != nil {
				return err
			}
			for _, m := range mails {
				content, err := m.Content()
				if err != nil {
					return err
				}
				c := content.(mail.Amended)
				if !slices.Equal(c.Applications, []string{"Planning"}) || !slices.Equal(c.ApplicationsBefore, []string{"Planning", "Stock"}) || c.Widened {
					t.Errorf("%s is told %+v", m.Recipient, c)
				}
				told++
			}
			return nil
		})
		if told < 2 { // another superuser, and the consultant
			t.Errorf("%d were told", told)
		}
		if opens := read(w, d.ID); opens.AllApplications || sees(opens.Prospect) != "Planning: viewer" {
			t.Errorf("it gives %q", sees(opens.Prospect))
		}
	})
}

// What is left is as one would have chosen it: the form of a change shows it, and
// changes nothing.
func TestWhatIsLeftIsAsOneWouldHaveChosenIt(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	apps(w)
	for i, in := range []delegation.Proposal{
		{},
		{Chosen: true, Roles: []string{"rol_planner"}, LaterApplications: true},
		{Chosen: true, Roles: []string{"rol_planner"}, Applications: []string{"app_stock"}, LaterApplications: true},
	} {
		d := gives(w, fmt.Sprintf("p%d@kade.example", i), in)
		before := sees(read(w, d.ID).Prospect)
		out, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), []delegation.Chosen{{ID: d.ID, Version: d.Version}}, delegation.Narrowing{LaterApplications: true})
		no(t, err)
		if got := read(w, d.ID); out[0].Failure != nil || got.AllApplications || sees(got.Prospect) != before {
			t.Errorf("%+v: %+v, and it gives %q", in, out, sees(got.Prospect))
		}
		a, err := w.Delegations.Compare(w.Ctx, w.Actor("karin"), d.ID, read(w, d.ID).Proposal())
		no(t, err)
		if !a.Nothing() {
			t.Errorf("%+v: what stands is %+v, and the form says %+v", in, a.Before.Terms, a.After.Terms)
		}
	}
}

// Whatever is taken away from whichever delegation: it is gone, and nothing is
// there that was not.
func TestNarrowingNeverWidens(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	apps(w)
	helper(w)
	var ids []string
	for i, in := range []delegation.Proposal{
		{},
		{Roles: []string{"rol_helper"}},
		{Chosen: true, Roles: []string{"rol_planner"}},
		{Chosen: true, Roles: []string{"rol_planner", "rol_viewer", "rol_helper"}},
		{Chosen: true, Roles: []string{"rol_planner"}, LaterApplications: true},
		{Chosen: true, Roles: []string{"rol_planner", "rol_viewer"}, Applications: []string{"app_stock"}, LaterApplications: true},
		{Chosen: true, Applications: []string{"app_planning", "app_stock"}},
		{Chosen: true, Applications: []string{"app_stock"}, LaterApplications: true},
		{Chosen: true, LaterApplications: true},
	} {
		ids = append(ids, gives(w, fmt.Sprintf("p%d@kade.example", i), in).ID)
	}
	w.System(func(tx *store.Tx) error { // a role that was given once, and is not for visitors any more
		return tx.Model(&tenancy.Role{}).Where("id = ?", "rol_viewer").Update("not_for_visitors", true).Error
	})
	things := []string{"rol_planner", "rol_viewer", "rol_clerk", "rol_helper", "app_planning", "app_stock", "app_fleet", "later"}
	for set := 1; set < 1<<len(things); set++ {
		var away delegation.Narrowing
		for i, thing := range things {
			switch {
			case set&(1<<i) == 0:
			case thing == "later":
				away.LaterApplications = true
			case thing[:3] == "app":
				away.Applications = append(away.Applications, thing)
			default:
				away.Roles = append(away.Roles, thing)
			}
		}
		list, err := w.Delegations.PreviewNarrow(w.Ctx, w.Actor("karin"), ids, away)
		no(t, err)
		for _, one := range list {
			if one.Failure != nil {
				continue
			}
			if wrong := wider(one.Before, one.After, away); wrong != "" {
				t.Fatalf("%s of %+v taken from %+v: %+v", wrong, away, one.Before.Terms, one.After.Terms)
			}
		}
	}
}

// wider names what a narrowing left of what it was to take, or what it brought.
func wider(before, after delegation.Side, away delegation.Narrowing) string {
	was, is := map[string]bool{}, map[string]bool{}
	for _, side := range []struct {
		delegation.Side
		into map[string]bool
	}{{before, was}, {after, is}} {
		for _, r := range side.Prospect.Roles {
			side.into[r.ID] = true
		}
		side.into[tenancy.Member] = true // comes with every role
		for _, a := range side.Prospect.Applications {
			side.into[a.ID] = true
			for _, r := range a.Roles {
				side.into[a.ID+"/"+r.ID] = true
			}
		}
		side.into["later"] = side.AllApplications
	}
	for thing, there := range is {
		if there && !was[thing] {
			return "new: " + thing
		}
	}
	for _, app := range away.Applications {
		if is[app] {
			return "left: " + app
		}
	}
	for _, role := range away.Roles {
		if slices.Contains(after.Roles, role) || is[role] || is["app_planning/"+role] || is["app_stock/"+role] {
			return "left: " + role
		}
	}
	if away.LaterApplications && is["later"] {
		return "left: later"
	}
	return ""
}

// A role that is for visitors no more gives nothing: where it alone would be left, the
// delegation has to be revoked.
func TestWhatGivesNothingIsNotWorthKeeping(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		helper(w)
		d := gives(w, "sanne@kade.example", delegation.Proposal{Chosen: true, Roles: []string{"rol_helper", "rol_planner"}})
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Role{}).Where("id = ?", "rol_helper").Update("not_for_visitors", true).Error
		})
		out, err := w.Delegations.NarrowAll(w.Ctx, w.Actor("karin"), []delegation.Chosen{{ID: d.ID, Version: d.Version}}, delegation.Narrowing{Roles: []string{"rol_planner"}})
		no(t, err)
		if out[0].Failure == nil || out[0].Failure.Key != "delegation.error.narrow_all" {
			t.Errorf("narrowed to nothing: %+v", out)
		}
	})
}
