package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/usage"
)

// An application that signs with a key cannot report use by a secret: it does so by a
// token of its own, which opens nothing else.
func TestATokenOfAnApplicationsOwnReportsUseAndOpensNothingElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		d := h.desk()
		shown, err := h.Clients.Authenticate(h.Ctx, d.app, d.secret)
		h.must(err)
		token, _, err := h.OpenID.GiveOwn(h.Ctx, shown, nil)
		h.must(err)
		_, err = h.domain.Usage.NewMeter(h.Ctx, h.Actor("karin"), usage.OfPlatform, usage.MeterDraft{Application: d.app, Key: "page", Name: "Pages", Unit: "page"})
		h.must(err)
		send := func(method, path, as, kind, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, address+path, strings.NewReader(body))
			r.Header.Set("Authorization", as)
			r.Header.Set("Content-Type", kind)
			got := httptest.NewRecorder()
			h.handler.ServeHTTP(got, r)
			return got
		}
		page := func(id string) string {
			return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/apps/board","type":"locum.usage.page.v1","time":%q,"subject":%q,"data":{"quantity":"1","unit":"page"}}`,
				id, h.Now().Format(time.RFC3339), h.Zonneveld.Organization)
		}
		if got := send("POST", "/v1/usage", "Bearer "+token, usage.SingleType, page("1")); got.Code != http.StatusAccepted || !strings.Contains(got.Body.String(), `"accepted"`) {
			t.Errorf("answered %d %s", got.Code, got.Body)
		}
		h.Advance(time.Minute)
		if got := send("POST", "/v1/usage", "bearer "+token, usage.SingleType, page("2")); got.Code != http.StatusAccepted {
			t.Errorf("again: %d %s", got.Code, got.Body)
		}
		// It is nobody's: nothing of a person's opens by it.
		for _, path := range []string{"GET /v1/visits", "GET /v1/delegations", "GET /v1/applications", "GET /v1/secrets", "GET /v1/events", "GET /v1/state", "GET /oauth/userinfo", "GET /scim/v2/Users"} {
			method, to, _ := strings.Cut(path, " ")
			if got := send(method, to, "Bearer "+token, "", ""); got.Code != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", path, got.Code, got.Body)
			}
		}
		at := d.serve(t, h.domain)
		if got := d.verification(t, at, token); got != "" {
			t.Errorf("a proxy is told of somebody in %s", got)
		}
		h.must(h.Clients.Disable(h.Ctx, h.Actor("karin"), d.app))
		if got := send("POST", "/v1/usage", "Bearer "+token, usage.SingleType, page("3")); got.Code != http.StatusUnauthorized {
			t.Errorf("once the application is disabled: %d %s", got.Code, got.Body)
		}
		for _, none := range []string{"Bearer ", "Bearer loc_guess", "Bearer " + d.secret, "Basic " + token, "Token " + token} {
			if got := send("POST", "/v1/usage", none, usage.SingleType, page("4")); got.Code != http.StatusUnauthorized {
				t.Errorf("%q: %d %s", none, got.Code, got.Body)
			}
		}
		if _, _, err := h.OpenID.GiveOwn(h.Ctx, client.Shown{}, []string{openid.WriteUsage}); models.KindOf(err) != models.Unauthenticated {
			t.Errorf("nobody got one: %v", err)
		}
	})
}
