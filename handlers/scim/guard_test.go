package scim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"locum/models/modelstest"
)

func TestAnAddressThatFailsToProveItselfIsSlowedDown(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := limitedHub(t, w, 5)
		h.wants(200, "GET", "/Users", "")
		for range 5 {
			h.wants(401, "GET", "/Users", "", "Authorization", "Bearer scim_nobody")
		}
		if got := h.wants(http.StatusTooManyRequests, "GET", "/Users", "", "Authorization", "Bearer scim_else"); got.Header.Get("Retry-After") != "60" || got.at("status") != "429" {
			t.Errorf("%v %s", got.Header, got.Text)
		}
		h.wants(http.StatusTooManyRequests, "GET", "/Users", "", "Authorization", "")
		for range 20 { // whose token is right is not kept out by others at the same address
			h.wants(200, "GET", "/Users", "")
		}
		list, err := h.directories.Tokens(h.Ctx, h.Actor("marieke"), h.directory.ID)
		h.must(err)
		h.must(h.directories.RevokeToken(h.Ctx, h.Actor("marieke"), h.directory.ID, list[0].ID))
		h.wants(401, "GET", "/Users", "")
		h.wants(http.StatusTooManyRequests, "GET", "/Users", "") // and now it is one that is none
	})
}

// endless is a body that counts how much of it was read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 50<<20 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// 50 MB are not read of anybody: of a stranger nothing, of a client what one
// request may bring.
func TestALargeBodyIsNotReadWhole(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		for token, want := range map[string]struct{ code, most int }{"scim_nobody": {401, 0}, h.token: {413, 9 << 20}} {
			body := &endless{}
			r := httptest.NewRequest("POST", "/scim/v2/Users", body)
			r.Host = "127.0.0.1:8080"
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/scim+json")
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			if w.Code != want.code || body.read > want.most {
				t.Errorf("%d instead of %d after %d bytes: %s", w.Code, want.code, body.read, w.Body)
			}
		}
	})
}
