package api_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/models/event"
	"locum/models/feed"
	"locum/models/mail"
)

type kept struct {
	ID, Name, Kind, Value string
	Version               int
}

func TestAMachineUsesSecretsWithItsScopesAlone(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		_, writer := d.ofOrganization("karin", feed.WriteSecrets)
		_, user := d.ofOrganization("karin", feed.UseSecrets)
		_, reader := d.ofOrganization("karin", feed.ReadSecrets)
		_, foreign := d.ofOrganization("marieke", feed.OrganizationScopes...)
		var made, again kept
		body := `{"name":"Till token","kind":"token","value":"tok-canary","expires_on":"2027-01-31"}`
		answer := d.call("/v1/secrets", writer, body, http.StatusCreated, &made, "Idempotency-Key", "k1")
		if strings.Contains(answer.Body, "tok-canary") || answer.Header.Get("Location") != "/v1/secrets/"+made.ID {
			t.Errorf("%s %s", answer.Header.Get("Location"), answer.Body)
		}
		d.call("/v1/secrets", writer, body, http.StatusCreated, &again, "Idempotency-Key", "k1")
		if again.ID != made.ID {
			t.Error("asked again under the same key, another one is made")
		}
		d.call("/v1/secrets", writer, strings.Replace(body, "Till", "Other", 1), http.StatusUnprocessableEntity, nil, "Idempotency-Key", "k1")
		d.call("/v1/secrets", writer, `{"name":"Till token","kind":"token","value":"x"}`, http.StatusUnprocessableEntity, nil)
		d.call("/v1/secrets", reader, body, http.StatusForbidden, nil)

		path := "/v1/secrets/" + made.ID
		d.call(path+"/reveal", writer, `{}`, http.StatusForbidden, nil)
		d.call(path+"/reveal", reader, `{}`, http.StatusForbidden, nil)
		d.call(path+"/reveal", foreign, `{}`, http.StatusNotFound, nil)
		var got kept
		shown := d.call(path+"/reveal", user, "", http.StatusOK, &got)
		if got.Value != "tok-canary" || shown.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%+v %v", got, shown.Header)
		}
		d.call(path+"/replace", writer, `{"version":1,"value":"tok-second","expires_on":"2027-02-28"}`, http.StatusOK, &made)
		d.call(path+"/replace", writer, `{"version":1,"value":"tok-third","expires_on":"2027-02-28"}`, http.StatusConflict, nil)
		d.call(path+"/reveal", user, `{"version":1}`, http.StatusOK, &got)
		if got.Value != "tok-canary" || made.Version != 2 {
			t.Errorf("%+v %+v", got, made)
		}
		d.call(path+"/reveal", user, `{"version":9}`, http.StatusNotFound, nil)
		if n := d.Count(d.Zonneveld, event.SecretUsed); n != 2 {
			t.Errorf("%d uses are recorded, and there were two", n)
		}
		if n := len(d.Mails(mail.SecretGivenKind)); n != 2 {
			t.Errorf("%d mails: two superusers are told of the first use on a day", n)
		}
		var page struct{ Data []kept }
		list := d.ask("/v1/secrets?limit=10", reader, http.StatusOK, &page)
		if len(page.Data) != 1 || strings.Contains(list.Body, "tok-") {
			t.Errorf("%s", list.Body)
		}
		d.ask(path, user, http.StatusOK, &made)
		d.ask(path, foreign, http.StatusNotFound, nil)
		d.call(path+"/remove", writer, "", http.StatusOK, nil, "Idempotency-Key", "k2")
		d.call(path+"/remove", writer, "", http.StatusOK, nil, "Idempotency-Key", "k2")
		d.ask(path, user, http.StatusNotFound, nil)
	})
}
