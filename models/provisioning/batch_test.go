package provisioning_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// sides are two connectors, of Staff in Production and of Staff in Acceptance,
// and what publishes one in place of both, for another group.
func (f firm) sides(t *testing.T) (production, acceptance provisioning.Saved, in provisioning.Batch) {
	t.Helper()
	production = f.publish(t, f.rule("Staff", tenancy.Member, f.Production)).Saved
	acceptance = f.publish(t, f.rule("Staff", tenancy.Member, f.Acceptance)).Saved
	no(t, f.connectors.Advance(f.Ctx))
	in = provisioning.Batch{Cause: provisioning.ConnectorsSaved, Save: []provisioning.Connector{f.rule("Even", tenancy.Superuser, f.Production)},
		Delete: []string{production.ID, acceptance.ID}}
	return production, acceptance, in
}

// halves makes n people of whom every second one is in Even.
func halves(t *testing.T, n int, test func(t *testing.T, f firm, ids []string)) {
	for name, atOnce := range map[string]int{"at once": 500, "by a run": 4} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, f firm) {
				f.connectors.Small(atOnce, 4)
				var ids []string
				f.System(func(tx *store.Tx) (err error) {
					ids, err = provisioning.Populate(tx, f.Production.Company, n, func(i int) []string {
						return []string{"Staff", []string{"Even", "Odd"}[i%2]}
					})
					return err
				})
				test(t, f, ids)
			})
		})
	}
}

func TestSeveralChangesArePublishedAndUndoneTogether(t *testing.T) {
	halves(t, 10, func(t *testing.T, f firm, ids []string) {
		production, acceptance, in := f.sides(t)
		before := f.allGrants(ids)
		by := f.Actor("marieke")
		seen, err := f.connectors.PreviewAll(f.Ctx, by, in)
		no(t, err)
		if seen.Gain != 5 || seen.Lose != 10 || seen.Before != 10 || seen.After != 5 || seen.Last == nil || seen.Last.People != 10 || len(seen.Last.Others) != 0 {
			t.Fatalf("foreseen %+v, %+v", seen.Effect, seen.Last)
		}
		done, err := f.connectors.SaveAll(f.Ctx, by, in, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		r := f.run(t, done.Run.ID)
		if r.Gained != 5 || r.Lost != 10 || r.SubjectName != "Even, Staff +1" || r.SubjectID != "" {
			t.Errorf("it did %+v", r)
		}
		if left := f.holding(ids); len(left) != 5 {
			t.Errorf("%q hold a role", left)
		}
		undone, err := f.connectors.Undo(f.Ctx, by, done.Run.ID, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		if after := f.allGrants(ids); !slices.Equal(after, before) {
			t.Errorf("undone, they hold\n%q, before\n%q", after, before)
		}
		list, err := f.connectors.List(f.Ctx, by)
		no(t, err)
		if len(list) != 2 || !slices.ContainsFunc(list, func(s provisioning.Saved) bool { return s.ID == production.ID }) ||
			!slices.ContainsFunc(list, func(s provisioning.Saved) bool { return s.ID == acceptance.ID }) {
			t.Errorf("undone, there are %+v", list)
		}
		_, err = f.connectors.Undo(f.Ctx, by, undone.Run.ID, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		if left := f.holding(ids); len(left) != 5 {
			t.Errorf("done once more, %q hold a role", left)
		}
	})
}

// allGrants are what people hold: role, place and connector.
func (f firm) allGrants(ids []string) (list []string) {
	for i, id := range ids {
		for _, g := range f.grants(id) {
			list = append(list, strconv.Itoa(i)+" "+g.RoleID+" "+g.OrganizationID+" "+string(g.Source)+" "+g.SourceID)
		}
	}
	slices.Sort(list)
	return list
}

// TestSeveralLastRulesAskOnceAndComeBackByUndoing: roles left by hand are given
// back each to the connector that gave it.
func TestSeveralLastRulesAskOnceAndComeBackByUndoing(t *testing.T) {
	halves(t, 6, func(t *testing.T, f firm, ids []string) {
		f.System(func(tx *store.Tx) error { // else evaluating would put right what undoing forgets
			return tx.Model(&tenancy.Company{}).Where("id <> ?", "").Update("ownership", tenancy.Additive).Error
		})
		production, acceptance, _ := f.sides(t)
		off := f.rule("Off", tenancy.Member, f.Production) // which is no other rule
		off.State = provisioning.Off
		f.publish(t, off)
		before := f.allGrants(ids)
		by := f.Actor("marieke")
		in := provisioning.Batch{Cause: provisioning.ConnectorsSaved, Delete: []string{production.ID, acceptance.ID}}
		_, err := f.connectors.SaveAll(f.Ctx, by, in, provisioning.Publishing{})
		var last *provisioning.LastRule
		if !errors.As(err, &last) || last.People != 6 || len(last.Others) != 1 {
			t.Fatalf("%+v %v", last, err)
		}
		done, err := f.connectors.SaveAll(f.Ctx, by, in, provisioning.Publishing{Leave: provisioning.KeepRoles})
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		if done.Run.LeftByHand != 12 || len(f.holding(ids)) != 6 {
			t.Fatalf("%d left by hand", done.Run.LeftByHand)
		}
		_, err = f.connectors.Undo(f.Ctx, by, done.Run.ID, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		if after := f.allGrants(ids); !slices.Equal(after, before) {
			t.Errorf("undone, they hold\n%q, before\n%q", after, before)
		}
	})
}

func TestSeveralChangesAreStoppedByBrakes(t *testing.T) {
	halves(t, 10, func(t *testing.T, f firm, ids []string) {
		_, _, in := f.sides(t)
		f.brake(tenancy.StandardPolicy.Brakes)
		before := f.allGrants(ids)
		_, err := f.connectors.SaveAll(f.Ctx, f.Actor("marieke"), in, anyway)
		var braked *provisioning.Braked
		if !errors.As(err, &braked) || braked.Weight != 10 {
			t.Fatalf("%v", err)
		}
		if after := f.allGrants(ids); !slices.Equal(after, before) {
			t.Errorf("they hold\n%q, before\n%q", after, before)
		}
		how := anyway
		how.Confirmed = 10
		_, err = f.connectors.SaveAll(f.Ctx, f.Actor("marieke"), in, how)
		no(t, err)
	})
}

// TestOfSeveralChangesAllOrNoneArePublished where one of them cannot be.
func TestOfSeveralChangesAllOrNoneArePublished(t *testing.T) {
	halves(t, 4, func(t *testing.T, f firm, ids []string) {
		production, _, in := f.sides(t)
		by := f.Actor("marieke")
		stale := production.Connector
		stale.Version = 7
		in.Save, in.Delete = append(in.Save, stale), in.Delete[:0]
		_, err := f.connectors.SaveAll(f.Ctx, by, in, anyway)
		f.Wants(err, models.Conflict, "provisioning.error.changed_meanwhile")
		in.Save[1] = f.rule("Staff", tenancy.Member, f.Zonneveld)
		if _, err = f.connectors.SaveAll(f.Ctx, by, in, anyway); models.KindOf(err) != models.Invalid {
			t.Errorf("in another company: %v", err)
		}
		in.Save, in.Delete = in.Save[:1], []string{"con_none"}
		if _, err = f.connectors.SaveAll(f.Ctx, by, in, anyway); models.KindOf(err) != models.NotFound {
			t.Errorf("a connector that is not: %v", err)
		}
		_, err = f.connectors.SaveAll(f.Ctx, by, provisioning.Batch{}, anyway)
		f.Wants(err, models.Invalid, "provisioning.error.batch_empty")
		if list, err := f.connectors.List(f.Ctx, by); err != nil || len(list) != 2 || list[0].Version != 1 || list[1].Version != 1 {
			t.Errorf("there are %+v (%v)", list, err)
		}
	})
}

// TestAPreviewSaysWhyARoleGoes: not what somebody has.
func TestAPreviewSaysWhyARoleGoes(t *testing.T) {
	crowd(t, 1, func(t *testing.T, f firm, ids []string) {
		f.connectors.Small(500, 4)
		saved := f.publish(t, f.rule("Staff", tenancy.Member, f.Production)).Saved
		f.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: f.Production.Company, OrganizationID: f.Production.Organization, AccountID: ids[0], RoleID: tenancy.Superuser, Source: tenancy.Manual}, "x")
		})
		role := provisioning.Change{Target: saved.Target, Role: tenancy.Member}
		by := f.Actor("marieke")
		why := func(p provisioning.Preview, err error) provisioning.Reason {
			t.Helper()
			no(t, err)
			if len(p.Changes) != 1 {
				t.Fatalf("%+v", p.Effect)
			}
			return p.Changes[0].Why[role]
		}
		other := saved.Connector
		other.Condition = provisioning.Condition{All: []provisioning.Condition{f.rule("Staff", "", f.Production).Condition, f.rule("Board", "", f.Production).Condition}}
		got := why(f.connectors.Preview(f.Ctx, by, other))
		if got.Ground != provisioning.MatchesNot || got.Trace.Fails().Value != "Board" {
			t.Errorf("it fails: %+v", got)
		}
		off := saved.Connector
		off.State = provisioning.Off
		if got := why(f.connectors.Preview(f.Ctx, by, off)); got.Ground != provisioning.ConnectorOff {
			t.Errorf("it is off: %+v", got)
		}
		off.State, off.Role = provisioning.On, tenancy.Superuser
		if got := why(f.connectors.Preview(f.Ctx, by, off)); got.Ground != provisioning.GivesOther {
			t.Errorf("it gives another: %+v", got)
		}
		if got := why(f.connectors.PreviewDelete(f.Ctx, by, saved.ID)); got.Ground != provisioning.ConnectorGone || got.Connector != "Staff" {
			t.Errorf("it is gone: %+v", got)
		}
	})
}
