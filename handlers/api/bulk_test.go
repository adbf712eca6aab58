package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

// several is what tests read of what became of several delegations.
type several struct {
	Data []struct {
		ID, Outcome string
		Detail      *string
	}
}

func (s several) outcomes() string {
	var list []string
	for _, one := range s.Data {
		list = append(list, one.Outcome)
	}
	return strings.Join(list, " ")
}

// some are delegations as a machine names them.
func some(list ...string) string { return `"delegations":[` + strings.Join(list, ",") + `]` }

func named(d delegation.Delegation) string {
	return fmt.Sprintf(`{"id":%q,"version":%d}`, d.ID, d.Version)
}

func TestSeveralDelegationsAreChangedEachByItself(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		_, reader := d.ofOrganization("karin", feed.ReadDelegations)
		mine, foreign := d.Delegate("karin", "sanne", delegation.Week), d.Delegate("marieke", "sanne", delegation.Week)
		other := d.Delegate("karin", "thomas", delegation.Week)
		const at = "/v1/delegations/extend"
		all := some(named(mine), fmt.Sprintf(`{"id":%q,"version":%d}`, other.ID, other.Version+9), named(foreign), `{"id":"dlg_unknown","version":1}`)
		var got several
		d.call(at, token, `{`+all+`,"period":"1m"}`, http.StatusOK, &got, "Idempotency-Key", "all")
		if got.outcomes() != "done refused refused refused" || got.Data[1].Detail == nil || *got.Data[2].Detail != *got.Data[3].Detail {
			t.Errorf("%+v", got)
		}
		d.call(at, token, `{`+all+`,"period":"1m"}`, http.StatusOK, &got, "Idempotency-Key", "all")
		if got.outcomes() != "done refused refused refused" || d.Count(d.Zonneveld, event.DelegationExtended) != 1 {
			t.Errorf("asked again: %+v", got)
		}
		d.call(at, token, `{`+all+`,"period":"3m"}`, http.StatusUnprocessableEntity, nil, "Idempotency-Key", "all")
		d.call("/v1/delegations/"+mine.ID+"/revoke", token, "", http.StatusUnprocessableEntity, nil, "Idempotency-Key", "all")
		for _, wrong := range []string{`{"period":"1m"}`, `{` + some(named(mine), named(mine)) + `,"period":"1m"}`, `{` + some(named(other)) + `}`,
			`{` + some(named(other)) + `,"period":"date","date":"2020-01-01"}`, `{` + some(named(other)) + `,"period":"1m","more":1}`} {
			d.call(at, token, wrong, http.StatusUnprocessableEntity, nil)
		}
		many := make([]string, 201)
		for i := range many {
			many[i] = fmt.Sprintf(`{"id":"dlg_%d","version":1}`, i)
		}
		d.call(at, token, `{`+some(many...)+`,"period":"1m"}`, http.StatusConflict, nil)
		for _, path := range []string{at, "/v1/delegations/shorten", "/v1/delegations/revoke"} {
			body := `{` + some(named(other)) + `,"period":"1d"}`
			if strings.HasSuffix(path, "revoke") {
				body = `{` + some(named(other)) + `}`
			}
			d.call(path, reader, body, http.StatusForbidden, nil)
		}
		d.call("/v1/delegations/shorten", token, `{`+some(named(other), named(foreign))+`,"period":"1d"}`, http.StatusOK, &got)
		if got.outcomes() != "done refused" || d.Count(d.Zonneveld, event.DelegationAmended) != 1 {
			t.Errorf("%+v", got)
		}
		revoke := `{` + some(`{"id":"`+mine.ID+`"}`, `{"id":"`+other.ID+`"}`) + `}`
		d.call("/v1/delegations/revoke", token, revoke, http.StatusOK, &got, "Idempotency-Key", "out")
		again := d.call("/v1/delegations/revoke", token, revoke, http.StatusOK, &got, "Idempotency-Key", "out")
		if got.outcomes() != "done done" || again.Header.Get("Idempotency-Replayed") != "true" || d.Count(d.Zonneveld, event.DelegationRevoked) != 2 {
			t.Errorf("%+v", got)
		}
		d.call("/v1/delegations/revoke", token, revoke, http.StatusOK, &got)
		if got.outcomes() != "refused refused" {
			t.Errorf("%+v", got)
		}
		d.ask("/v1/delegations/"+foreign.ID, token, http.StatusNotFound, nil)
		if d.Count(d.Production, event.DelegationExtended)+d.Count(d.Production, event.DelegationRevoked) != 0 {
			t.Error("another organization's was changed")
		}
	})
}

func TestSeveralDelegationsAreNarrowedEachByItself(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		_, reader := d.ofOrganization("karin", feed.ReadDelegations)
		mine, foreign := d.Delegate("karin", "sanne", delegation.Week), d.Delegate("marieke", "sanne", delegation.Week)
		const at = "/v1/delegations/narrow"
		body := `{` + some(named(mine), named(foreign)) + `,"later_applications":true`
		d.call(at, reader, body+`}`, http.StatusForbidden, nil)
		for _, wrong := range []string{`{` + some(named(mine)) + `}`, `{` + some(named(mine)) + `,"roles":["rol_unknown"]}`, `{` + some(named(mine)) + `,"applications":["app_unknown"]}`,
			`{` + some(named(mine)) + `,"roles":["rol_member"]}`, `{"later_applications":true}`, body + `,"period":"1d"}`} {
			d.call(at, token, wrong, http.StatusUnprocessableEntity, nil)
		}
		var got several
		d.call(at, token, body+`}`, http.StatusOK, &got)
		if got.outcomes() != "refused refused" || *got.Data[0].Detail == *got.Data[1].Detail { // it would give nothing any more
			t.Errorf("%+v", got)
		}
		_, opener := d.ofOrganization("karin", feed.WriteApplications)
		d.call("/v1/applications/"+d.registered().ID+"/enable", opener, "", http.StatusOK, nil)
		for range 2 {
			d.call(at, token, body+`}`, http.StatusOK, &got, "Idempotency-Key", "less")
			if got.outcomes() != "done refused" || d.Count(d.Zonneveld, event.DelegationAmended) != 1 {
				t.Errorf("%+v", got)
			}
		}
		if d.Count(d.Production, event.DelegationAmended) != 0 {
			t.Error("another organization's was narrowed")
		}
	})
}

func TestSeveralExtensionsWaitForAnotherSuperuser(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		given := d.Delegate("karin", "sanne", delegation.Week)
		d.approving(d.Zonneveld)
		body := `{` + some(named(given)) + `,"period":"1m"}`
		for range 2 {
			var got several
			d.call("/v1/delegations/extend", token, body, http.StatusOK, &got, "Idempotency-Key", "k")
			if got.outcomes() != "waiting" || d.Count(d.Zonneveld, event.DelegationExtended) != 0 {
				t.Errorf("%+v", got)
			}
		}
	})
}

func TestAKeyOfSeveralUsedAtTheSameTimeChangesEachOnce(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		body := `{` + some(named(d.Delegate("karin", "sanne", delegation.Week)), named(d.Delegate("karin", "thomas", delegation.Week))) + `}`
		var all sync.WaitGroup
		said := make([]string, 4)
		for i := range said {
			all.Go(func() {
				said[i] = d.Call(http.MethodPost, "/v1/delegations/revoke", token, body, "Idempotency-Key", "at-once").Body
			})
		}
		all.Wait()
		for _, one := range said {
			if strings.Count(one, `"done"`) != 2 {
				t.Errorf("answers %s", one)
			}
		}
		if n := d.Count(d.Zonneveld, event.DelegationRevoked); n != 2 {
			t.Errorf("%d revoked", n)
		}
	})
}
