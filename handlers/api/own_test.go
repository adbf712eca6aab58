package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/store"
	"locum/models/tenancy"
)

// ofPerson makes a token of a person's own, where he works now.
func (d desk) ofPerson(key string, scopes ...feed.Scope) (access.AccountToken, string) {
	d.t.Helper()
	in := access.TokenDraft{Name: "Script", Days: 30}
	for _, s := range scopes {
		in.Scopes = append(in.Scopes, string(s))
	}
	row, text, err := d.Sessions.MakeToken(d.Ctx, d.Actor(key), in)
	if err != nil {
		d.t.Fatal(err)
	}
	return row, text
}

// offered gives a delegation of Zonneveld that waits for an answer.
func (d desk) offered(email string) delegation.Delegation {
	d.t.Helper()
	row, err := d.Delegations.Grant(d.Ctx, d.Actor("karin"), delegation.Proposal{Email: email, Period: delegation.Week, Reason: "Stock count"})
	if err != nil {
		d.t.Fatal(err)
	}
	return row
}

type ownDelegation struct {
	one
	Host      struct{ ID, Name, Company string }
	MayAsk    bool                     `json:"may_ask_more"`
	GivenBack bool                     `json:"given_back"`
	MoreAsked *struct{ Reason string } `json:"more_asked"`
}

func TestAConsultantsProgramAcceptsAsksAndGivesBack(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		row, token := d.ofPerson("sanne", feed.WriteOwnDelegations)
		given := d.offered("sanne@kade.example")
		at := "/v1/my-delegations/" + given.ID
		var mine ownDelegation
		d.ask(at, token, http.StatusOK, &mine)
		if mine.Status != "invited" || mine.Host.ID != d.Zonneveld.Organization || mine.Reason != "Stock count" || mine.MayAsk {
			t.Errorf("%+v", mine)
		}
		d.call(at+"/accept", token, "", http.StatusOK, &mine, "Idempotency-Key", "yes")
		again := d.call(at+"/accept", token, "", http.StatusOK, &mine, "Idempotency-Key", "yes")
		if again.Header.Get("Idempotency-Replayed") != "true" || !mine.MayAsk || d.Count(d.Zonneveld, event.DelegationAccepted) != 1 {
			t.Errorf("%+v", mine)
		}
		d.call(at+"/accept", token, "", http.StatusConflict, nil)
		d.call(at+"/decline", token, "", http.StatusConflict, nil)
		d.call(at+"/ask-more", token, `{"period":"1d","reason":"More"}`, http.StatusUnprocessableEntity, nil)
		d.call(at+"/ask-more", token, `{"period":"1m"}`, http.StatusUnprocessableEntity, nil)
		d.call(at+"/ask-more", token, `{"period":"1m","reason":"Not done"}`, http.StatusOK, &mine, "Idempotency-Key", "more")
		if mine.MoreAsked == nil || mine.MoreAsked.Reason != "Not done" || mine.MayAsk {
			t.Errorf("%+v", mine)
		}
		d.call(at+"/ask-more", token, `{"period":"1m","reason":"Not done"}`, http.StatusConflict, nil)
		d.Switch("sanne", d.Zonneveld)
		d.call(at+"/give-back", token, "", http.StatusOK, &mine, "Idempotency-Key", "done")
		d.call(at+"/give-back", token, "", http.StatusOK, &mine, "Idempotency-Key", "done")
		if !mine.GivenBack || d.Actor("sanne").Visiting() {
			t.Errorf("%+v", mine)
		}
		d.call(at+"/give-back", token, "", http.StatusConflict, nil)
		var e store.Event
		d.System(func(tx *store.Tx) error { return tx.Where("type = ?", event.DelegationGivenBack).Take(&e).Error })
		if e.AccountID != d.ID("sanne") || e.SessionID != row.ID || e.Channel != string(models.API) || e.Address != "127.0.0.1" || e.OrganizationID != d.Zonneveld.Organization {
			t.Errorf("%+v", e)
		}
	})
}

func TestAConsultantsProgramReadsAndDeclines(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, reading := d.ofPerson("sanne", feed.ReadOwnDelegations)
		_, writing := d.ofPerson("sanne", feed.WriteOwnDelegations)
		over := d.Delegate("jan", "sanne", delegation.Week)
		if err := d.Delegations.GiveBack(d.Ctx, d.Actor("sanne"), over.ID); err != nil {
			t.Fatal(err)
		}
		open := d.offered("sanne@kade.example")
		d.offered("thomas@kade.example")
		var page struct {
			Data []ownDelegation
			Next string
			More bool `json:"has_more"`
		}
		d.ask("/v1/my-delegations?limit=1", reading, http.StatusOK, &page)
		if len(page.Data) != 1 || page.Data[0].ID != over.ID || !page.More {
			t.Fatalf("%+v", page)
		}
		d.ask("/v1/my-delegations?limit=1&after="+page.Next, reading, http.StatusOK, &page)
		if len(page.Data) != 1 || page.Data[0].ID != open.ID || page.More {
			t.Fatalf("%+v", page)
		}
		d.ask("/v1/my-delegations?open=true", reading, http.StatusOK, &page)
		if len(page.Data) != 1 || page.Data[0].ID != open.ID {
			t.Errorf("%+v", page)
		}
		d.ask("/v1/my-delegations?open=1", reading, http.StatusUnprocessableEntity, nil)
		at := "/v1/my-delegations/" + open.ID
		d.call(at+"/decline", reading, "", http.StatusForbidden, nil)
		d.call(at+"/accept", reading, "", http.StatusForbidden, nil)
		var mine ownDelegation
		d.call(at+"/decline", writing, "", http.StatusOK, &mine, "Idempotency-Key", "no")
		d.call(at+"/decline", writing, "", http.StatusOK, &mine, "Idempotency-Key", "no")
		if mine.Status != "declined" || d.Count(d.Zonneveld, event.DelegationDeclined) != 1 {
			t.Errorf("%+v", mine)
		}
	})
}

// To a person's program, what is another's is like what never was.
func TestAnothersDelegationLooksUnknown(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofPerson("thomas", feed.WriteOwnDelegations)
		asked := d.asks("sanne")
		open, had := d.offered("sanne@kade.example"), d.Delegate("jan", "sanne", delegation.Week)
		for path, body := range map[string]string{"accept": "", "decline": "", "give-back": "", "ask-more": `{"period":"1m","reason":"x"}`} {
			unknown := d.call("/v1/my-delegations/dlg_1/"+path, token, body, http.StatusNotFound, nil)
			for _, id := range []string{open.ID, had.ID} {
				if answer := d.call("/v1/my-delegations/"+id+"/"+path, token, body, http.StatusNotFound, nil); cut(answer.Body) != cut(unknown.Body) {
					t.Errorf("%s\n%s", answer.Body, unknown.Body)
				}
			}
		}
		for _, id := range []string{open.ID, had.ID, "dlg_1"} {
			d.ask("/v1/my-delegations/"+id, token, http.StatusNotFound, nil)
		}
		d.ask("/v1/my-requests/"+asked.ID, token, http.StatusNotFound, nil)
		d.call("/v1/my-requests/"+asked.ID+"/withdraw", token, "", http.StatusNotFound, nil)
	})
}

// asks asks De Vries Production for a delegation by its request link.
func (d desk) asks(key string) delegation.AccessRequest {
	d.t.Helper()
	made, err := d.Delegations.RequestAccess(d.Ctx, d.Actor(key), d.requestLink(), delegation.Wish{Period: delegation.Week, Reason: "Audit"})
	if err != nil {
		d.t.Fatal(err)
	}
	return made
}

// requestLink is the token of De Vries Production's request link, made anew.
func (d desk) requestLink() string {
	d.t.Helper()
	links := delegation.NewRequestLinks(d.Store, d.Keys)
	if err := links.Renew(d.Ctx, d.Actor("jan")); err != nil {
		d.t.Fatal(err)
	}
	link, err := links.Current(d.Ctx, d.Actor("jan"))
	if err != nil {
		d.t.Fatal(err)
	}
	return link.Token
}

// Edge case 20 of delegation.md: an account with an unproven address sees no pending
// delegation, by its token either.
func TestEdge20AnUnprovenAddressIsOfferedNothingByTheAPI(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofPerson("thomas", feed.WriteOwnDelegations)
		open := d.offered("thomas@kade.example")
		d.System(func(tx *store.Tx) error {
			return tx.Model(&account.Address{}).Where("account_id = ?", d.ID("thomas")).Update("proven_at", nil).Error
		})
		d.ask("/v1/my-delegations/"+open.ID, token, http.StatusNotFound, nil)
		d.call("/v1/my-delegations/"+open.ID+"/accept", token, "", http.StatusNotFound, nil)
		var page many
		d.ask("/v1/my-delegations", token, http.StatusOK, &page)
		if len(page.Data) != 0 {
			t.Errorf("%+v", page)
		}
	})
}

// What is a person's own is read and answered by a token of his that was made at
// home for it: by none of an organization or a company, by none of a visit, and by
// none once he is nobody.
func TestOnlyATokenOfThePersonsOwnOpensWhatIsHis(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		open := d.offered("thomas@kade.example")
		paths := []string{"/v1/my-delegations", "/v1/my-visits", "/v1/my-requests", "/v1/my-delegations/" + open.ID}
		_, organization := d.ofOrganization("sanne", feed.OrganizationScopes...)
		_, other := d.ofPerson("sanne", feed.ReadApplications, feed.WriteDelegations, feed.WriteVisits, feed.WriteConsultants)
		for _, path := range paths {
			d.ask(path, organization, http.StatusForbidden, nil)
			d.ask(path, other, http.StatusForbidden, nil)
			d.ask(path, d.token("sanne", feed.ReadEvents), http.StatusForbidden, nil)
			d.ask(path, "lpt_unknown", http.StatusUnauthorized, nil)
			d.ask(path, "", http.StatusUnauthorized, nil)
		}
		accept := "/v1/my-delegations/" + open.ID + "/accept"
		d.call(accept, organization, "", http.StatusForbidden, nil)
		d.call(accept, other, "", http.StatusForbidden, nil)
		// As if a token of an organization had come to be for it.
		d.System(func(tx *store.Tx) error {
			return tx.Model(&feed.Token{}).Where("organization_id = ?", d.Kade.Organization).Update("scopes", `["my-delegations.write","consultants.write"]`).Error
		})
		d.ask(paths[0], organization, http.StatusForbidden, nil)
		d.ask("/v1/consultants", organization, http.StatusForbidden, nil)
		// Or one of a visit.
		d.Delegate("karin", "sanne", delegation.Week)
		d.Switch("sanne", d.Zonneveld)
		row, visiting := d.ofPerson("sanne", feed.ReadApplications)
		d.System(func(tx *store.Tx) error {
			return tx.Model(&access.AccountToken{}).Where("id = ?", row.ID).Update("scopes", `["my-delegations.write","consultants.write"]`).Error
		})
		d.ask(paths[0], visiting, http.StatusForbidden, nil)
		d.ask("/v1/consultants", visiting, http.StatusForbidden, nil)
		d.call(accept, visiting, "", http.StatusForbidden, nil)
		_, token := d.ofPerson("thomas", feed.WriteOwnDelegations)
		d.ask(paths[0], token, http.StatusOK, nil)
		d.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", d.ID("thomas")).Update("deactivated_at", models.At(d.Now())).Error
		})
		for _, path := range paths {
			d.ask(path, token, http.StatusUnauthorized, nil)
		}
		d.call(accept, token, "", http.StatusUnauthorized, nil)
	})
}

// What the screen refuses a consultant, the API refuses his token.
func TestNoPathOfTheAPIIsWeakerThanTheConsultantsScreen(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofPerson("sanne", feed.WriteOwnDelegations)
		sanne := d.Actor("sanne")
		open, lapsed, others := d.offered("sanne@kade.example"), d.Delegate("jan", "sanne", delegation.FourHours), d.offered("thomas@kade.example")
		d.Advance(5 * time.Hour)
		d.System(func(tx *store.Tx) error { // she became a member meanwhile
			return tenancy.Give(tx, tenancy.Grant{CompanyID: d.Zonneveld.Company, OrganizationID: d.Zonneveld.Organization, AccountID: d.ID("sanne"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Sanne")
		})
		more := delegation.More{Period: delegation.Month, Reason: "x"}
		for path, screen := range map[string]error{
			open.ID + "/accept":      d.Delegations.Accept(d.Ctx, sanne, open.ID),
			lapsed.ID + "/accept":    d.Delegations.Accept(d.Ctx, sanne, lapsed.ID),
			lapsed.ID + "/decline":   d.Delegations.Decline(d.Ctx, sanne, lapsed.ID),
			lapsed.ID + "/give-back": d.Delegations.GiveBack(d.Ctx, sanne, lapsed.ID),
			lapsed.ID + "/ask-more":  d.Delegations.AskMore(d.Ctx, sanne, lapsed.ID, more),
			open.ID + "/give-back":   d.Delegations.GiveBack(d.Ctx, sanne, open.ID),
			open.ID + "/ask-more":    d.Delegations.AskMore(d.Ctx, sanne, open.ID, more),
			others.ID + "/accept":    d.Delegations.Accept(d.Ctx, sanne, others.ID),
		} {
			if screen == nil {
				t.Errorf("%s: the screen allows it", path)
				continue
			}
			body := ""
			if path == lapsed.ID+"/ask-more" || path == open.ID+"/ask-more" {
				body = `{"period":"1m","reason":"x"}`
			}
			want := map[models.Kind]int{models.Invalid: 422, models.Conflict: 409, models.NotFound: 404, models.Forbidden: 403}[models.KindOf(screen)]
			d.call("/v1/my-delegations/"+path, token, body, want, nil)
		}
	})
}

func TestATimeSheetIsReadByTheAPI(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Delegate("karin", "sanne", delegation.Week)
		_, token := d.ofPerson("sanne", feed.ReadOwnDelegations)
		_, other := d.ofPerson("thomas", feed.ReadOwnDelegations)
		start := d.Now()
		for range 2 {
			d.Switch("sanne", d.Zonneveld)
			d.Advance(time.Hour)
			d.Switch("sanne", d.Kade)
			d.Advance(time.Hour)
		}
		type sheet struct {
			Data []struct {
				ID      string
				Seconds int
				Left    *time.Time `json:"left_at"`
				Host    struct{ ID string }
			}
			Next string
			More bool `json:"has_more"`
		}
		read := func(token, query string) (s sheet) {
			d.ask("/v1/my-visits?"+query, token, http.StatusOK, &s)
			return s
		}
		at := func(after time.Duration) string { return url.QueryEscape(start.Add(after).Format(time.RFC3339)) }
		all := read(token, "")
		if len(all.Data) != 2 || all.Data[0].Seconds != 3600 || all.Data[0].Left == nil || all.Data[0].Host.ID != d.Zonneveld.Organization {
			t.Errorf("%+v", all)
		}
		if part := read(token, "since="+at(30*time.Minute)+"&until="+at(150*time.Minute)); len(part.Data) != 2 || part.Data[0].Seconds != 1800 || part.Data[1].Seconds != 1800 {
			t.Errorf("cut on both sides: %+v", part)
		}
		if part := read(token, "since="+at(time.Hour)+"&until="+at(2*time.Hour)); len(part.Data) != 0 {
			t.Errorf("between them: %+v", part)
		}
		if part := read(token, "since="+at(1000*time.Hour)); len(part.Data) != 0 {
			t.Errorf("of a time to come: %+v", part)
		}
		first := read(token, "limit=1")
		if second := read(token, "limit=1&after="+first.Next); !first.More || second.More || second.Data[0].ID != all.Data[1].ID {
			t.Errorf("in parts: %+v %+v", first, second)
		}
		if theirs := read(other, ""); len(theirs.Data) != 0 {
			t.Errorf("another sees %+v", theirs)
		}
		for _, wrong := range []string{"since=today", "until=x", "since=" + at(time.Hour) + "&until=" + at(time.Hour), "month=2026-11"} {
			d.ask("/v1/my-visits?"+wrong, token, http.StatusUnprocessableEntity, nil)
		}
		var problem struct{ Errors map[string]string }
		if d.ask("/v1/my-visits?since=today", token, http.StatusUnprocessableEntity, &problem); !strings.Contains(problem.Errors["since"], "RFC 3339") {
			t.Errorf("a moment that is none: %v", problem.Errors)
		}
	})
}

func TestAPersonAsksForAccessByTheAPI(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofPerson("sanne", feed.WriteOwnDelegations)
		_, reading := d.ofPerson("sanne", feed.ReadOwnDelegations)
		link := d.requestLink()
		body := fmt.Sprintf(`{"link":"https://locum.example/request/%s","period":"1w","reason":"Audit","ticket":"A-1"}`, link)
		d.call("/v1/my-requests", reading, body, http.StatusForbidden, nil)
		d.call("/v1/my-requests", token, `{"link":"https://locum.example/request/else","period":"1w","reason":"Audit"}`, http.StatusNotFound, nil)
		d.call("/v1/my-requests", token, fmt.Sprintf(`{"link":%q,"period":"1w"}`, link), http.StatusUnprocessableEntity, nil)
		var made struct {
			ID, Status string
			Host       struct{ ID string }
		}
		answer := d.call("/v1/my-requests", token, body, http.StatusCreated, &made, "Idempotency-Key", "ask")
		again := d.call("/v1/my-requests", token, body, http.StatusCreated, nil, "Idempotency-Key", "ask")
		if answer.Location != "/v1/my-requests/"+made.ID || made.Status != "waiting" || made.Host.ID != d.Production.Organization || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s %+v", answer.Location, made)
		}
		d.call("/v1/my-requests", token, body, http.StatusConflict, nil)
		var page struct{ Data []struct{ ID string } }
		d.ask("/v1/my-requests", reading, http.StatusOK, &page)
		if len(page.Data) != 1 || page.Data[0].ID != made.ID {
			t.Errorf("%+v", page)
		}
		d.ask(answer.Location, reading, http.StatusOK, nil)
		d.call(answer.Location+"/withdraw", token, "", http.StatusOK, &made, "Idempotency-Key", "back")
		d.call(answer.Location+"/withdraw", token, "", http.StatusOK, &made, "Idempotency-Key", "back")
		if made.Status != "withdrawn" {
			t.Errorf("%+v", made)
		}
		d.call(answer.Location+"/withdraw", token, "", http.StatusConflict, nil)
	})
}
