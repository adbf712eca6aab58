package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// ofOrganization makes a token of the organization where a person works.
func (d desk) ofOrganization(by string, scopes ...feed.Scope) (feed.Token, string) {
	d.t.Helper()
	row, text, err := d.feed.Make(d.Ctx, d.Actor(by), feed.Draft{OfOrganization: true, Name: "Service desk", Scopes: scopes, Days: 30})
	if err != nil {
		d.t.Fatal(err)
	}
	return row, text
}

type one struct {
	ID, Status, Email, Reason string
	Ends                      *time.Time `json:"ends_at"`
	Version                   int64
}

type many struct {
	Data []one
	Next string
	More bool `json:"has_more"`
}

var idInPath = regexp.MustCompile(`/(dlg|vis|drq|fdl|sec|app)_[0-9a-z]+`)

// call calls, and holds what came against the document.
func (d desk) call(path, token, body string, want int, into any, headers ...string) webtest.Answer {
	d.t.Helper()
	answer := d.Call(http.MethodPost, path, token, body, headers...)
	if answer.Code != want {
		d.t.Fatalf("%s answers %d, want %d:\n%s", path, answer.Code, want, answer.Body)
	}
	route := idInPath.ReplaceAllString(path, "/{id}")
	d.held(route, "post", answer, into)
	return answer
}

// held holds an answer against the document.
func (d desk) held(route, method string, answer webtest.Answer, into any) {
	d.t.Helper()
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	content, there := d.doc.Paths[route][method].Responses[strconv.Itoa(answer.Code)].Content[kind]
	if !there {
		d.t.Fatalf("%s answers %d %s, of which the document says nothing", route, answer.Code, kind)
	}
	var value any
	if err := json.Unmarshal([]byte(answer.Body), &value); err != nil {
		d.t.Fatal(err)
	}
	for _, wrong := range d.doc.fits(value, content.Schema, "answer") {
		d.t.Errorf("%s: %s", route, wrong)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(answer.Body), into); err != nil {
			d.t.Fatal(err)
		}
	}
}

func TestADelegationIsGivenExtendedAndRevokedByAMachine(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations, feed.ReadVisits)
		var made one
		answer := d.call("/v1/delegations", token, `{"email":"sanne@kade.example","period":"1d","reason":"Stock count"}`, http.StatusCreated, &made)
		if answer.Location != "/v1/delegations/"+made.ID || made.Status != "invited" || made.Reason != "Stock count" {
			t.Errorf("%s: %+v", answer.Location, made)
		}
		if n := len(d.Mails(mail.InvitationKind)); n != 1 {
			t.Errorf("%d invitations", n)
		}
		if err := d.Delegations.Accept(d.Ctx, d.Actor("sanne"), made.ID); err != nil {
			t.Fatal(err)
		}
		d.Switch("sanne", d.Zonneveld)
		d.ask("/v1/delegations/"+made.ID, token, http.StatusOK, &made)
		was := *made.Ends
		d.call("/v1/delegations/"+made.ID+"/extend", token, fmt.Sprintf(`{"period":"1w","version":%d}`, made.Version), http.StatusOK, &made)
		if !made.Ends.After(was) {
			t.Errorf("it ends %s", made.Ends)
		}
		d.call("/v1/delegations/"+made.ID+"/extend", token, fmt.Sprintf(`{"period":"1m","version":%d}`, made.Version-1), http.StatusConflict, nil)
		d.call("/v1/delegations/"+made.ID+"/revoke", token, "", http.StatusOK, &made)
		if made.Status != "revoked" || d.Actor("sanne").Visiting() {
			t.Errorf("it is %s", made.Status)
		}
		d.call("/v1/delegations/"+made.ID+"/revoke", token, "", http.StatusConflict, nil)
		var stays struct {
			Data []struct {
				Delegation string  `json:"delegation_id"`
				Why        *string `json:"leave_reason"`
			}
		}
		d.ask("/v1/visits", token, http.StatusOK, &stays)
		if len(stays.Data) != 1 || stays.Data[0].Delegation != made.ID || stays.Data[0].Why == nil || *stays.Data[0].Why != "revoked" {
			t.Errorf("%+v", stays)
		}
	})
}

func TestWhatAMachineDidIsRecordedUnderItsMakerAndItsToken(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		row, token := d.ofOrganization("karin", feed.WriteDelegations)
		d.call("/v1/delegations", token, `{"email":"sanne@kade.example","period":"1d"}`, http.StatusCreated, nil)
		var e store.Event
		d.System(func(tx *store.Tx) error { return tx.Where("type = ?", event.DelegationGranted).Take(&e).Error })
		if e.AccountID != d.ID("karin") || e.SessionID != row.ID || e.Channel != string(models.API) || e.Address != "127.0.0.1" || e.EffectiveOrganizationID != d.Zonneveld.Organization {
			t.Errorf("%+v", e)
		}
	})
}

func TestAListIsReadInParts(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		_, other := d.ofOrganization("marieke", feed.ReadDelegations)
		for i := range 5 {
			d.call("/v1/delegations", token, fmt.Sprintf(`{"email":"p%d@firm.example","period":"1d"}`, i), http.StatusCreated, nil)
		}
		seen, after := map[string]bool{}, ""
		for more := true; more; {
			var page many
			d.ask("/v1/delegations?limit=2&after="+after, token, http.StatusOK, &page)
			for _, row := range page.Data {
				if seen[row.ID] {
					t.Errorf("%s comes twice", row.ID)
				}
				seen[row.ID] = true
			}
			after, more = page.Next, page.More
		}
		if len(seen) != 5 {
			t.Errorf("%d of 5", len(seen))
		}
		var page many
		d.ask("/v1/delegations", other, http.StatusOK, &page)
		if len(page.Data) != 0 {
			t.Errorf("another organization sees %d", len(page.Data))
		}
		for id := range seen { // a foreign one is like one that never was
			answer := d.ask("/v1/delegations/"+id, other, http.StatusNotFound, nil)
			unknown := d.ask("/v1/delegations/dlg_unknown", other, http.StatusNotFound, nil)
			if cut(answer.Body) != cut(unknown.Body) {
				t.Errorf("%s\n%s", answer.Body, unknown.Body)
			}
		}
	})
}

// cut is a problem without its reference.
func cut(problem string) string {
	return regexp.MustCompile(`urn:locum:request:[^"]+`).ReplaceAllString(problem, "")
}

// The same key, the same change: once.
func TestAKeyChangesNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		const body = `{"email":"sanne@kade.example","period":"1d"}`
		var first, again one
		d.call("/v1/delegations", token, body, http.StatusCreated, &first, "Idempotency-Key", `"order-7"`)
		answer := d.call("/v1/delegations", token, body, http.StatusCreated, &again, "Idempotency-Key", "order-7")
		if first.ID != again.ID || answer.Header.Get("Idempotency-Replayed") != "true" || d.Count(d.Zonneveld, event.DelegationGranted) != 1 {
			t.Errorf("%s and %s, %q", first.ID, again.ID, answer.Header.Get("Idempotency-Replayed"))
		}
		d.call("/v1/delegations", token, `{"email":"thomas@kade.example","period":"1d"}`, http.StatusUnprocessableEntity, nil, "Idempotency-Key", "order-7")
		_, another := d.ofOrganization("pim", feed.WriteDelegations)
		d.call("/v1/delegations", another, `{"email":"thomas@kade.example","period":"1d"}`, http.StatusCreated, nil, "Idempotency-Key", "order-7")
		d.call("/v1/delegations/"+first.ID+"/revoke", token, "", http.StatusOK, nil, "Idempotency-Key", "order-8")
		d.call("/v1/delegations/"+first.ID+"/revoke", token, "", http.StatusOK, nil, "Idempotency-Key", "order-8")
		d.Advance(feed.KeyLife)
		d.call("/v1/delegations", token, body, http.StatusCreated, &again, "Idempotency-Key", "order-7")
		if again.ID == first.ID {
			t.Error("a key is known for longer than a day")
		}
		for _, bad := range []string{`"open`, strings.Repeat("x", 256), " ", "snow☃"} {
			d.call("/v1/delegations", token, body, http.StatusUnprocessableEntity, nil, "Idempotency-Key", bad)
		}
	})
}

func TestAKeyUsedAtTheSameTimeChangesOneThing(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		var all sync.WaitGroup
		codes := make([]int, 6)
		for i := range codes {
			all.Go(func() {
				codes[i] = d.Call(http.MethodPost, "/v1/delegations", token, `{"email":"sanne@kade.example","period":"1d"}`, "Idempotency-Key", "at-once").Code
			})
		}
		all.Wait()
		for _, code := range codes {
			if code != http.StatusCreated {
				t.Errorf("answers %v", codes)
				break
			}
		}
		if n := d.Count(d.Zonneveld, event.DelegationGranted); n != 1 {
			t.Errorf("%d delegations", n)
		}
	})
}

// Edge case 12 of delegation.md, and 'no path that is weaker than the screen':
// what the operation refuses a person, it refuses his token, word for word.
func TestNoPathOfTheAPIIsWeakerThanTheScreen(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		over := d.Delegate("karin", "thomas", delegation.Day)
		if err := d.Delegations.Revoke(d.Ctx, d.Actor("karin"), over.ID); err != nil {
			t.Fatal(err)
		}
		open := d.Delegate("karin", "sanne", delegation.Week)
		foreign := d.Delegate("marieke", "sanne", delegation.Week)
		karin := d.Actor("karin")
		type try struct {
			name, path, body string
			screen           func() error
		}
		grant := func(in delegation.Proposal) func() error {
			return func() error { _, err := d.Delegations.Grant(d.Ctx, karin, in); return err }
		}
		for _, one := range []try{
			{"oneself", "", `{"email":"karin@zonneveld.example","period":"1d"}`, grant(delegation.Proposal{Email: "karin@zonneveld.example", Period: delegation.Day})},
			{"a member", "", `{"email":"ria@zonneveld.example","period":"1d"}`, grant(delegation.Proposal{Email: "ria@zonneveld.example", Period: delegation.Day})},

			{"no address", "", `{"email":"sanne","period":"1d"}`, grant(delegation.Proposal{Email: "sanne", Period: delegation.Day})},
			{"no period", "", `{"email":"x@firm.example"}`, grant(delegation.Proposal{Email: "x@firm.example"})},
			{"a date that was", "", `{"email":"x@firm.example","period":"date","date":"2020-01-01"}`, grant(delegation.Proposal{Email: "x@firm.example", Period: delegation.UntilDate, Date: "2020-01-01"})},
			{"a superuser", "", `{"email":"x@firm.example","period":"1d","roles":["rol_superuser"]}`, grant(delegation.Proposal{Email: "x@firm.example", Period: delegation.Day, Chosen: true, Roles: []string{tenancy.Superuser}})},
			{"no role", "", `{"email":"x@firm.example","period":"1d","roles":[]}`, grant(delegation.Proposal{Email: "x@firm.example", Period: delegation.Day, Chosen: true})},
			{"extending what is over", "/" + over.ID + "/extend", fmt.Sprintf(`{"period":"1w","version":%d}`, over.Version), func() error {
				return d.Delegations.Extend(d.Ctx, karin, over.ID, over.Version, delegation.Week, "")
			}},
			{"extending what changed", "/" + open.ID + "/extend", `{"period":"1m","version":99}`, func() error {
				return d.Delegations.Extend(d.Ctx, karin, open.ID, 99, delegation.Month, "")
			}},
			{"an earlier end", "/" + open.ID + "/extend", fmt.Sprintf(`{"period":"1d","version":%d}`, open.Version), func() error {
				return d.Delegations.Extend(d.Ctx, karin, open.ID, open.Version, delegation.Day, "")
			}},
			{"extending another's", "/" + foreign.ID + "/extend", fmt.Sprintf(`{"period":"1m","version":%d}`, foreign.Version), func() error {
				return d.Delegations.Extend(d.Ctx, karin, foreign.ID, foreign.Version, delegation.Month, "")
			}},
			{"revoking another's", "/" + foreign.ID + "/revoke", "", func() error { return d.Delegations.Revoke(d.Ctx, karin, foreign.ID) }},
			{"revoking what is over", "/" + over.ID + "/revoke", "", func() error { return d.Delegations.Revoke(d.Ctx, karin, over.ID) }},
		} {
			refused := one.screen()
			if refused == nil {
				t.Errorf("%s: the screen allows it", one.name)
				continue
			}
			want := map[models.Kind]int{models.Invalid: 422, models.Conflict: 409, models.NotFound: 404, models.Forbidden: 403}[models.KindOf(refused)]
			d.call("/v1/delegations"+one.path, token, one.body, want, nil)
		}
	})
}

// A token is worth what its maker is, at the moment of use.
func TestATokenEndsWithTheRoleOfItsMaker(t *testing.T) {
	for name, lose := range map[string]func(d desk){
		"the role": func(d desk) {
			d.System(func(tx *store.Tx) error {
				return tx.Where("account_id = ? AND role_id = ?", d.ID("pim"), tenancy.Superuser).Delete(&tenancy.Grant{}).Error
			})
		},
		"deactivated": func(d desk) {
			d.System(func(tx *store.Tx) error {
				return tx.Model(&account.Account{}).Where("id = ?", d.ID("pim")).Update("deactivated_at", models.At(d.Now())).Error
			})
		},
		"staged for removal": func(d desk) {
			d.System(func(tx *store.Tx) error {
				if err := tx.Table("directories").Create(map[string]any{"company_id": d.Zonneveld.Company, "id": "dir_1", "name": "Ovens", "created_by": "a", "created_by_name": "A",
					"created_at": models.At(d.Now())}).Error; err != nil {
					return err
				}
				return tx.Table("directory_users").Create(map[string]any{"company_id": d.Zonneveld.Company, "id": "usr_pim", "directory_id": "dir_1", "account_id": d.ID("pim"),
					"user_name": "pim", "user_name_key": "pim", "active": false, "removal": "staged", "created_at": models.At(d.Now()), "updated_at": models.At(d.Now())}).Error
			})
		},
		"suspended": func(d desk) { d.suspend(d.Zonneveld.Company) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, d desk) {
				row, token := d.ofOrganization("pim", feed.WriteDelegations, feed.ReadVisits)
				given := d.Delegate("karin", "sanne", delegation.Week)
				d.ask("/v1/delegations", token, http.StatusOK, nil)
				lose(d)
				d.ask("/v1/delegations", token, http.StatusUnauthorized, nil)
				d.ask("/v1/visits", token, http.StatusUnauthorized, nil)
				d.call("/v1/delegations", token, `{"email":"x@firm.example","period":"1d"}`, http.StatusUnauthorized, nil)
				// Nor by whom an operation was begun before.
				stale := models.Actor{Account: d.ID("pim"), Session: row.ID, Effective: d.Zonneveld}
				if err := d.Delegations.Revoke(d.Ctx, stale, given.ID); models.KindOf(err) != models.Unauthenticated && models.KindOf(err) != models.Forbidden {
					t.Errorf("the operation answers %v", err)
				}
			})
		})
	}
}

// The same holds for what reads the events of a company.
func TestATokenOfTheCompanyEndsWithTheRoleOfItsMaker(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		token := d.token("marieke", feed.ReadEvents, feed.ReadState)
		d.ask("/v1/events", token, http.StatusOK, nil)
		d.System(func(tx *store.Tx) error {
			return tx.Where("account_id = ? AND role_id = ?", d.ID("marieke"), tenancy.Manager).Delete(&tenancy.Grant{}).Error
		})
		d.ask("/v1/events", token, http.StatusUnauthorized, nil)
		d.ask("/v1/state", token, http.StatusUnauthorized, nil)
	})
}

func TestATokenDoesOnlyWhatItIsFor(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		row, reading := d.ofOrganization("karin", feed.ReadDelegations)
		_, visits := d.ofOrganization("karin", feed.ReadVisits)
		events := d.token("karin", feed.ReadEvents)
		given := d.Delegate("karin", "sanne", delegation.Week)
		d.ask("/v1/visits", reading, http.StatusForbidden, nil)
		d.ask("/v1/events", reading, http.StatusForbidden, nil)
		d.ask("/v1/delegations", visits, http.StatusForbidden, nil)
		d.ask("/v1/delegations", events, http.StatusForbidden, nil)
		d.call("/v1/delegations/"+given.ID+"/revoke", reading, "", http.StatusForbidden, nil)
		// Also past the handler: authority is derived without the right to write.
		by, err := d.feed.Actor(d.Ctx, reading, feed.ReadDelegations, "")
		if err != nil {
			t.Fatal(err)
		}
		d.Wants(d.Delegations.Revoke(d.Ctx, by, given.ID), models.Forbidden, "error.forbidden")
		if _, err := d.Members.Organization(d.Ctx, by); models.KindOf(err) != models.Forbidden {
			t.Errorf("the settings are read: %v", err)
		}
		// And over no wall: neither switching nor answering in its maker's name.
		_, err = d.Sessions.Switch(d.Ctx, by, d.Kade.Organization)
		d.Wants(err, models.Unauthenticated, "error.unauthenticated")
		d.Wants(d.Delegations.GiveBack(d.Ctx, by, given.ID), models.Unauthenticated, "error.unauthenticated")
		d.Wants(d.Sessions.Pin(d.Ctx, by, d.Zonneveld.Organization), models.Unauthenticated, "error.unauthenticated")
		if by.Method != access.TokenMethod || by.Session != row.ID {
			t.Errorf("%+v", by)
		}
	})
}

// Edge case 12 of delegation.md: a visitor makes no token, whatever his roles say.
func TestAVisitorMakesNoToken(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Delegate("karin", "sanne", delegation.Week)
		d.Switch("sanne", d.Zonneveld)
		_, _, err := d.feed.Make(d.Ctx, d.Actor("sanne"), feed.Draft{OfOrganization: true, Name: "Mine", Scopes: []feed.Scope{feed.ReadVisits}, Days: 30})
		d.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestABodyIsReadStrictly(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	f, err := feed.New(w.Store, w.Keys)
	if err != nil {
		t.Fatal(err)
	}
	d := desk{webtest.New(t, w, areaOf(f, w)), t, f, read(t)}
	_, token := d.ofOrganization("karin", feed.WriteDelegations)
	for _, body := range []string{`{`, `[]`, `{"email":1}`, `{"mail":"x@firm.example"}`, `{} {}`, `"x"`, `{"email":"x@firm.example","period":"1d"}x`, "\x00"} {
		d.call("/v1/delegations", token, body, http.StatusUnprocessableEntity, nil)
	}
	d.call("/v1/delegations", token, `{"email":"x@firm.example","period":"1d"}`, http.StatusUnprocessableEntity, nil, "Content-Type", "text/plain")
	d.call("/v1/delegations", token, `{"reason":"`+strings.Repeat("x", 2<<20)+`"}`, http.StatusRequestEntityTooLarge, nil)
	d.call("/v1/delegations", "", `{}`, http.StatusUnauthorized, nil)
	for _, path := range []string{"/v1/delegations?limit=0", "/v1/delegations?limit=201", "/v1/delegations?state=open", "/v1/visits?limit=x"} {
		d.ask(path, token, map[bool]int{true: http.StatusForbidden, false: http.StatusUnprocessableEntity}[strings.HasPrefix(path, "/v1/visits")], nil)
	}
}

// A language that the form does not offer is none that a machine can choose.
func TestAMachineChoosesALanguageThatLocumSpeaks(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		d.call("/v1/delegations", token, `{"email":"sanne@kade.example","period":"1d","language":"`+strings.Repeat("x", 5000)+`"}`, http.StatusUnprocessableEntity, nil)
		d.call("/v1/delegations", token, `{"email":"sanne@kade.example","period":"1d","language":"nl"}`, http.StatusCreated, nil)
	})
}

// Where another superuser has to agree, a machine proposes as its maker would.
func TestWhatAMachineGivesWaitsForAnotherSuperuser(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		if err := d.Members.SetHosting(d.Ctx, d.Actor("karin"), tenancy.Hosting{Approval: true, Notify: tenancy.AtOnce}); err != nil {
			d.t.Fatal(err)
		}
		var made one
		d.call("/v1/delegations", token, `{"email":"sanne@kade.example","period":"1d"}`, http.StatusCreated, &made)
		if made.Status != "proposed" || len(d.Mails(mail.InvitationKind)) != 0 {
			t.Errorf("it is %s", made.Status)
		}
		d.call("/v1/delegations/"+made.ID+"/extend", token, fmt.Sprintf(`{"period":"1w","version":%d}`, made.Version), http.StatusConflict, nil)
	})
}
