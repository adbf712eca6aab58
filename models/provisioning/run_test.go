package provisioning_test

import (
	"errors"
	"slices"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// crowd is a firm with n people of the group Staff, whose runs go on after the
// change, four people at a time.
func crowd(t *testing.T, n int, test func(t *testing.T, f firm, ids []string)) {
	each(t, func(t *testing.T, f firm) {
		f.connectors.Small(4, 4)
		var ids []string
		f.System(func(tx *store.Tx) (err error) {
			ids, err = provisioning.Populate(tx, f.Production.Company, n, func(int) []string { return []string{"Staff"} })
			return err
		})
		test(t, f, ids)
	})
}

// holding are those of the people who have a role in Production.
func (f firm) holding(ids []string) (list []string) {
	f.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Grant{}).Distinct("account_id").Where("organization_id = ? AND account_id IN ?", f.Production.Organization, ids).
			Order("account_id").Pluck("account_id", &list).Error
	})
	return list
}

func (f firm) run(t testing.TB, id string) provisioning.Run {
	t.Helper()
	r, _, _, err := f.connectors.Run(f.Ctx, f.Actor("marieke"), id)
	no(t, err)
	return r
}

func (f firm) publish(t *testing.T, c provisioning.Connector) provisioning.Published {
	t.Helper()
	done, err := f.connectors.Save(f.Ctx, f.Actor("marieke"), c, anyway)
	no(t, err)
	return done
}

// parts does so many parts of the runs that are under way.
func (f firm) parts(t *testing.T, n int) {
	t.Helper()
	for range n {
		no(t, f.connectors.Part(f.Ctx))
	}
}

func TestALargeChangeIsARunThatGoesOnAfterIt(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		if done.Run.State != provisioning.Running || done.Run.Known != 10 || len(f.holding(ids)) != 0 {
			t.Fatalf("the change did %+v for %d", done.Run, len(f.holding(ids)))
		}
		f.parts(t, 1)
		if r := f.run(t, done.Run.ID); r.Done != 4 || r.Gained != 4 || r.Percent() != 40 || len(f.holding(ids)) != 4 {
			t.Fatalf("after a part: %+v, %d have it", r, len(f.holding(ids)))
		}
		no(t, f.connectors.Advance(f.Ctx))
		if r := f.run(t, done.Run.ID); r.State != provisioning.RunDone || r.Done != 10 || r.Gained != 10 || r.EndedAt == nil || len(f.holding(ids)) != 10 {
			t.Errorf("in the end: %+v, %d have it", r, len(f.holding(ids)))
		}
		if f.Count(f.Production, event.RoleGranted) < 10 {
			t.Error("not each role left its event")
		}
	})
}

func TestARunSurvivesARestart(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		f.parts(t, 1)
		again := provisioning.NewConnectors(f.Store) // as a new process has it
		no(t, again.Advance(f.Ctx))
		if r := f.run(t, done.Run.ID); r.State != provisioning.RunDone || r.Gained != 10 || len(f.holding(ids)) != 10 {
			t.Errorf("after the restart: %+v, %d have it", r, len(f.holding(ids)))
		}
	})
}

func TestARunIsCanceledAndResumed(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		f.parts(t, 1)
		by := f.Actor("marieke")
		no(t, f.connectors.Cancel(f.Ctx, by, done.Run.ID))
		no(t, f.connectors.Advance(f.Ctx))
		if r := f.run(t, done.Run.ID); r.State != provisioning.Canceled || r.Left() != 6 || len(f.holding(ids)) != 4 {
			t.Fatalf("canceled: %+v, %d have it", r, len(f.holding(ids)))
		}
		f.Wants(f.connectors.Cancel(f.Ctx, by, done.Run.ID), models.Conflict, "provisioning.error.run_over")
		f.Wants(f.connectors.Cancel(f.Ctx, f.Actor("karin"), done.Run.ID), models.NotFound, "error.not_found")
		no(t, f.connectors.Resume(f.Ctx, by, done.Run.ID, 0))
		no(t, f.connectors.Advance(f.Ctx))
		if r := f.run(t, done.Run.ID); r.State != provisioning.RunDone || len(f.holding(ids)) != 10 {
			t.Errorf("resumed: %+v, %d have it", r, len(f.holding(ids)))
		}
		f.Wants(f.connectors.Resume(f.Ctx, by, done.Run.ID, 0), models.Conflict, "provisioning.error.run_over")
	})
}

func TestALaterChangeTakesTheRunsPlace(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		first := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		f.parts(t, 1)
		off := first.Saved.Connector
		off.State = provisioning.Off
		second := f.publish(t, off)
		no(t, f.connectors.Advance(f.Ctx))
		if a, b := f.run(t, first.Run.ID), f.run(t, second.Run.ID); a.State != provisioning.Superseded || b.State != provisioning.RunDone || b.Lost != 4 {
			t.Errorf("the first %+v, the second %+v", a, b)
		}
		if left := f.holding(ids); len(left) != 0 {
			t.Errorf("%q keep a role that no rule gives", left)
		}
	})
}

func TestSomebodyWhoCannotBeEvaluatedDoesNotHoldUpTheOthers(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		f.System(func(tx *store.Tx) error { return provisioning.Spoil(tx, f.Production.Company, ids[5]) })
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		no(t, f.connectors.Advance(f.Ctx))
		r, failures, _, err := f.connectors.Run(f.Ctx, f.Actor("marieke"), done.Run.ID)
		no(t, err)
		if r.State != provisioning.RunDone || r.Failed != 1 || r.Gained != 9 || len(failures) != 1 || failures[0].AccountID != ids[5] || failures[0].Reference == "" {
			t.Errorf("%+v, failed %+v", r, failures)
		}
		if holding := f.holding(ids); len(holding) != 9 || slices.Contains(holding, ids[5]) {
			t.Errorf("%q have it", holding)
		}
	})
}

// TestOneWhoseWritingFailsIsPassedOver: what cannot be written for one person is
// tried for each of the others by himself.
func TestOneWhoseWritingFailsIsPassedOver(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		broken := errors.New("not for him")
		f.Store.React(event.RoleGranted, func(_ *store.Tx, about store.About) error {
			if about.ID == ids[2] {
				return broken
			}
			return nil
		})
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		no(t, f.connectors.Advance(f.Ctx))
		if r := f.run(t, done.Run.ID); r.State != provisioning.RunDone || r.Failed != 1 || r.Done != 10 || r.Gained != 9 {
			t.Errorf("%+v", r)
		}
		if holding := f.holding(ids); len(holding) != 9 || slices.Contains(holding, ids[2]) {
			t.Errorf("%q have it", holding)
		}
	})
}

func TestASignInDuringARunGoesByTheNewRules(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		first := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		no(t, f.connectors.Advance(f.Ctx))
		off := first.Saved.Connector
		off.State = provisioning.Off
		f.publish(t, off)
		no(t, f.comesIn(f.said("anna", "Staff"), func() {}))
		var roles int64
		f.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Grant{}).Where("account_id = ? AND source = ?", f.ID("anna"), tenancy.Rule).Count(&roles).Error
		})
		if roles != 0 {
			t.Error("she got a role by a rule that is off")
		}
	})
}

func TestARunThatWouldDoMoreThanWasForeseenIsHeld(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		f.brake(tenancy.StandardPolicy.Brakes)
		saved := f.publish(t, f.rule("Staff", tenancy.Member, f.Production)).Saved
		// Nobody has a role yet: switching it off takes nothing, and asks nothing.
		off := saved.Connector
		off.State = provisioning.Off
		held, err := f.connectors.Save(f.Ctx, f.Actor("marieke"), off, provisioning.Publishing{})
		no(t, err)
		f.System(func(tx *store.Tx) error { // what a sign-in did between the look and the run
			var rows []tenancy.Grant
			for _, id := range ids {
				rows = append(rows, tenancy.Grant{OrganizationID: f.Production.Organization, AccountID: id, RoleID: tenancy.Member, Source: tenancy.Rule, SourceID: saved.ID})
			}
			return tenancy.InsertGrants(tx, f.Production.Company, rows)
		})
		no(t, f.connectors.Advance(f.Ctx))
		if r := f.run(t, held.Run.ID); r.State != provisioning.RunHeld || r.Lost != 0 || len(f.holding(ids)) != 10 {
			t.Fatalf("%+v, %d have it", r, len(f.holding(ids)))
		}
		by := f.Actor("marieke")
		f.Wants(f.connectors.Resume(f.Ctx, by, held.Run.ID, 3), models.Invalid, "error.invalid")
		no(t, f.connectors.Resume(f.Ctx, by, held.Run.ID, 10))
		no(t, f.connectors.Advance(f.Ctx))
		if r := f.run(t, held.Run.ID); r.State != provisioning.RunDone || r.Lost != 10 || len(f.holding(ids)) != 0 {
			t.Errorf("let go on: %+v, %d have it", r, len(f.holding(ids)))
		}
	})
}

func TestABrakeStopsAChangeUntilTheNumberOfPeopleIsTyped(t *testing.T) {
	for name, atOnce := range map[string]int{"at once": 500, "by a run": 4} {
		t.Run(name, func(t *testing.T) {
			crowd(t, 40, func(t *testing.T, f firm, ids []string) {
				f.connectors.Small(atOnce, 4)
				f.brake(tenancy.StandardPolicy.Brakes)
				saved := f.publish(t, f.rule("Staff", tenancy.Member, f.Production)).Saved
				no(t, f.connectors.Advance(f.Ctx))
				off := saved.Connector
				off.State = provisioning.Off
				by := f.Actor("marieke")
				preview, err := f.connectors.Preview(f.Ctx, by, off)
				no(t, err)
				if !preview.Asks() || preview.Weight != 40 || preview.Lose != 40 {
					t.Fatalf("the preview says %+v", preview.Effect)
				}
				for _, confirmed := range []int{0, 39, 41} {
					_, err := f.connectors.Save(f.Ctx, by, off, provisioning.Publishing{Confirmed: confirmed, Leave: provisioning.RevokeRoles})
					var braked *provisioning.Braked
					if !errors.As(err, &braked) || braked.Weight != 40 || models.KindOf(err) != models.Conflict {
						t.Fatalf("with %d confirmed: %v", confirmed, err)
					}
				}
				if len(f.holding(ids)) != 40 {
					t.Fatal("what was stopped took roles")
				}
				if now, _, err := f.connectors.Get(f.Ctx, by, saved.ID); err != nil || now.State != provisioning.On || now.Version != 1 {
					t.Fatalf("half saved: %+v, %v", now.Connector, err)
				}
				_, err = f.connectors.Save(f.Ctx, by, off, provisioning.Publishing{Confirmed: 40, Leave: provisioning.RevokeRoles})
				no(t, err)
				no(t, f.connectors.Advance(f.Ctx))
				if len(f.holding(ids)) != 0 {
					t.Error("confirmed, and the roles stay")
				}
			})
		})
	}
}

func TestABrakeStopsMakingMoreThanFivePeopleSuperuser(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		f.connectors.Small(500, 4)
		f.brake(tenancy.StandardPolicy.Brakes)
		rule := f.rule("Staff", tenancy.Superuser, f.Production)
		_, err := f.connectors.Save(f.Ctx, f.Actor("marieke"), rule, provisioning.Publishing{})
		var braked *provisioning.Braked
		if !errors.As(err, &braked) || braked.Raise != 10 || braked.Weight != 10 {
			t.Fatalf("%v", err)
		}
		member := f.rule("Staff", tenancy.Member, f.Production)
		if _, err := f.connectors.Save(f.Ctx, f.Actor("marieke"), member, provisioning.Publishing{}); err != nil {
			t.Errorf("who becomes a member is not raised: %v", err)
		}
	})
}

// TestTheLastRuleRemovedAsksKeepOrRevoke is the edge case of that name.
func TestTheLastRuleRemovedAsksKeepOrRevoke(t *testing.T) {
	for _, choice := range []provisioning.Leave{provisioning.KeepRoles, provisioning.RevokeRoles} {
		t.Run(string(choice), func(t *testing.T) {
			crowd(t, 3, func(t *testing.T, f firm, ids []string) {
				saved := f.publish(t, f.rule("Staff", tenancy.Member, f.Production)).Saved
				other := f.publish(t, f.rule("Guests", tenancy.Member, f.Production)).Saved
				by := f.Actor("marieke")
				_, err := f.connectors.Delete(f.Ctx, by, other.ID, provisioning.Publishing{})
				no(t, err) // another one is left, and this one gave nothing
				_, err = f.connectors.Delete(f.Ctx, by, saved.ID, provisioning.Publishing{})
				var last *provisioning.LastRule
				if !errors.As(err, &last) || last.People != 3 || len(f.holding(ids)) != 3 {
					t.Fatalf("%v", err)
				}
				done, err := f.connectors.Delete(f.Ctx, by, saved.ID, provisioning.Publishing{Leave: choice})
				no(t, err)
				want := 0
				if choice == provisioning.KeepRoles {
					want = 3
				}
				if left := f.holding(ids); len(left) != want || int(done.Run.LeftByHand) != want {
					t.Fatalf("%q have the role, %d left by hand", left, done.Run.LeftByHand)
				}
				if choice != provisioning.KeepRoles {
					return
				}
				for _, g := range f.grants(ids[0]) {
					if g.OrganizationID != "" && g.Source != tenancy.Manual {
						t.Errorf("it stays as %+v", g)
					}
				}
				_, err = f.connectors.Undo(f.Ctx, by, done.Run.ID, anyway)
				no(t, err)
				for _, g := range f.grants(ids[0]) {
					if g.OrganizationID != "" && (g.Source != tenancy.Rule || g.SourceID != saved.ID) {
						t.Errorf("undone, it is %+v", g)
					}
				}
			})
		})
	}
}

func (f firm) grants(person string) (list []tenancy.Grant) {
	f.System(func(tx *store.Tx) error {
		return tx.Where("account_id = ?", person).Order("organization_id, role_id").Find(&list).Error
	})
	return list
}

func TestUndoGivesBackTheRolesByHandThatAChangeTook(t *testing.T) {
	crowd(t, 3, func(t *testing.T, f firm, ids []string) {
		f.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: f.Production.Company, OrganizationID: f.Production.Organization, AccountID: ids[1], RoleID: tenancy.Superuser, Source: tenancy.Manual}, "x")
		})
		by := f.Actor("marieke")
		done := f.publish(t, f.rule("Nobody", tenancy.Member, f.Production)) // the first rule here: roles by hand go
		if len(f.holding(ids)) != 0 {
			t.Fatal("the role by hand stayed")
		}
		undone, err := f.connectors.Undo(f.Ctx, by, done.Run.ID, anyway)
		no(t, err)
		if held := f.grants(ids[1]); !slices.ContainsFunc(held, func(g tenancy.Grant) bool { return g.RoleID == tenancy.Superuser && g.Source == tenancy.Manual }) {
			t.Errorf("he has %+v", held)
		}
		if r := f.run(t, done.Run.ID); r.UndoneBy != undone.Run.ID {
			t.Errorf("%+v is not marked", r)
		}
		_, err = f.connectors.Undo(f.Ctx, by, done.Run.ID, anyway)
		f.Wants(err, models.Conflict, "provisioning.error.undo_not_last")
		_, err = f.connectors.Undo(f.Ctx, by, undone.Run.ID, anyway) // undoing what was undone does it again
		no(t, err)
		if len(f.holding(ids)) != 0 {
			t.Error("done again, and the role by hand stayed")
		}
		list, err := f.connectors.List(f.Ctx, by)
		no(t, err)
		if len(list) != 1 || list[0].Name != "Nobody" || list[0].State != provisioning.On {
			t.Errorf("done again: %+v", list)
		}
	})
}

func TestUndoIsRefusedOnceTheConnectorChanged(t *testing.T) {
	crowd(t, 3, func(t *testing.T, f firm, ids []string) {
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		off := done.Saved.Connector
		off.State = provisioning.Off
		last := f.publish(t, off)
		off.Version, off.Note = 2, "kept for later" // touches nobody, and so is no publication
		f.publish(t, off)
		_, err := f.connectors.Undo(f.Ctx, f.Actor("marieke"), last.Run.ID, anyway)
		f.Wants(err, models.Conflict, "provisioning.error.undo_changed")
		_, err = f.connectors.Undo(f.Ctx, f.Actor("karin"), last.Run.ID, anyway)
		f.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestUndoingARunThatIsUnderWayLeavesNothingOfIt(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		f.parts(t, 1)
		_, err := f.connectors.Undo(f.Ctx, f.Actor("marieke"), done.Run.ID, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		if left := f.holding(ids); len(left) != 0 {
			t.Errorf("%q keep it", left)
		}
	})
}

// TestTheLastManagerKeepsTheRoleAndIsTold: never locked out.
func TestTheLastManagerKeepsTheRoleAndIsTold(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		no(t, f.comesIn(f.said("marieke", "Staff"), func() {}))
		managers := provisioning.Connector{Name: "Managers", State: provisioning.On, Role: tenancy.Manager, Target: provisioning.Target{Level: models.CompanyLevel},
			Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "Directors"}}
		done := f.publish(t, managers)
		if done.Run.Kept != 1 || len(done.Changes) != 1 || len(done.Changes[0].Held) != 1 {
			t.Fatalf("%+v", done)
		}
		mails := f.Mails(mail.HeldKind)
		if len(mails) != 1 || mails[0].Recipient != "marieke@devries.example" {
			t.Fatalf("mail: %+v", mails)
		}
		again := done.Saved.Connector
		again.Note = "Again"
		f.publish(t, again)
		if n := len(f.Mails(mail.HeldKind)); n != 1 {
			t.Errorf("she is told %d times", n)
		}
	})
}

func TestUndoingMoreThanWasDoneAsksForTheNumberOfPeople(t *testing.T) {
	for name, atOnce := range map[string]int{"at once": 500, "by a run": 4} {
		t.Run(name, func(t *testing.T) {
			crowd(t, 40, func(t *testing.T, f firm, ids []string) {
				f.connectors.Small(atOnce, 4)
				nobody := f.publish(t, f.rule("Nobody", tenancy.Member, f.Acceptance))
				no(t, f.connectors.Advance(f.Ctx))
				f.brake(tenancy.StandardPolicy.Brakes)
				by := f.Actor("marieke")
				no(t, f.Store.Write(f.Ctx, by, models.ManageConnectors, func(tx *store.Tx) error { // a rule that nobody was evaluated by yet
					_, err := provisioning.Keep(tx, f.rule("Staff", tenancy.Superuser, f.Production), "")
					return err
				}))
				_, err := f.connectors.Undo(f.Ctx, by, nobody.Run.ID, provisioning.Publishing{})
				no(t, f.connectors.Advance(f.Ctx))
				var braked *provisioning.Braked
				open, _ := f.connectors.Unfinished(f.Ctx, by)
				if !errors.As(err, &braked) && (open == nil || open.State != provisioning.RunHeld) || len(f.holding(ids)) > 5 {
					t.Fatalf("undoing what touched nobody made %d people superuser: %v", len(f.holding(ids)), err)
				}
			})
		})
	}
}

func TestNobodyUndoesWhileAnotherRunIsHeld(t *testing.T) {
	crowd(t, 10, func(t *testing.T, f firm, ids []string) {
		first := f.publish(t, f.rule("Nobody", tenancy.Member, f.Production))
		no(t, f.connectors.Advance(f.Ctx))
		f.brake(tenancy.StandardPolicy.Brakes)
		no(t, f.connectors.CatchUp(f.Ctx, provisioning.Evaluation{Company: f.Production.Company}))
		f.System(func(tx *store.Tx) error {
			return tx.Model(&provisioning.Run{}).Where("cause = ?", provisioning.RolesOrdered).Update("state", provisioning.RunHeld).Error
		})
		_, err := f.connectors.Undo(f.Ctx, f.Actor("marieke"), first.Run.ID, anyway)
		f.Wants(err, models.Conflict, "provisioning.error.undo_held")
	})
}

// TestUndoGivesNobodyARoleThatHeMayNotGive: whoever may write rules alone does
// not make himself manager again.
func TestUndoGivesNobodyARoleThatHeMayNotGive(t *testing.T) {
	crowd(t, 3, func(t *testing.T, f firm, ids []string) {
		var role tenancy.Role
		f.System(func(tx *store.Tx) error {
			role = tenancy.Role{ID: models.NewID("rol"), Level: models.CompanyLevel, Key: "rules", Name: "Rules", CreatedAt: models.At(tx.Now())}
			role.Permissions = `["` + string(models.ManageConnectors) + `"]`
			if err := tx.Create(&role).Error; err != nil {
				return err
			}
			for _, r := range []string{role.ID, tenancy.Manager} {
				if err := tenancy.Give(tx, tenancy.Grant{CompanyID: f.Production.Company, AccountID: f.ID("anna"), RoleID: r, Source: tenancy.Manual}, "Anna"); err != nil {
					return err
				}
			}
			return nil
		})
		no(t, f.comesIn(f.said("anna", "Staff"), func() {}))
		staff := provisioning.Connector{Name: "Rules", State: provisioning.On, Role: role.ID, Target: provisioning.Target{Level: models.CompanyLevel},
			Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "Staff"}}
		done := f.publish(t, staff)
		no(t, f.connectors.Advance(f.Ctx))
		anna := func() bool {
			return slices.ContainsFunc(f.grants(f.ID("anna")), func(g tenancy.Grant) bool { return g.RoleID == tenancy.Manager })
		}
		if anna() {
			t.Fatal("the rule took nothing")
		}
		f.NewSession("anna")
		_, err := f.connectors.Undo(f.Ctx, f.Actor("anna"), done.Run.ID, anyway)
		f.Wants(err, models.Forbidden, "error.forbidden")
		if anna() {
			t.Error("she made herself manager")
		}
	})
}

func TestUndoGivesNothingToWhoWasRemovedAndCameBack(t *testing.T) {
	crowd(t, 3, func(t *testing.T, f firm, ids []string) {
		no(t, f.comesIn(f.said("anna", "Staff"), func() {}))
		f.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: f.Production.Company, OrganizationID: f.Production.Organization, AccountID: f.ID("anna"), RoleID: tenancy.Superuser, Source: tenancy.Manual}, "Anna")
		})
		done := f.publish(t, f.rule("Staff", tenancy.Member, f.Production))
		no(t, f.connectors.Advance(f.Ctx))
		no(t, f.Companies.Offboard(f.Ctx, f.Actor("marieke"), f.ID("anna")))
		no(t, f.comesIn(f.said("anna", "Staff"), func() {}))
		_, err := f.connectors.Undo(f.Ctx, f.Actor("marieke"), done.Run.ID, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		for _, g := range f.grants(f.ID("anna")) {
			if g.RoleID == tenancy.Superuser {
				t.Errorf("she came back as %+v", g)
			}
		}
	})
}

// TestUndoGivesBackWhatASignInTook: between a publication and its undoing.
func TestUndoGivesBackWhatASignInTook(t *testing.T) {
	crowd(t, 3, func(t *testing.T, f firm, ids []string) {
		done := f.publish(t, f.rule("Nobody", tenancy.Member, f.Production))
		no(t, f.connectors.Advance(f.Ctx))
		no(t, f.comesIn(f.said("jan", "Guests"), func() {}))
		jan := func() bool {
			return slices.ContainsFunc(f.grants(f.ID("jan")), func(g tenancy.Grant) bool { return g.RoleID == tenancy.Superuser })
		}
		if jan() {
			t.Fatal("the sign-in took nothing")
		}
		_, err := f.connectors.Undo(f.Ctx, f.Actor("marieke"), done.Run.ID, anyway)
		no(t, err)
		no(t, f.connectors.Advance(f.Ctx))
		if !jan() {
			t.Error("he did not get it back")
		}
	})
}

func TestWhatWasKeptIsKeptWhenItIsDoneAgain(t *testing.T) {
	crowd(t, 3, func(t *testing.T, f firm, ids []string) {
		saved := f.publish(t, f.rule("Staff", tenancy.Member, f.Production)).Saved
		by := f.Actor("marieke")
		deleted, err := f.connectors.Delete(f.Ctx, by, saved.ID, provisioning.Publishing{Leave: provisioning.KeepRoles})
		no(t, err)
		undone, err := f.connectors.Undo(f.Ctx, by, deleted.Run.ID, anyway)
		no(t, err)
		_, err = f.connectors.Undo(f.Ctx, by, undone.Run.ID, anyway)
		no(t, err)
		if holding := f.holding(ids); len(holding) != 3 {
			t.Errorf("%q have the role", holding)
		}
	})
}
