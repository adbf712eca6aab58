package api_test

import (
	"net/http"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

// heard is what tests read of how a delegation is heard of.
type heard struct {
	Mode, Effective, Fallback string
	Until                     *time.Time `json:"muted_until"`
	Watchers                  []struct{ Mode string }
}

func TestMailsAreChosenByAMachineDownToTheFloor(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, karin := d.ofOrganization("karin", feed.WriteDelegations)
		_, pim := d.ofOrganization("pim", feed.WriteDelegations)
		_, reader := d.ofOrganization("karin", feed.ReadDelegations)
		_, visits := d.ofOrganization("karin", feed.WriteVisits)
		_, foreign := d.ofOrganization("marieke", feed.WriteDelegations)
		given := d.Delegate("karin", "sanne", delegation.Month)
		path := "/v1/delegations/" + given.ID + "/mails"
		var now heard
		d.ask(path, reader, http.StatusOK, &now)
		if now.Mode != "default" || now.Effective != "at_once" || len(now.Watchers) != 2 {
			t.Errorf("%+v", now)
		}
		d.put(path, karin, `{"mode":"muted","days":7}`, http.StatusOK, &now, "Idempotency-Key", "quiet")
		d.put(path, karin, `{"mode":"muted","days":7}`, http.StatusOK, &now, "Idempotency-Key", "quiet")
		if now.Mode != "muted" || now.Until == nil || d.Count(d.Zonneveld, event.DelegationWatchChanged) != 1 {
			t.Errorf("%+v", now)
		}
		d.put(path, pim, `{"mode":"muted","days":7}`, http.StatusConflict, nil) // nobody else would hear of it
		d.put("/v1/delegation-mails", pim, `{"mode":"per_visit"}`, http.StatusConflict, nil)
		d.put(path, karin, `{"mode":"default"}`, http.StatusOK, &now)
		if now.Mode != "default" || now.Effective != "at_once" {
			t.Errorf("%+v", now)
		}
		for _, wrong := range []string{`{}`, `{"mode":""}`, `{"mode":"never"}`, `{"mode":"muted"}`, `{"mode":"muted","days":31}`, `{"mode":"digest","more":1}`} {
			d.put(path, karin, wrong, http.StatusUnprocessableEntity, nil)
		}
		d.put(path, reader, `{"mode":"digest"}`, http.StatusForbidden, nil)
		d.ask(path, visits, http.StatusForbidden, nil)
		answer := d.put(path, foreign, `{"mode":"digest"}`, http.StatusNotFound, nil)
		unknown := d.put("/v1/delegations/dlg_unknown/mails", foreign, `{"mode":"digest"}`, http.StatusNotFound, nil)
		if cut(answer.Body) != cut(unknown.Body) {
			t.Errorf("%s\n%s", answer.Body, unknown.Body)
		}
		d.ask(path, foreign, http.StatusNotFound, nil)
	})
}

func TestADefaultOfMailsIsItsOwners(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, karin := d.ofOrganization("karin", feed.WriteDelegations)
		_, pim := d.ofOrganization("pim", feed.WriteDelegations)
		_, reader := d.ofOrganization("karin", feed.ReadDelegations)
		var now struct{ Mode, Organization string }
		d.put("/v1/delegation-mails", karin, `{"mode":"digest"}`, http.StatusOK, &now, "Idempotency-Key", "d")
		d.put("/v1/delegation-mails", karin, `{"mode":"digest"}`, http.StatusOK, &now, "Idempotency-Key", "d")
		if now.Mode != "digest" || now.Organization != "at_once" || d.Count(d.Zonneveld, event.WatchDefaultChanged) != 1 {
			t.Errorf("%+v", now)
		}
		d.ask("/v1/delegation-mails", pim, http.StatusOK, &now)
		if now.Mode != "default" {
			t.Errorf("another has it too: %+v", now)
		}
		d.put("/v1/delegation-mails", reader, `{"mode":"digest"}`, http.StatusForbidden, nil)
		for _, wrong := range []string{`{}`, `{"mode":"muted"}`, `{"mode":"x"}`} {
			d.put("/v1/delegation-mails", karin, wrong, http.StatusUnprocessableEntity, nil)
		}
		d.put("/v1/delegation-mails", karin, `{"mode":"default"}`, http.StatusOK, &now)
		if now.Mode != "default" {
			t.Errorf("%+v", now)
		}
	})
}

func TestARequestLinkIsMadeRenewedAndRemovedByAMachine(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		_, reader := d.ofOrganization("karin", feed.ReadDelegations)
		_, visits := d.ofOrganization("karin", feed.WriteVisits)
		_, foreign := d.ofOrganization("marieke", feed.WriteDelegations)
		type way struct {
			On      bool
			Address *string
		}
		var off, first, again, second way
		d.ask("/v1/request-link", reader, http.StatusOK, &off)
		d.call("/v1/request-link", token, "", http.StatusOK, &first, "Idempotency-Key", "on")
		d.call("/v1/request-link", token, "", http.StatusOK, &again, "Idempotency-Key", "on")
		d.call("/v1/request-link", token, "", http.StatusOK, &second)
		if off.On || off.Address != nil || !first.On || *first.Address != *again.Address || *first.Address == *second.Address {
			t.Errorf("%+v %+v %+v %+v", off, first, again, second)
		}
		d.ask("/v1/request-link", foreign, http.StatusOK, &off)
		if off.On {
			t.Error("another organization has it too")
		}
		d.call("/v1/request-link/remove", foreign, "", http.StatusOK, nil)
		d.ask("/v1/request-link", reader, http.StatusOK, &again)
		if !again.On {
			t.Error("another organization switched it off")
		}
		d.call("/v1/request-link", reader, "", http.StatusForbidden, nil)
		d.call("/v1/request-link/remove", reader, "", http.StatusForbidden, nil)
		d.ask("/v1/request-link", visits, http.StatusForbidden, nil)
		d.call("/v1/request-link/remove", token, "", http.StatusOK, &off)
		d.call("/v1/request-link/remove", token, "", http.StatusOK, &off)
		if off.On || d.Count(d.Zonneveld, event.RequestLinkRemoved) != 1 || d.Count(d.Zonneveld, event.RequestLinkMade) != 2 {
			t.Errorf("%+v", off)
		}
	})
}
