package access_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/passkey"
	"locum/models/store"
)

// own makes a token of a person's own for what is his as a consultant.
func own(t *testing.T, w *modelstest.World, key string) access.AccountToken {
	t.Helper()
	row, _ := made(t, w, key, access.TokenDraft{Scopes: []string{delegation.WriteOwn}})
	return row
}

// by is who acts by a token, as the API has him.
func by(row access.AccountToken) models.Actor {
	return models.Actor{Session: row.ID, Account: row.AccountID, Channel: models.API}
}

// offer gives a delegation that nobody answered yet.
func offer(t *testing.T, w *modelstest.World, email string) delegation.Delegation {
	t.Helper()
	d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: email, Period: delegation.Week})
	no(t, err)
	return d
}

func TestATokenMadeAtHomeAnswersWhatIsItsOwners(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row := own(t, w, "sanne")
		d := offer(t, w, "sanne@kade.example")
		no(t, w.Delegations.Accept(w.Ctx, by(row), d.ID))
		no(t, w.Delegations.AskMore(w.Ctx, by(row), d.ID, delegation.More{Period: delegation.Month, Reason: "Not done"}))
		w.Switch("sanne", w.Zonneveld)
		no(t, w.Delegations.GiveBack(w.Ctx, by(row), d.ID))
		if w.Actor("sanne").Visiting() {
			t.Error("the visit of her browser goes on")
		}
		other := offer(t, w, "sanne@kade.example")
		no(t, w.Delegations.Decline(w.Ctx, by(row), other.ID))
		var e store.Event
		w.System(func(tx *store.Tx) error { return tx.Where("type = ?", event.DelegationAccepted).Take(&e).Error })
		if e.AccountID != w.ID("sanne") || e.SessionID != row.ID || e.Channel != string(models.API) || e.RealOrganizationID != w.Kade.Organization {
			t.Errorf("%+v", e)
		}
	})
}

// What is a person's own as a consultant is opened to a token of Locum's own API
// that was made at home for it and stays there, and to no other, whatever came to
// stand in its row.
func TestOnlyATokenMadeAtHomeAnswersForItsOwner(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"for reading":    {"scopes": `["my-delegations.read"]`},
		"for all else":   {"scopes": `["delegations.write","visits.write","applications.write","consultants.write","my-delegations.read"]`},
		"for nothing":    {"scopes": "unreadable"},
		"follows":        {"follows": true},
		"of application": {"application_id": "app_planning"},
		"of a visit":     {"visit_id": "vis_1", "delegation_id": "dlg_1"},
		"revoked":        {"revoked_at": models.At(modelstest.Start)},
		"over":           {"expires_at": models.At(modelstest.Start)},
		"another's":      {"account_id": "acc_other"},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				row := own(t, w, "sanne")
				open := offer(t, w, "sanne@kade.example")
				had := w.Delegate("jan", "sanne", delegation.Week)
				if name == "another's" {
					change = map[string]any{"account_id": w.ID("thomas")}
				}
				w.System(func(tx *store.Tx) error {
					return tx.Model(&access.AccountToken{}).Where("id = ?", row.ID).Updates(change).Error
				})
				kind := models.Unauthenticated
				if name == "for reading" || name == "for all else" {
					kind = models.Forbidden
				}
				w.Wants(w.Delegations.Accept(w.Ctx, by(row), open.ID), kind, "")
				w.Wants(w.Delegations.Decline(w.Ctx, by(row), open.ID), kind, "")
				w.Wants(w.Delegations.GiveBack(w.Ctx, by(row), had.ID), kind, "")
				w.Wants(w.Delegations.AskMore(w.Ctx, by(row), had.ID, delegation.More{Period: delegation.Month, Reason: "More"}), kind, "")
				w.Wants(w.Delegations.WithdrawRequest(w.Ctx, by(row), "drq_x"), kind, "")
				if n := w.Count(w.Zonneveld, event.DelegationAccepted) + w.Count(w.Zonneveld, event.DelegationDeclined) + w.Count(w.Production, event.DelegationGivenBack); n != 0 {
					t.Errorf("%d of these were done", n)
				}
			})
		})
	}
}

// A token reaches no further than the operations that name its scope: it neither
// switches, nor makes or ends a token, nor touches a session, a passkey, the inbox or
// an invitation.
func TestATokenForItsOwnersDelegationsDoesNothingElseOfHis(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row := own(t, w, "sanne")
		w.Delegate("karin", "sanne", delegation.Week)
		keys := passkey.New(w.Store)
		his := w.Actor("sanne")
		for name, try := range map[string]func(models.Actor) error{
			"switch": func(by models.Actor) error {
				_, err := w.Sessions.Switch(w.Ctx, by, w.Zonneveld.Organization)
				return err
			},
			"switch back":  func(by models.Actor) error { _, err := w.Sessions.Leave(w.Ctx, by); return err },
			"pin":          func(by models.Actor) error { return w.Sessions.Pin(w.Ctx, by, w.Zonneveld.Organization) },
			"unpin":        func(by models.Actor) error { return w.Sessions.Unpin(w.Ctx, by, w.Zonneveld.Organization) },
			"sign out":     func(by models.Actor) error { return w.Sessions.SignOut(w.Ctx, by) },
			"end another":  func(by models.Actor) error { return w.Sessions.Revoke(w.Ctx, by, his.Session) },
			"end others":   func(by models.Actor) error { _, err := w.Sessions.RevokeOthers(w.Ctx, by); return err },
			"settle":       func(by models.Actor) error { return w.Sessions.Settle(w.Ctx, by) },
			"revoke token": func(by models.Actor) error { _, err := w.Sessions.RevokeOwnToken(w.Ctx, by, row.ID); return err },
			"make token": func(by models.Actor) error {
				_, _, err := w.Sessions.MakeToken(w.Ctx, by, access.TokenDraft{Name: "x", Days: 30, Scopes: []string{delegation.WriteOwn}})
				return err
			},
			"set up": func(by models.Actor) error {
				_, err := w.Sessions.BeginSetUp(w.Ctx, by, w.Kade.Company, "x")
				return err
			},
			"become member": func(by models.Actor) error { _, err := w.Members.Accept(w.Ctx, by, "inv_x"); return err },
			"step up": func(by models.Actor) error {
				_, err := keys.BeginStepUp(w.Ctx, by, passkey.SiteOf(&url.URL{Scheme: "https", Host: "locum.example"}), "")
				return err
			},
			"remove passkey": func(by models.Actor) error { _, err := keys.Remove(w.Ctx, by, "pky_x"); return err },
			"test address":   func(by models.Actor) error { return w.Accounts.TestMail(w.Ctx, by) },
			"read inbox":     func(by models.Actor) error { return w.Inbox.ReadAll(w.Ctx, by, w.Now()) },
			"pass":           func(by models.Actor) error { _, err := w.Passes.Give(w.Ctx, by); return err },
			"code of a pass": func(by models.Actor) error {
				_, err := w.Passes.Begin(w.Ctx, by, "board.example", "/", "s")
				return err
			},
		} {
			if err := try(by(row)); models.KindOf(err) != models.Unauthenticated || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if now := w.Actor("sanne"); now.Session != his.Session || now.Visiting() {
			t.Errorf("her browser is %+v", now)
		}
	})
}

// scoped are the operations that a token may run where a session would be locked to
// be changed, with their scope. To widen this is a decision about every token there
// is: see ownByToken.
var scoped = map[string]string{
	"a consultant gives a delegation back": "WriteOwn",
	"answer an offered delegation":         "WriteOwn",
	"a consultant asks for more time":      "WriteOwn",
	"ask for a delegation":                 "WriteOwn",
	"withdraw a request for a delegation":  "WriteOwn",
}

// Every other operation that reaches over walls in a person's name is closed to
// tokens: SystemFor gives no scope, and nobody else does.
func TestTheListOfWhatATokenDoesOverWallsIsThis(t *testing.T) {
	found, without := map[string]string{}, 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".."):
			return filepath.SkipDir
		case entry.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if use, ok := n.(*ast.SelectorExpr); ok && use.Sel.Name == "tokenScope" && filepath.Dir(path) != "../../models/store" {
				t.Errorf("%s sets a scope past SystemForScope", path)
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			of, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch {
			case of.Sel.Name == "SystemFor":
				without++
			case of.Sel.Name == "SystemForScope" && filepath.Base(path) == "transact.go":
				if said(call.Args[2]) != `""` {
					t.Errorf("SystemFor gives the scope %s", said(call.Args[2]))
				}
			case of.Sel.Name == "SystemForScope":
				found[strings.Trim(said(call.Args[3]), `"`)] = said(call.Args[2])
			}
			return true
		})
		return nil
	})
	no(t, err)
	if !maps.Equal(found, scoped) {
		t.Errorf("with a scope are %v, and should be %v", found, scoped)
	}
	if without < 20 {
		t.Errorf("of the operations without a scope the test found %d", without)
	}
}

// said is a literal or a name as the source says it; "?" for anything else.
func said(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

func TestATokenForOnesOwnIsMadeAtHomeAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		all := []string{delegation.ReadOwn, delegation.WriteOwn, "consultants.read", "consultants.write"}
		if may := access.ScopesFor(w.Actor("thomas")); !slices.Equal(may[:2], all[:2]) || slices.Contains(may, "consultants.read") {
			t.Errorf("a member is offered %v", may)
		}
		for _, scope := range all {
			if !slices.Contains(access.ScopesFor(w.Actor("sanne")), scope) {
				t.Errorf("a manager is not offered %s", scope)
			}
		}
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		for _, scope := range all {
			if slices.Contains(access.ScopesFor(w.Actor("sanne")), scope) {
				t.Errorf("a visitor is offered %s", scope)
			}
			_, _, err := w.Sessions.MakeToken(w.Ctx, w.Actor("sanne"), access.TokenDraft{Name: "x", Days: 30, Scopes: []string{scope}})
			w.Wants(err, models.Invalid, "")
			if !access.DeniedScope(scope) {
				t.Errorf("%s is not denied to visitors", scope)
			}
		}
		w.Switch("sanne", w.Kade)
		_, _, err := w.Sessions.MakeToken(w.Ctx, w.Actor("sanne"), access.TokenDraft{Name: "x", Days: 30, Scopes: all, Follows: true})
		w.Wants(err, models.Invalid, "")
		row, _ := made(t, w, "sanne", access.TokenDraft{Application: app.ID, Scopes: all})
		if len(row.For()) != 0 {
			t.Errorf("the token of an application is for %v", row.For())
		}
		_, _, err = w.Sessions.MakeToken(w.Ctx, w.Actor("thomas"), access.TokenDraft{Name: "x", Days: 30, Scopes: []string{"consultants.read"}})
		w.Wants(err, models.Invalid, "")
	})
}

// A break-glass session lasts an hour, and a token would outlive it.
func TestABreakGlassSessionMakesNoTokenOfItsManager(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		jan := w.ActorOf(breaks(w, janMail))
		for _, at := range []string{"", w.Production.Organization} {
			if at != "" {
				if _, err := w.Sessions.Switch(w.Ctx, jan, at); err != nil {
					continue // it does not get there at all
				}
				w.Advance(time.Second)
			}
			if may := access.ScopesFor(jan); slices.Contains(may, delegation.WriteOwn) {
				t.Errorf("it is offered %v", may)
			}
			_, _, err := w.Sessions.MakeToken(w.Ctx, jan, access.TokenDraft{Name: "x", Days: 30, Scopes: []string{"applications.read"}})
			w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		}
	})
}

func TestATokenForOnesOwnEndsWithItsOwner(t *testing.T) {
	for name, lose := range map[string]func(w *modelstest.World){
		"deactivated": func(w *modelstest.World) {
			w.System(func(tx *store.Tx) error {
				return tx.Model(&account.Account{}).Where("id = ?", w.ID("thomas")).Update("deactivated_at", models.At(w.Now())).Error
			})
		},
		"offboarded": func(w *modelstest.World) {
			no(w.T.(*testing.T), w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				row := own(t, w, "thomas")
				d := offer(t, w, "thomas@kade.example")
				lose(w)
				w.Wants(w.Delegations.Accept(w.Ctx, by(row), d.ID), models.Unauthenticated, "")
			})
		})
	}
}

// Edge case 20 of delegation.md, by a token: an address that is not proven is
// offered nothing, and what is another's looks like what never was.
func TestEdge20ATokenSeesNoOfferToAnAddressThatIsNotProven(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row := own(t, w, "thomas")
		d, others := offer(t, w, "thomas@kade.example"), offer(t, w, "sanne@kade.example")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Address{}).Where("account_id = ?", w.ID("thomas")).Update("proven_at", nil).Error
		})
		for _, id := range []string{d.ID, others.ID, "dlg_unknown"} {
			w.Wants(w.Delegations.Accept(w.Ctx, by(row), id), models.NotFound, "")
			w.Wants(w.Delegations.Decline(w.Ctx, by(row), id), models.NotFound, "")
			w.Wants(w.Delegations.GiveBack(w.Ctx, by(row), id), models.NotFound, "")
			_, err := w.Delegations.Offer(w.Ctx, by(row), id)
			w.Wants(err, models.NotFound, "")
		}
		list, more, err := w.Delegations.OwnPart(w.Ctx, by(row), delegation.OwnPart{})
		if err != nil || len(list) != 0 || more {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// A program and its owner's browsers may answer at the same moment, while the token
// is revoked: one answer counts, and nobody waits for the other for ever.
func TestAProgramAndItsOwnerAnswerAtTheSameMoment(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row := own(t, w, "sanne")
		browser := w.Actor("sanne")
		for range 5 {
			d := offer(t, w, "sanne@kade.example")
			before := w.Count(w.Zonneveld, event.DelegationAccepted)
			together(t, func() error { return w.Delegations.Accept(w.Ctx, by(row), d.ID) },
				func() error { return w.Delegations.Accept(w.Ctx, by(row), d.ID) },
				func() error { return w.Delegations.Accept(w.Ctx, browser, d.ID) })
			if n := w.Count(w.Zonneveld, event.DelegationAccepted) - before; n != 1 {
				t.Fatalf("%d answers count", n)
			}
			w.Switch("sanne", w.Zonneveld)
			browser = w.Actor("sanne")
			karin := w.Actor("karin")
			together(t, func() error { return w.Delegations.GiveBack(w.Ctx, by(row), d.ID) },
				func() error { return w.Delegations.GiveBack(w.Ctx, browser, d.ID) },
				func() error { return w.Delegations.Revoke(w.Ctx, karin, d.ID) },
				func() error { _, err := w.Sessions.Leave(w.Ctx, browser); return err })
			browser = w.Actor("sanne")
			if browser.Visiting() || w.Count(w.Zonneveld, event.VisitEntered) != w.Count(w.Zonneveld, event.VisitLeft) {
				t.Fatalf("a visit goes on, or was left twice: %v", w.Events(w.Zonneveld))
			}
			w.Advance(time.Minute)
		}
		d := offer(t, w, "sanne@kade.example")
		together(t, func() error { return w.Delegations.Accept(w.Ctx, by(row), d.ID) },
			func() error { _, err := w.Sessions.RevokeOwnToken(w.Ctx, browser, row.ID); return err })
		w.Wants(w.Delegations.GiveBack(w.Ctx, by(row), d.ID), models.Unauthenticated, "")
	})
}

// together does several things at once. Who comes too late is told so; anything else
// is a fault.
func together(t *testing.T, all ...func() error) {
	t.Helper()
	var done sync.WaitGroup
	for _, one := range all {
		done.Go(func() {
			switch err := one(); models.KindOf(err) {
			case models.Conflict, models.Stale, models.Unauthenticated, models.NotFound, models.TooMany:
			default:
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
}
