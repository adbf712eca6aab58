package oidc_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"locum/handlers/webtest"
	"locum/models/client"
)

// node is testdata/relying.mjs: an application that stands on openid-client.
type node struct{ *webtest.Node }

func newNode(t *testing.T, kind client.Kind) node {
	t.Helper()
	return node{webtest.RunNode(t, "openid-client", "nobody signs in through a client that is not of Go", "testdata/relying.mjs", string(kind))}
}

// hears reads what it says.
func (n node) hears(into any) {
	n.T.Helper()
	if err := json.Unmarshal([]byte(n.Line()), into); err != nil {
		n.T.Fatal(err)
	}
}

func (n node) tells(line map[string]string) {
	n.T.Helper()
	text, err := json.Marshal(line)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Tell(string(text))
}

// A client that is written in another language signs in, in each of the three ways
// in which a client can show that it is the one.
func TestAClientOfNodeSignsInAndAsks(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.Advance(time.Since(h.Now())) // it has a clock of its own
		h.NewSession("karin")
		h.NewSession("ria")
		for _, kind := range client.Kinds {
			t.Run(string(kind), func(t *testing.T) {
				n := newNode(t, kind)
				var own struct {
					JWKS json.RawMessage `json:"jwks"`
				}
				n.hears(&own)
				draft := client.Draft{Kind: kind, RedirectURIs: callback}
				if kind == client.ByKey {
					draft.JWKS = string(own.JWKS)
				}
				app, secret := h.register("node"+string(kind), draft), ""
				if kind == client.BySecret {
					_, text, err := h.Clients.AddSecret(h.Ctx, h.Actor("karin"), app.ID)
					h.must(err)
					secret = text
				}
				n.tells(map[string]string{"issuer": h.server.URL, "id": app.ID, "secret": secret, "callback": callback})
				var sent struct{ URL string }
				n.hears(&sent)
				back := h.browser(h.Token("ria")).get(sent.URL)
				h.answered(back)
				n.tells(map[string]string{"at": back.location})
				var got struct {
					Claims, Person, Now, After map[string]any
					Refreshed                  bool
					Bye                        string
				}
				n.hears(&got)
				if got.Claims["sub"] != h.ID("ria") || got.Claims["org_id"] != h.Zonneveld.Organization || got.Person["email"] != "ria@zonneveld.example" || !got.Refreshed ||
					!strings.HasPrefix(got.Bye, h.server.URL+"/oauth/logout?") {
					t.Errorf("it learns %+v", got)
				}
				if kind == client.Public {
					return
				}
				if got.Now["active"] != true || got.Now["org_id"] != h.Zonneveld.Organization || got.Now["ctx_epoch"] == nil {
					t.Errorf("introspection says %v", got.Now)
				}
				if got.After["active"] != false || len(got.After) != 1 {
					t.Errorf("once it gave its tokens back: %v", got.After)
				}
			})
		}
	})
}
