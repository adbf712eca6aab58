package api_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/mail"
)

// put is call for what is put in the place of something.
func (d desk) put(path, token, body string, want int, into any, headers ...string) webtest.Answer {
	d.t.Helper()
	answer := d.Call(http.MethodPut, path, token, body, headers...)
	if answer.Code != want {
		d.t.Fatalf("%s answers %d, want %d:\n%s", path, answer.Code, want, answer.Body)
	}
	d.held(idInPath.ReplaceAllString(path, "/{id}"), "put", answer, into)
	return answer
}

// asks is what tests read of what is asked of visitors.
type asks struct {
	Approval     bool
	SecondFactor bool `json:"second_factor"`
	LongestDays  int  `json:"longest_days"`
	Networks     []string
	Notify       string
}

// strict is a whole policy, and lax one that asks nothing.
const (
	strict = `"approval":true,"longest_days":30,"ticket_required":true,"second_factor":false,"sign_in_minutes":60,"own_sign_on":false,"networks":["192.0.2.9","2001:db8::1/32"],"mail_needed":true,"notify":"digest"`
	lax    = `"approval":false,"longest_days":0,"ticket_required":false,"second_factor":false,"sign_in_minutes":0,"own_sign_on":false,"networks":[],"mail_needed":false,"notify":"digest"`
)

func TestAPolicyIsReadAndPutByAMachine(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, writer := d.ofOrganization("karin", feed.WritePolicies)
		_, reader := d.ofOrganization("karin", feed.ReadPolicies)
		_, other := d.ofOrganization("karin", feed.WriteDelegations, feed.WriteVisits)
		_, foreign := d.ofOrganization("marieke", feed.WritePolicies)
		const path = "/v1/visitor-policy"
		var now asks
		d.ask(path, reader, http.StatusOK, &now)
		if now.Approval || now.Notify != "at_once" || len(now.Networks) != 0 {
			t.Errorf("%+v", now)
		}
		d.put(path, writer, "{"+strict+"}", http.StatusOK, &now, "Idempotency-Key", "strict")
		d.put(path, writer, "{"+strict+"}", http.StatusOK, &now, "Idempotency-Key", "strict")
		if !now.Approval || now.LongestDays != 30 || strings.Join(now.Networks, " ") != "192.0.2.9/32 2001:db8::/32" || d.Count(d.Zonneveld, event.OrganizationChanged) != 1 {
			t.Errorf("%+v", now)
		}
		if n := len(d.Mails(mail.LoosenedKind)); n != 0 {
			t.Errorf("to be stricter is told by %d mails", n)
		}
		d.ask(path, foreign, http.StatusOK, &now)
		if now.Approval {
			t.Error("another organization has it too")
		}
		var what struct {
			Loosens []string
			After   asks
		}
		d.call(path+"/compare", reader, "{"+lax+"}", http.StatusOK, &what)
		if strings.Join(what.Loosens, " ") != "approval cap sign_in networks mail" || what.After.Approval {
			t.Errorf("%+v", what)
		}
		if n := d.Count(d.Zonneveld, event.OrganizationChanged); n != 1 {
			t.Errorf("to compare changed it: %d", n)
		}
		d.put(path, writer, "{"+lax+"}", http.StatusOK, &now)
		told := d.Mails(mail.LoosenedKind) // whatever was chosen about mails
		if len(told) != 1 || told[0].AccountID != d.ID("pim") {
			t.Errorf("told are %+v", told)
		}
		for _, wrong := range []string{`{}`, `{"approval":true}`, "{" + strings.Replace(strict, `"192.0.2.9"`, `"192.0.2.0/40"`, 1) + "}", "{" + strings.Replace(strict, ":30", ":-1", 1) + "}",
			"{" + strings.Replace(strict, "digest", "muted", 1) + "}", "{" + strict + `,"more":1}`} {
			d.put(path, writer, wrong, http.StatusUnprocessableEntity, nil)
			d.call(path+"/compare", reader, wrong, http.StatusUnprocessableEntity, nil)
		}
		d.put(path, reader, "{"+lax+"}", http.StatusForbidden, nil)
		d.put(path, other, "{"+lax+"}", http.StatusForbidden, nil)
		d.ask(path, other, http.StatusForbidden, nil)
		d.put(path, "", "{"+lax+"}", http.StatusUnauthorized, nil)
		by, err := d.feed.Actor(d.Ctx, reader, feed.ReadPolicies, "") // also past the handler
		if err != nil {
			t.Fatal(err)
		}
		h, err := d.Members.Hosting(d.Ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		d.Wants(d.Members.SetHosting(d.Ctx, by, h), models.Forbidden, "error.forbidden")
	})
}

// Who would have to wait is told first, as on the screen.
func TestAPolicyThatKeepsVisitorsWaitingIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, token := d.ofOrganization("karin", feed.WritePolicies)
		d.Delegate("karin", "sanne", delegation.Week)
		d.Switch("sanne", d.Zonneveld)
		asking := strings.Replace(lax, `"second_factor":false`, `"second_factor":true`, 1)
		var what struct {
			Waiting []struct {
				Account string `json:"account_id"`
				Needs   []string
			}
		}
		d.call("/v1/visitor-policy/compare", token, "{"+asking+"}", http.StatusOK, &what)
		if len(what.Waiting) != 1 || what.Waiting[0].Account != d.ID("sanne") || strings.Join(what.Waiting[0].Needs, " ") != "second_factor" {
			t.Errorf("%+v", what)
		}
		d.put("/v1/visitor-policy", token, "{"+asking+"}", http.StatusConflict, nil)
		var now asks
		d.ask("/v1/visitor-policy", token, http.StatusOK, &now)
		if now.SecondFactor {
			t.Error("it is saved all the same")
		}
		d.put("/v1/visitor-policy", token, "{"+asking+`,"confirm":true}`, http.StatusOK, &now)
		if !now.SecondFactor {
			t.Error("it is not saved")
		}
	})
}

// A token is for no more than its maker may do: a role that gives delegations sets
// no policy.
func TestWhoMayNotSetThePolicyHasNoTokenThatDoes(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Join("dora", "Dora Deler", "dora@zonneveld.example", d.Zonneveld, d.giver())
		_, token := d.ofOrganization("dora", feed.WritePolicies)
		d.ask("/v1/visitor-policy", token, http.StatusForbidden, nil)
		d.call("/v1/visitor-policy/compare", token, "{"+lax+"}", http.StatusForbidden, nil)
		d.put("/v1/visitor-policy", token, "{"+lax+"}", http.StatusForbidden, nil)
	})
}
