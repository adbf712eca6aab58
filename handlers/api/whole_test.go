package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/feed"
	"locum/models/store"
	"locum/models/tenancy"
)

// wholly is what tests read of a delegation beyond one.
type wholly struct {
	one
	AllApplications bool   `json:"all_applications"`
	Question        string `json:"question"`
	Proposal        *struct {
		ID, Kind string
	}
	MoreAsked *struct{ Reason string } `json:"more_asked"`
}

// approving has a host want a second superuser's word.
func (d desk) approving(p models.Party) {
	d.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Organization{}).Where("id = ?", p.Organization).Update("host_approval", true).Error
	})
}

func TestAProposalIsDecidedByAnotherSuperusersToken(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.approving(d.Zonneveld)
		_, karin := d.ofOrganization("karin", feed.WriteDelegations)
		_, pim := d.ofOrganization("pim", feed.WriteDelegations)
		var made wholly
		d.call("/v1/delegations", karin, `{"email":"sanne@kade.example","period":"1w"}`, http.StatusCreated, &made)
		if made.Status != "proposed" || made.Proposal == nil || made.Proposal.Kind != "grant" {
			t.Fatalf("%+v", made)
		}
		body := fmt.Sprintf(`{"proposal_id":%q}`, made.Proposal.ID)
		d.call("/v1/delegations/"+made.ID+"/approve", karin, body, http.StatusConflict, nil) // her own
		d.call("/v1/delegations/"+made.ID+"/reject", karin, body, http.StatusConflict, nil)
		d.call("/v1/delegations/"+made.ID+"/withdraw", pim, body, http.StatusConflict, nil)
		d.call("/v1/delegations/"+made.ID+"/approve", pim, `{"proposal_id":"prp_else"}`, http.StatusNotFound, nil)
		d.call("/v1/delegations/"+made.ID+"/approve", pim, body, http.StatusOK, &made, "Idempotency-Key", "yes")
		again := d.call("/v1/delegations/"+made.ID+"/approve", pim, body, http.StatusOK, &made, "Idempotency-Key", "yes")
		if made.Status != "invited" || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%+v", made)
		}
		d.call("/v1/delegations/"+made.ID+"/approve", pim, body, http.StatusConflict, nil)
		made.Proposal = nil
		d.call("/v1/delegations/"+made.ID+"/amend", karin, fmt.Sprintf(`{"period":"1m","version":%d}`, made.Version), http.StatusOK, &made)
		if made.Proposal == nil || made.Proposal.Kind != "amendment" {
			t.Fatalf("an amendment is not proposed: %+v", made)
		}
		var all struct{ Data []wholly }
		d.ask("/v1/delegations", pim, http.StatusOK, &all)
		if len(all.Data) != 1 || all.Data[0].Proposal == nil || all.Data[0].Proposal.ID != made.Proposal.ID {
			t.Errorf("the list says %+v", all)
		}
		d.call("/v1/delegations/"+made.ID+"/withdraw", karin, fmt.Sprintf(`{"proposal_id":%q}`, made.Proposal.ID), http.StatusOK, nil)
	})
}

// A second delegation becomes an amendment: the answer names the first.
func TestAnOpenDelegationIsNamedAndAmended(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		_, reading := d.ofOrganization("karin", feed.ReadDelegations)
		first := d.Delegate("karin", "sanne", delegation.Week)
		var refused struct{ Subject string }
		d.call("/v1/delegations", token, `{"email":"sanne@kade.example","period":"1m"}`, http.StatusConflict, &refused)
		if refused.Subject != first.ID {
			t.Errorf("it names %q", refused.Subject)
		}
		at, body := "/v1/delegations/"+first.ID, fmt.Sprintf(`{"period":"1m","ticket":"T-1","version":%d}`, first.Version)
		var compared struct{ Changes, Widens, Approval bool }
		d.call(at+"/compare", reading, body, http.StatusOK, &compared)
		if !compared.Changes || !compared.Widens || compared.Approval {
			t.Errorf("%+v", compared)
		}
		d.call(at+"/compare", reading, "", http.StatusOK, &compared)
		if compared.Changes {
			t.Error("nothing is a change")
		}
		d.call(at+"/amend", reading, body, http.StatusForbidden, nil)
		var now one
		d.call(at+"/amend", token, body, http.StatusOK, &now)
		if now.ID != first.ID || now.Ends == nil || !now.Ends.After(first.EndsAt.Time) {
			t.Errorf("%+v", now)
		}
		d.call(at+"/amend", token, body, http.StatusConflict, nil) // an older version
	})
}

func TestAGrantStartsLaterAndAsksAboutMixedScripts(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		day := d.Now().AddDate(0, 0, 10).Format(time.DateOnly)
		var made struct {
			one
			Starts time.Time `json:"starts_at"`
		}
		d.call("/v1/delegations", token, fmt.Sprintf(`{"email":"x@firm.example","period":"1d","start_date":%q,"start_time":"09:30"}`, day), http.StatusCreated, &made)
		if !made.Starts.After(d.Now().AddDate(0, 0, 8)) || made.Ends.Sub(made.Starts) < 23*time.Hour {
			t.Errorf("%+v", made)
		}
		d.call("/v1/delegations", token, `{"email":"pаyments@firm.example","period":"1d"}`, http.StatusUnprocessableEntity, nil) // a Cyrillic a
		d.call("/v1/delegations", token, `{"email":"pаyments@firm.example","period":"1d","mixed_scripts":true}`, http.StatusCreated, nil)
		d.call("/v1/delegations", token, `{"email":"y@firm.example","period":"1d","language":"xx"}`, http.StatusUnprocessableEntity, nil)
		d.call("/v1/delegations", token, `{"email":"y@firm.example","period":"1d","applications":["app_else"]}`, http.StatusUnprocessableEntity, nil)
	})
}

func TestVisitsAreFilteredAndEnded(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteVisits)
		_, reading := d.ofOrganization("karin", feed.ReadVisits)
		_, foreign := d.ofOrganization("marieke", feed.WriteVisits)
		given := d.Delegate("karin", "sanne", delegation.Week)
		d.Switch("sanne", d.Zonneveld)
		type stays struct{ Data []struct{ ID string } }
		count := func(query string) int {
			var found stays
			d.ask("/v1/visits?"+query, reading, http.StatusOK, &found)
			return len(found.Data)
		}
		var found stays
		d.ask("/v1/visits?open=true", reading, http.StatusOK, &found)
		if len(found.Data) != 1 {
			t.Fatalf("%+v", found)
		}
		later := url.QueryEscape(d.Now().Add(time.Hour).Format(time.RFC3339))
		if count("delegation="+given.ID) != 1 || count("delegation=dlg_else") != 0 || count("since="+later) != 0 {
			t.Error("the filters let others through")
		}
		for _, wrong := range []string{"open=yes", "since=today"} {
			d.ask("/v1/visits?"+wrong, reading, http.StatusUnprocessableEntity, nil)
		}
		end := "/v1/visits/" + found.Data[0].ID + "/end"
		d.call(end, reading, "", http.StatusForbidden, nil)
		d.call(end, foreign, "", http.StatusNotFound, nil)
		d.call("/v1/delegations/"+given.ID+"/revoke", token, "", http.StatusForbidden, nil)
		d.call(end, token, "", http.StatusOK, nil, "Idempotency-Key", "out")
		d.call(end, token, "", http.StatusOK, nil, "Idempotency-Key", "out")
		d.call(end, token, "", http.StatusConflict, nil)
		if d.Actor("sanne").Visiting() || count("open=true") != 0 || count("open=false") != 1 {
			t.Error("the visit goes on")
		}
	})
}

// kadesDomain has the consultancy verify its domain.
func (d desk) kadesDomain() {
	d.System(func(tx *store.Tx) error {
		now := models.At(d.Now())
		return tx.Create(&tenancy.Domain{CompanyID: d.Kade.Company, ID: "dom_kade", Name: "kade.example", VerifiedAt: &now, CreatedAt: now}).Error
	})
}

func TestAFirmIsGivenExtendedVetoedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.kadesDomain()
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		var f struct {
			ID, Status string
			Version    int64
			Named      []struct {
				Account string `json:"account_id"`
				Status  string
			}
			Vetoes []any
		}
		made := d.call("/v1/firm-delegations", token, `{"firm":"kade.example","people":2,"period":"1w"}`, http.StatusCreated, &f)
		if made.Location != "/v1/firm-delegations/"+f.ID || f.Status != "running" {
			t.Fatalf("%s %+v", made.Location, f)
		}
		if _, err := d.Delegations.NamePerson(d.Ctx, d.Actor("sanne"), f.ID, d.ID("thomas")); err != nil {
			t.Fatal(err)
		}
		at := "/v1/firm-delegations/" + f.ID
		// With the people's own events in the same transaction, the key is kept once.
		d.call(at+"/extend", token, fmt.Sprintf(`{"period":"1m","version":%d}`, f.Version), http.StatusOK, &f, "Idempotency-Key", "longer")
		d.call(at+"/extend", token, fmt.Sprintf(`{"period":"1m","version":%d}`, f.Version), http.StatusUnprocessableEntity, nil, "Idempotency-Key", "longer")
		who := fmt.Sprintf(`{"account_id":%q}`, d.ID("thomas"))
		d.call(at+"/veto", token, who, http.StatusOK, &f, "Idempotency-Key", "no")
		if len(f.Named) != 1 || f.Named[0].Status != "revoked" || len(f.Vetoes) != 1 {
			t.Errorf("%+v", f)
		}
		d.call(at+"/lift", token, who, http.StatusOK, &f)
		d.call(at+"/lift", token, who, http.StatusNotFound, nil)
		d.call(at+"/end", token, "", http.StatusOK, &f)
		d.call(at+"/end", token, "", http.StatusConflict, nil)
		var list struct{ Data []struct{ ID, Status string } }
		d.ask("/v1/firm-delegations", token, http.StatusOK, &list)
		if len(list.Data) != 1 || list.Data[0].Status != "ended" {
			t.Errorf("%+v", list)
		}
		_, other := d.ofOrganization("marieke", feed.ReadDelegations)
		d.ask(at, other, http.StatusNotFound, nil)
	})
}

// Who is no superuser approves nothing, also where his role lets him give.
func TestOnlyASuperuserApproves(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.kadesDomain()
		d.approving(d.Zonneveld)
		d.Join("dora", "Dora Deler", "dora@zonneveld.example", d.Zonneveld, d.giver())
		_, karin := d.ofOrganization("karin", feed.WriteDelegations)
		_, dora := d.ofOrganization("dora", feed.WriteDelegations)
		var f struct {
			ID      string
			Version int64
		}
		d.call("/v1/firm-delegations", karin, `{"firm":"kade.example","people":2,"period":"1w"}`, http.StatusCreated, &f)
		d.call("/v1/firm-delegations/"+f.ID+"/approve", dora, fmt.Sprintf(`{"version":%d}`, f.Version), http.StatusForbidden, nil)
		d.Wants(d.Delegations.ApproveFirm(d.Ctx, d.Actor("dora"), f.ID, f.Version), models.Forbidden, "granting.error.superuser")
		var made wholly
		d.call("/v1/delegations", karin, `{"email":"thomas@kade.example","period":"1w"}`, http.StatusCreated, &made)
		d.call("/v1/delegations/"+made.ID+"/approve", dora, fmt.Sprintf(`{"proposal_id":%q}`, made.Proposal.ID), http.StatusForbidden, nil)
	})
}

// giver makes a role that gives delegations, and nothing more.
func (d desk) giver() string {
	d.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Role{ID: "rol_giver", Key: "giver", Name: "Giver", Level: models.OrganizationLevel,
			Permissions: `["` + string(models.ManageDelegations) + `"]`, CreatedAt: models.At(d.Now())}).Error
	})
	return "rol_giver"
}

var problemReference = regexp.MustCompile(`urn:[^"]+`)

// What each actor is answered by a write of the API is what the operation answers
// him in the browser.
func TestEachActorIsAnsweredAlikeByTheAPIAndTheScreen(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Join("dora", "Dora Deler", "dora@zonneveld.example", d.Zonneveld, d.giver())
		given := d.Delegate("karin", "sanne", delegation.Week)
		tokens := map[string]string{}
		for _, who := range []string{"karin", "pim", "dora"} {
			_, tokens[who] = d.ofOrganization(who, feed.WriteDelegations, feed.WriteVisits)
		}
		d.Switch("sanne", d.Zonneveld)
		for _, who := range []string{"ria", "sanne"} { // neither a member nor a visitor makes a token
			_, _, err := d.feed.Make(d.Ctx, d.Actor(who), feed.Draft{OfOrganization: true, Name: "Mine", Scopes: []feed.Scope{feed.WriteDelegations}, Days: 30})
			d.Wants(err, models.Forbidden, "error.forbidden")
		}
		d.System(func(tx *store.Tx) error { // pim is a member from now on
			return tx.Model(&tenancy.Grant{}).Where("account_id = ? AND role_id = ?", d.ID("pim"), tenancy.Superuser).Update("role_id", tenancy.Member).Error
		})
		at := "/v1/delegations/" + given.ID
		version := fmt.Sprintf(`{"version":%d}`, given.Version+90)
		for path, screen := range map[string]func(by models.Actor) error{
			at + "/confirm " + version: func(by models.Actor) error { return d.Delegations.Confirm(d.Ctx, by, given.ID, given.Version+90) },
			at + "/refuse-more " + version: func(by models.Actor) error {
				return d.Delegations.RefuseMore(d.Ctx, by, given.ID, given.Version+90, "")
			},
			at + "/amend " + version: func(by models.Actor) error {
				_, err := d.Delegations.Amend(d.Ctx, by, given.ID, given.Version+90, delegation.Proposal{Period: delegation.Keep})
				return err
			},
			at + `/approve {"proposal_id":"prp_x"}`:  func(by models.Actor) error { return d.Delegations.Approve(d.Ctx, by, given.ID, "prp_x", "") },
			at + `/reject {"proposal_id":"prp_x"}`:   func(by models.Actor) error { return d.Delegations.Reject(d.Ctx, by, given.ID, "prp_x", "") },
			at + `/withdraw {"proposal_id":"prp_x"}`: func(by models.Actor) error { return d.Delegations.Withdraw(d.Ctx, by, given.ID, "prp_x") },
			`/v1/delegations {"email":"ria@zonneveld.example","period":"1d","reason":"x"}`: func(by models.Actor) error {
				_, err := d.Delegations.Grant(d.Ctx, by, delegation.Proposal{Email: "ria@zonneveld.example", Period: delegation.Day})
				return err
			},
			"/v1/visits/vis_x/end ": func(by models.Actor) error {
				_, err := d.Delegations.EndVisit(d.Ctx, by, "vis_x")
				return err
			},
			"/v1/requests/drq_x/refuse ": func(by models.Actor) error {
				_, err := d.Delegations.RefuseAccess(d.Ctx, by, "drq_x", "")
				return err
			},
			`/v1/firm-delegations {"firm":"nobody.example","people":1,"period":"1d"}`: func(by models.Actor) error {
				_, err := d.Delegations.GrantFirm(d.Ctx, by, delegation.FirmProposal{Firm: "nobody.example", People: 1, Period: delegation.Day})
				return err
			},
			"/v1/firm-delegations/fdl_x/end ":                  func(by models.Actor) error { return d.Delegations.EndFirm(d.Ctx, by, "fdl_x") },
			`/v1/firm-delegations/fdl_x/approve {"version":1}`: func(by models.Actor) error { return d.Delegations.ApproveFirm(d.Ctx, by, "fdl_x", 1) },
			`/v1/firm-delegations/fdl_x/extend {"period":"1d","version":1}`: func(by models.Actor) error {
				_, err := d.Delegations.ExtendFirm(d.Ctx, by, "fdl_x", 1, delegation.Day, "")
				return err
			},
			`/v1/firm-delegations/fdl_x/confirm {"version":1}`: func(by models.Actor) error { return d.Delegations.ConfirmFirm(d.Ctx, by, "fdl_x", 1) },
			`/v1/firm-delegations/fdl_x/refuse {"version":1}`:  func(by models.Actor) error { return d.Delegations.RefuseFirmExtension(d.Ctx, by, "fdl_x", 1) },
			`/v1/firm-delegations/fdl_x/veto {"account_id":"acc_x"}`: func(by models.Actor) error {
				_, err := d.Delegations.VetoPerson(d.Ctx, by, "fdl_x", "acc_x")
				return err
			},
			`/v1/firm-delegations/fdl_x/lift {"account_id":"acc_x"}`: func(by models.Actor) error {
				_, err := d.Delegations.LiftVeto(d.Ctx, by, "fdl_x", "acc_x")
				return err
			},
		} {
			to, body, _ := strings.Cut(path, " ")
			for _, who := range []string{"karin", "dora", "pim"} {
				refused := screen(d.Actor(who))
				if refused == nil {
					t.Fatalf("%s: the screen lets %s", path, who)
				}
				want := map[models.Kind]int{models.Invalid: 422, models.Conflict: 409, models.NotFound: 404, models.Forbidden: 403}[models.KindOf(refused)]
				if who == "pim" && want == 403 { // a token ends with the role that made it
					want = 401
				}
				if got := d.Call(http.MethodPost, to, tokens[who], body); got.Code != want {
					t.Errorf("%s answers %s %d, the screen %v:\n%s", path, who, got.Code, refused, problemReference.ReplaceAllString(got.Body, ""))
				}
			}
		}
	})
}
